"""Bytes: sans-I/O framing and body editing. Feed in, take out; never await."""
