"""The upstream: everything that is Copilot or GitHub and not a protocol.

Must never know what our clients speak nor who they are. Source for all of it: upstream contract (read
2026-11).
"""
