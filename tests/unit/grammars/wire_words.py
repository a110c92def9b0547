"""Streams spelled by hand, to be judged."""

import msgspec

from copilot_api.grammars import Checker, checker_for
from copilot_api.wire.sse import SseDecoder, encode_frame


def judge(protocol: str, data: bytes) -> list[str]:
    """Every violation in a whole stream."""
    checker: Checker = checker_for(protocol)  # type: ignore[arg-type]  # a plain name, from a table
    said = [words for frame in SseDecoder().feed(data) for words in checker.feed(frame)]
    return [*said, *checker.finish()]


def plain(*documents: object) -> bytes:
    """Frames without event lines; text is sent as it is."""
    return b"".join(
        encode_frame(document.encode() if isinstance(document, str) else msgspec.json.encode(document))
        for document in documents
    )


def named(*documents: dict[str, object]) -> bytes:
    """Frames with the document's type as event line."""
    return b"".join(
        encode_frame(msgspec.json.encode(document), str(document["type"])) for document in documents
    )


def numbered(*documents: dict[str, object]) -> bytes:
    """The same with sequence numbers from 0, where a document has none."""
    return named(*({"sequence_number": number, **document} for number, document in enumerate(documents)))
