"""What an operator's settings add to a request before it is shaped. Pure."""

from copilot_api.gateway.request.custom import effort, prompt
from copilot_api.gateway.request.plan import Plan
from copilot_api.neutral.request import ModelRequest
from copilot_api.settings import Settings
from copilot_api.wire.body import Body


def tailored(
    begin: bytes, plan: Plan, asked: str, settings: Settings, request: ModelRequest | None
) -> tuple[bytes, list[str]]:
    """A request in the upstream's words with what its model is configured to get, and the names of what was added.

    `asked` is the name that the client used; `request` is the request as read, where it was translated. The bytes
    come back as they were where nothing is configured.
    Raises: MalformedRequest when the body is not a JSON object.
    """
    operation = plan.route.operation
    if operation == "embeddings":
        return begin, []
    text = prompt.prompt_for(settings, plan.model.id, asked)
    wanted = effort.effort_for(settings, plan.model, asked) if operation == "inference" else None
    if not text and wanted is None:
        return begin, []
    body = Body(begin)
    added: list[str] = []
    if text:
        prompt.add_prompt(plan.upstream, body, text)
        added.append(prompt.NAME)
    if wanted is not None:
        is_said = effort.is_said_natively(plan.upstream, body) if request is None else effort.is_said(request)
        if not is_said:
            effort.set_effort(plan.upstream, body, wanted)
            added.append(effort.NAME)
    return body.encode(), added
