"""The command line: parses arguments, calls the house, prints. Nothing else.

Everything heavy is imported by the command that needs it, so that `copilot-api --help` answers at once.
"""

import sys


def main() -> None:
    """Run `copilot-api` and end the process with its exit code."""
    from copilot_api.cli.app import run

    sys.exit(run())
