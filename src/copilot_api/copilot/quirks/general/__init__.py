"""Repairs that several routes share."""
