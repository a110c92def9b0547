"""Every statement that changes the ledger. Each takes a connection or an engine; none knows who asked."""
