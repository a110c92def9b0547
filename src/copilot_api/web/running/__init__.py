"""Running the server: the composition root, the background work, the log, the way up and the way down."""

import importlib

importlib.import_module("copilot_api.store")  # before all else: structlog is to be imported there first
