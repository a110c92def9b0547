"""copilot-api: one local server between your tools and your GitHub Copilot subscription."""

from importlib.metadata import version

__version__ = version("copilot-api-gateway")
