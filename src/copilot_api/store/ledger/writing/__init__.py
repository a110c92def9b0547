"""Every statement that changes the ledger. Each takes a page, or the pen that opens one; none knows who asked."""
