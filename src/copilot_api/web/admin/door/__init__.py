"""The door of the admin: who is in, what a browser may do with our answers, and the ways in and out."""
