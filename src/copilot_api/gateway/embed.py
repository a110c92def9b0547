"""Embeddings, which Google's clients ask for and get in Google's words.

peek (read Google's body, write OpenAI's) -> plan -> shape -> send -> relay (and back)
"""

from typing import cast

import msgspec

from copilot_api.copilot.client import UpstreamReply
from copilot_api.errors import MalformedRequest, UpstreamProtocolError
from copilot_api.gateway.exchange import Exchange
from copilot_api.gateway.reply.outlet import Outlet
from copilot_api.gateway.reply.relay import NativeRelay, Open, Relay, relay_whole
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.plan import Plan
from copilot_api.gateway.sweep import Watch
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.protocols.base import RequestPeek
from copilot_api.protocols.gemini import read_embeddings, write_embeddings
from copilot_api.wire.reading import read_json


class EmbedExchange(Exchange):
    """One embeddings request, of either family."""

    __slots__ = ("_losses",)

    _losses: tuple[Loss, ...]

    def _peek(self) -> RequestPeek:
        call = self.call
        self._losses = ()
        if _is_google(call):
            asked = read_embeddings(str(call.from_url["model"]), _document(call.body))
            call.body, self._losses = msgspec.json.encode(asked.document), asked.losses
        return call.route.peek(call.body)

    async def _plan(self, peek: RequestPeek) -> Plan:
        chosen = await super()._plan(peek)
        if not _is_google(self.call):
            return chosen
        self.record.upstream = "chat"
        self._judge(self._losses, chosen)
        return msgspec.structs.replace(chosen, upstream="chat")

    def _new_relay(self, chosen: Plan, peek: RequestPeek) -> Relay:
        if _is_google(self.call):
            return _GoogleRelay(chosen, self.call, self._losses)
        return super()._new_relay(chosen, peek)


class _GoogleRelay(NativeRelay):
    """OpenAI's vectors in Google's words."""

    def __init__(self, chosen: Plan, call: Call, losses: tuple[Loss, ...]) -> None:
        super().__init__(chosen, call, is_stream=False)
        self.mode = "translated"
        self.losses = losses
        self._is_batch = call.path.endswith(":batchEmbedContents")

    async def pump(self, reply: UpstreamReply, outlet: Outlet, watch: Watch, open_outlet: Open) -> None:
        del watch
        try:
            document = _document(await relay_whole(reply, self._tap, self._repair))
        except MalformedRequest as error:
            raise UpstreamProtocolError("The upstream sent embeddings that are no JSON object.") from error
        body = msgspec.json.encode(write_embeddings(document, is_batch=self._is_batch))
        await open_outlet(len(body))
        await outlet.finish(body)


def _is_google(call: Call) -> bool:
    return call.route.protocol.name == "gemini"


def _document(body: bytes) -> JsonObject:
    document = read_json(body)
    if not isinstance(document, dict):
        raise MalformedRequest("The request body must be a JSON object.")
    return cast(JsonObject, document)
