"""The twelve pairs: each official SDK on a model of each upstream protocol."""

from collections.abc import Iterator

import pytest

from live import Gateway
from sdk.pairs.anthropic_sdk import Messages
from sdk.pairs.google_sdk import Google
from sdk.pairs.openai_sdks import Chat, Responses
from sdk.pairs.speaking import UPSTREAMS, Sdk

SDKS = {sdk.name: sdk for sdk in (Chat, Responses, Messages, Google)}


@pytest.fixture(scope="session", params=sorted(SDKS))
def sdk(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Sdk]:
    """An official SDK, pointed at the gateway."""
    sdk = SDKS[request.param](gateway.url, gateway.key)
    yield sdk
    sdk.close()


@pytest.fixture(params=sorted(UPSTREAMS))
def upstream(request: pytest.FixtureRequest) -> str:
    """The protocol that the model speaks."""
    name: str = request.param
    return name


@pytest.fixture
def model(upstream: str) -> str:
    """A model that speaks only that protocol."""
    return UPSTREAMS[upstream]


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def is_stream(request: pytest.FixtureRequest) -> bool:
    """Whether the answer is streamed."""
    return bool(request.param)
