"""The edge: the only rooms that speak HTTP to clients and that compose the others."""
