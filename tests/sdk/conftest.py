"""One simulator and one gateway for all SDK tests, and the official clients pointed at it.

SDKs retry on their own and so hide a faulty server: clients here do not, unless a test is about retrying.
"""

from collections.abc import AsyncIterator, Iterator

import anthropic
import openai
import pytest
from google import genai

from live import Gateway, Simulator, running_gateway, running_simulator
from sdk.watching import Copilot


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The simulated Copilot."""
    with running_simulator(tmp_path_factory.mktemp("simulator") / "simulator.log") as simulator:
        yield simulator


@pytest.fixture(scope="session")
def gateway(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway process; whatever it answered, nothing may have crashed inside."""
    home = tmp_path_factory.mktemp("gateway") / "home"
    with running_gateway(
        simulator, home, config={"adaptivePause": False}
    ) as gateway:  # or one 429 is all there is
        yield gateway
    assert "exchange.crashed" not in gateway.log(), gateway.log()


@pytest.fixture
def copilot(simulator: Simulator) -> Copilot:
    """The simulated Copilot, as of now."""
    return Copilot(simulator, simulator.count(), len(simulator.billed()))


@pytest.fixture
def openai_client(gateway: Gateway) -> Iterator[openai.OpenAI]:
    """openai-python, synchronous."""
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_openai_client(gateway: Gateway) -> AsyncIterator[openai.AsyncOpenAI]:
    """openai-python, asynchronous."""
    async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture
def anthropic_client(gateway: Gateway) -> Iterator[anthropic.Anthropic]:
    """anthropic-sdk-python, synchronous."""
    with anthropic.Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_anthropic_client(gateway: Gateway) -> AsyncIterator[anthropic.AsyncAnthropic]:
    """anthropic-sdk-python, asynchronous."""
    async with anthropic.AsyncAnthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture
def google_client(gateway: Gateway) -> Iterator[genai.Client]:
    """google-genai."""
    client = genai.Client(api_key=gateway.key, http_options={"base_url": gateway.url})
    yield client
    client.close()
