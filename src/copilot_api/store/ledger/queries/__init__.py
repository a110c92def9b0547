"""What can be asked of the ledger. Each question takes a connection, so that `Book.ask` runs it on one snapshot."""
