"""`/embeddings`: an array of strings in, small deterministic vectors out.

Source: upstream contract §2.7.
"""

from aiohttp import web

from copilot_api.simulator import refusals
from copilot_api.simulator.blobs import digest
from copilot_api.simulator.routes.gate import admit, base_headers, seat_of
from copilot_api.simulator.routes.inference import read_body
from copilot_api.simulator.rules.admission import check_model
from copilot_api.simulator.shapes import Json, as_int, as_list, as_text, decode_object, encode
from copilot_api.simulator.world.ledger import Cost, Usage
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Simulator

_DIMENSIONS = 8
_MAX_DIMENSIONS = 1536
"""Of text-embedding-3-small. Source: OpenAI API reference, embeddings (read 2026-11)."""


def _inputs(value: object, limit: int) -> list[str]:
    given = as_list(value)
    texts = [item for item in given if isinstance(item, str)]
    if not texts or len(texts) != len(given) or len(texts) > limit:
        raise refusals.named("400-bad-request-text")
    return texts


def _size(value: object) -> int:
    """How long each vector is to be."""
    size = _DIMENSIONS if value is None else as_int(value)
    if not 1 <= size <= _MAX_DIMENSIONS:
        raise refusals.named("400-bad-request-text")
    return size


def _vector(text: str, dimensions: int) -> list[float]:
    hashed = digest("embedding", text)
    return [(hashed[number % 32] - 128) / 1024 for number in range(dimensions)]


async def embeddings(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /embeddings`: scalars and token arrays get `400 Bad Request`, as upstream."""
    caller = admit(simulator, request, seat_of(request))
    body = decode_object(await read_body(simulator, request, entry))
    if body is None:
        raise refusals.named("400-bad-request-text")
    model = check_model(simulator.catalogue, caller.account, as_text(body.get("model")), "/embeddings")
    texts = _inputs(body.get("input"), model.max_inputs)
    dimensions = _size(body.get("dimensions"))
    tokens = sum(max(1, (len(text) + 3) // 4) for text in texts)
    data: list[Json] = [
        {"embedding": _vector(text, dimensions), "index": index, "object": "embedding"}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    shown = {"data": data, "model": model.version, "object": "list", "usage": usage}
    simulator.ledger.record(caller.account, model, "/embeddings", Cost(Usage(tokens, 0)), False)
    headers = [*base_headers(request, entry), ("content-type", "application/json")]
    return web.Response(body=encode(shown), headers=headers)
