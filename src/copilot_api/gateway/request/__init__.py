"""The way there: from a client's call to what goes upstream."""
