"""What the operator sees and may do."""
