"""One inference request as the rules see it."""

from dataclasses import dataclass

from copilot_api.simulator.shapes import Json
from copilot_api.simulator.world.catalogue import Model


@dataclass(slots=True)
class Question:
    """A decoded body with everything outside it that decides whether it is acceptable."""

    body: Json
    model: Model
    owner: str
    seed: bytes
    backend: str
    betas: tuple[str, ...]
    has_vision_header: bool
    prompt_tokens: int
    is_quota_exhausted: bool
    is_free: bool
    is_counting: bool = False
    is_socket: bool = False
