"""What to write where, for each client, so that it uses this gateway. The page and the command line share it.

Owns the settings of the clients, each checked against the client's own documentation or a recording of it
(2026-11). Only `routes.py` knows the API; the rest must never know who is asking.
"""
