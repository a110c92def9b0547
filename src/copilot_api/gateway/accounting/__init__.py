"""From records to the ledger: who the client was, what it cost, what was left; and the sink that hands them over."""
