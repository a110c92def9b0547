"""Neutral to wire: what is asked of a Responses upstream and what Responses clients are answered."""
