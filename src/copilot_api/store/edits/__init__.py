"""Edits of the configuration's document, each used inside `ConfigFile.update` so that none loses another."""
