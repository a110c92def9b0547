"""The hub into Messages wire documents: requests for the upstream, answers for our clients."""
