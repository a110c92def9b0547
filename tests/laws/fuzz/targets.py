"""One target for each `feed` between bytes and bytes: what it is given, and what must hold whatever that was."""

import contextlib
import json
from collections.abc import Callable
from typing import Final, cast

from hypothesis import strategies as st

from copilot_api.copilot.quirks.base import FrameRepair
from copilot_api.copilot.quirks.chat.frames import ChatRepair
from copilot_api.copilot.quirks.embeddings import Base64Repair
from copilot_api.copilot.quirks.general.runaway import RunawayGuard
from copilot_api.copilot.quirks.messages.frames import MessagesRepair
from copilot_api.copilot.quirks.responses.frames import ResponsesRepair
from copilot_api.errors import BodyTooLarge, MalformedRequest, UpstreamProtocolError
from copilot_api.gateway.request.routes import EmbeddingsTap
from copilot_api.grammars import checker_for
from copilot_api.grammars.view import Reading
from copilot_api.neutral.events import Event
from copilot_api.neutral.fold import Folder, fold
from copilot_api.neutral.stops import StopFilter
from copilot_api.protocols.base import ProtocolName, Tap, ToolNames
from copilot_api.protocols.chat.answers.reader import ChatReader
from copilot_api.protocols.chat.answers.writer import ChatWriter
from copilot_api.protocols.chat.tap import ChatTap
from copilot_api.protocols.gemini.writing.framing import JsonArray
from copilot_api.protocols.gemini.writing.scribe import Scribe
from copilot_api.protocols.gemini.writing.stream import StreamWriter
from copilot_api.protocols.messages.reading.stream import MessagesReader
from copilot_api.protocols.messages.tap import MessagesTap
from copilot_api.protocols.messages.writing.stream import MessagesWriter
from copilot_api.protocols.responses.reading.stream import ResponsesReader
from copilot_api.protocols.responses.tap import ResponsesTap
from copilot_api.protocols.responses.writing.stream import ResponsesWriter
from copilot_api.protocols.tools.custom import InputUnwrapper
from copilot_api.protocols.tools.restore import CallRestorer
from copilot_api.protocols.tools.schema import ValueUnwrapper
from copilot_api.wire import inflate
from copilot_api.wire.sse import SseDecoder
from laws.fuzz.damage import NOISE, damaged_bytes, damaged_frames
from laws.hub.pairs import judged, read_events, written
from laws.hub.replies import replies
from laws.legal import faults_of
from unit.quirks.streams import CLAUDE, OTHER

Target = Callable[[st.DataObject], None]
UPSTREAMS: Final = st.sampled_from(["chat", "messages", "responses"])
NAMES: Final = ToolNames(
    back={"f": ("edit", None, "custom"), "get_weather": ("weather", "ns", "function")},
    wrapped=frozenset(["ns__f", "get_weather"]),
)


def must_be_none(faults: list[str]) -> None:
    """Fail with the words of the judge."""
    assert faults == [], faults


def decoder(data: st.DataObject) -> None:
    """Every byte comes out again, in frames and a rest, and says the same in one piece."""
    raw = data.draw(UPSTREAMS.flatmap(damaged_bytes) | st.binary(max_size=80))
    size = data.draw(st.integers(1, 40))
    decoder, whole = SseDecoder(), SseDecoder()
    frames = [frame for at in range(0, len(raw), size) for frame in decoder.feed(raw[at : at + size])]
    assert b"".join(frame.raw for frame in frames) + decoder.finish() == raw
    said = [(frame.event, frame.data) for frame in frames if frame.data or frame.event]
    assert said == [(one.event, one.data) for one in whole.feed(raw) if one.data or one.event]


