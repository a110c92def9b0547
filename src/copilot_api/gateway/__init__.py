"""The line: one request from bytes to bytes. Read exchange.py first."""
