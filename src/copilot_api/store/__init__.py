"""Durable state: the configuration file, the vault of sealed tokens, client keys and the admin secret.

Must never know protocols, Copilot or HTTP.
"""
