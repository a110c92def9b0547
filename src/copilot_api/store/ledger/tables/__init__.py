"""The tables: what they are, how a ledger comes to them, and how it comes from an older shape."""
