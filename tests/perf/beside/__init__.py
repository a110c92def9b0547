"""What is measured beside the gateway: the stack without it, and a ledger of a year."""
