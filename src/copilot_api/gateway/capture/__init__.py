"""What explains a request: seen as it passes, while the operator has a window open, and put together afterwards."""