def layers(data: st.DataObject) -> None:
    """What is no such data is refused, and what inflates stays under the limit."""
    encoding = data.draw(st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip", "zstd, deflate, br"]))
    inflater = inflate.Inflater(encoding, max_bytes=5000)
    inflated = b""
    with contextlib.suppress(BodyTooLarge, MalformedRequest):
        for piece in data.draw(st.lists(st.binary(max_size=60) | st.sampled_from(HEADS), max_size=6)):
            inflated += inflater.feed(piece)
        inflated += inflater.finish()
    assert len(inflated) <= 5000


HEADS: Final = [
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    b"\x78\x9c",
    b"\x28\xb5\x2f\xfd",
    b"\x0b\x02\x80",
]


def tap(protocol: str, new_tap: Callable[[], Tap]) -> Target:
    """It never raises, and what it counted is a number."""

    def check(data: st.DataObject) -> None:
        seen = new_tap()
        for frame in data.draw(damaged_frames(protocol)):
            seen.feed(frame)
            seen.read_reply(frame.data)
        if seen.usage is not None:
            assert isinstance(seen.usage.input_tokens + seen.usage.output_tokens, int)

    return check


def reader(protocol: str) -> Target:
    """Its events are legal, and clients of every other protocol can be told them legally."""

    def check(data: st.DataObject) -> None:
        events = read_events(protocol, data.draw(damaged_bytes(protocol)))
        must_be_none(faults_of(events))
        others = [one for one in ("chat", "messages", "responses", "gemini") if one != protocol]
        ingress = data.draw(st.sampled_from(others))
        must_be_none(judged(ingress, written(ingress, events)[0]))

    return check


def writer(ingress: str) -> Target:
    """Any legal reply is written legally."""

    def check(data: st.DataObject) -> None:
        must_be_none(judged(ingress, written(ingress, data.draw(replies()))[0]))

    return check


def repair(protocol: str, new_repair: Callable[[st.DataObject], FrameRepair]) -> Target:
    """Whole frames come out of whole frames, and nothing is raised but what is documented."""

    def check(data: st.DataObject) -> None:
        mended, out = new_repair(data), b""
        with contextlib.suppress(UpstreamProtocolError):
            for frame in data.draw(damaged_frames(protocol)):
                out += mended.feed(frame)
                mended_reply = mended.read_reply(frame.data)
                assert isinstance(mended_reply, bytes)
            out += mended.finish()
        rest = SseDecoder()
        rest.feed(out)
        assert rest.finish() == b""

    return check


def checker(data: st.DataObject) -> None:
    """A judge never raises, whatever stream it is shown, and says what it finds in words."""
    judge = checker_for(
        cast("ProtocolName", data.draw(st.sampled_from(["chat", "messages", "responses", "gemini"])))
    )
    found = [fault for frame in data.draw(UPSTREAMS.flatmap(damaged_frames)) for fault in judge.feed(frame)]
    assert all(isinstance(fault, str) and fault for fault in [*found, *judge.finish()])


def folder(data: st.DataObject) -> None:
    """Whatever upstream said, it adds up to an answer, and a failure stays one."""
    protocol = data.draw(UPSTREAMS)
    events = read_events(protocol, data.draw(damaged_bytes(protocol)))
    completion = fold(events)
    assert (completion.failure is None) == (type(events[-1]).__name__ == "ReplyEnded")


def event_filter(passes: Callable[[st.DataObject], Callable[[Event], tuple[Event, ...]]]) -> Target:
    """A legal reply goes in, a legal one comes out."""

    def check(data: st.DataObject) -> None:
        feed = passes(data)
        events = [passed for event in data.draw(replies()) for passed in feed(event)]
        must_be_none(faults_of(events))

    return check


def stop_filter(data: st.DataObject) -> Callable[[Event], tuple[Event, ...]]:
    """One with sequences that the replies' texts often have."""
    words = st.text("ax:d ", min_size=1, max_size=3)
    return StopFilter(tuple(data.draw(st.lists(words, max_size=3)))).feed


def array(data: st.DataObject) -> None:
    """Whatever a writer says in frames is a JSON array in the end."""
    frames = written("gemini", data.draw(replies()))[0]
    size = data.draw(st.integers(1, 500))
    writer = JsonArray()
    text = b"".join(writer.feed(frames[at : at + size]) for at in range(0, len(frames), size))
    assert isinstance(json.loads(text + writer.finish()), list)


def unwrapper(kind: type[InputUnwrapper] | type[ValueUnwrapper]) -> Target:
    """The pieces change nothing."""

    def check(data: st.DataObject) -> None:
        heads = ["", '{"input":', ' { "input" : "', '{"input":{"a":', '{"input":"\\ud83d', '{"other":']
        text = data.draw(st.sampled_from(heads)) + data.draw(st.text('ab"\\{}[]: \nud8é😀', max_size=30))
        size = data.draw(st.integers(1, 7))
        whole, split = kind(), kind()
        pieces = [split.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + split.finish() == whole.feed(text) + whole.finish()

    return check


def guard(data: st.DataObject) -> None:
    """Breaks of one run add up, however they come; a text that ends the run ends the count."""
    fragments = data.draw(st.lists(st.text("\n\t x", max_size=60), max_size=8))
    counter = RunawayGuard()
    try:
        for fragment in fragments:
            counter.feed(fragment)
    except UpstreamProtocolError:
        assert "".join(fragments).count("\n") + "".join(fragments).count("\t") > 100
    else:
        counter.feed("x")
        assert counter.run == 0


def embeddings(data: st.DataObject) -> None:
    """Neither the tap nor the repair of embeddings raises over a document that is none."""
    raw = data.draw(NOISE) if data.draw(st.booleans()) else data.draw(damaged_bytes("chat"))
    EmbeddingsTap().read_reply(raw)
    assert isinstance(Base64Repair().read_reply(raw), bytes)


TARGETS: Final[dict[type, Target]] = {
    SseDecoder: decoder,
    inflate.Inflater: layers,
    inflate._ZlibLayer: layers,
    inflate._BrotliLayer: layers,
    inflate._ZstdLayer: layers,
    ChatTap: tap("chat", ChatTap),
    MessagesTap: tap("messages", MessagesTap),
    ResponsesTap: tap("responses", ResponsesTap),
    EmbeddingsTap: embeddings,
    ChatReader: reader("chat"),
    MessagesReader: reader("messages"),
    ResponsesReader: reader("responses"),
    ChatWriter: writer("chat"),
    MessagesWriter: writer("messages"),
    ResponsesWriter: writer("responses"),
    StreamWriter: writer("gemini"),
    Scribe: writer("gemini"),
    JsonArray: array,
    Folder: folder,
    StopFilter: event_filter(stop_filter),
    CallRestorer: event_filter(lambda _: CallRestorer(NAMES).feed),
    InputUnwrapper: unwrapper(InputUnwrapper),
    ValueUnwrapper: unwrapper(ValueUnwrapper),
    ChatRepair: repair("chat", lambda data: ChatRepair(data.draw(st.sampled_from([CLAUDE, OTHER])))),
    MessagesRepair: repair("messages", lambda _: MessagesRepair()),
    ResponsesRepair: repair("responses", lambda _: ResponsesRepair()),
    Base64Repair: embeddings,
    RunawayGuard: guard,
    Reading: checker,
}
"""By the class whose `feed` it is; a layer of compression and the scribe are reached through what owns them."""
