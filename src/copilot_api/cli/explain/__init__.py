"""`copilot-api explain TRACE_ID`: why one request went as it did."""

from copilot_api.cli.explain.explaining import explain

__all__ = ["explain"]
