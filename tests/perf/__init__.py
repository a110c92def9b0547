"""`make bench`: what a request and a streamed event cost, beside nginx doing the same work in the same run."""
