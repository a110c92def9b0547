"""Every `feed` has a fuzz target, and nothing that can be fed to it breaks what must hold.

`make fuzz` tries much more: `FUZZ_EXAMPLES` is how many examples each target is given.
"""

import importlib
import inspect
import os
import pkgutil
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.fuzz.targets import TARGETS

ROOMS = ["wire", "neutral", "protocols", "grammars", "copilot", "gateway"]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))


def feeds() -> Iterator[type]:
    """Every class between bytes and bytes that has a `feed` of its own."""
    for room in ROOMS:
        package = importlib.import_module(f"copilot_api.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("__main__"):
                continue
            module = importlib.import_module(found.name)
            for one in vars(module).values():
                is_own = inspect.isclass(one) and one.__module__ == module.__name__ and "feed" in vars(one)
                if is_own and not getattr(one, "_is_protocol", False):
                    yield one


def test_every_feed_has_a_target() -> None:
    """Whoever writes one more adds one more."""
    assert set(feeds()) - set(TARGETS) == set()


@pytest.mark.parametrize("fed", TARGETS, ids=lambda fed: fed.__name__)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_nothing_that_is_fed_breaks_it(fed: type, data: st.DataObject) -> None:
    """Recorded streams with frames dropped, doubled, swapped, cut, overwritten and with odd values, and mere noise."""
    TARGETS[fed](data)
