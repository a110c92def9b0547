"""A process of its own that changes a configuration, for the tests of concurrency and sudden death.

`write NAME COUNT` changes it COUNT times. `fork` reads lines: each starts a child that writes until it is
killed, and the next one reaps it; that is much faster than a new interpreter per death.
"""

import os
import sys
from pathlib import Path

import cryptography.hazmat.primitives.ciphers.aead  # noqa: F401 - so that no child pays for it

from copilot_api.store.config_file import ConfigFile
from copilot_api.store.vault import Vault


def _write(directory: Path, name: str, count: int) -> None:
    config = ConfigFile(directory / "config.json", Vault(directory))
    for index in range(count):

        def change(document: dict[str, object], index: int = index) -> None:
            """Add one mapping, and a key that must be sealed now and then."""
            mapping = document.setdefault("modelMapping", {})
            assert isinstance(mapping, dict)
            mapping[f"{name}-{index % 100}"] = f"{index}" * 50
            if index % 3 == 0:
                document["anthropicApiKey"] = f"sk-{name}-{index}"

        config.update(change)
        if index == 0:
            print("begun", flush=True)


def _fork_on_demand(directory: Path) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            print(os.getpid(), flush=True)
            _write(directory, line.strip(), 1_000_000)
        sys.stdin.readline()
        os.waitpid(child, 0)
        print("reaped", flush=True)


if __name__ == "__main__":
    if sys.argv[2] == "fork":
        _fork_on_demand(Path(sys.argv[1]))
    else:
        _write(Path(sys.argv[1]), sys.argv[3], int(sys.argv[4]))
