"""What Copilot refuses in a request body, one module per protocol."""
