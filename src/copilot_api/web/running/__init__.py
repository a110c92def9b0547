"""Running the server: the composition root, the background work, the log, the way up and the way down."""
