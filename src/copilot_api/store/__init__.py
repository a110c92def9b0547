"""Durable state: the configuration file, the vault of sealed tokens, client keys and the admin secret.

Must never know protocols, Copilot or HTTP.

The lowest room that logs, so structlog is imported here first, as if rich and greenlet were not installed. It would
import both to have them at hand (3 MB), for tracebacks that `web/running/logs.py` does not use and threads that
nobody here has.
"""

import importlib
import sys


def _import_without(name: str, *left_out: str) -> None:
    """Import a module that has optional needs, without these; whoever imports them later gets them."""
    missing = [package for package in left_out if package not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]  # None: "there is no such module"
    try:
        importlib.import_module(name)
    finally:
        for package in missing:
            del sys.modules[package]


_import_without("structlog", "rich", "greenlet")
