"""L6: what was sealed opens as it was; nothing else opens."""

from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.opaque import Opaque, open_sealed, seal

UTF8 = st.text(st.characters(exclude_categories=["Cs"]))
OPAQUES = st.builds(Opaque, UTF8, st.dictionaries(UTF8, UTF8))


@given(OPAQUES)
def test_a_sealed_blob_opens_as_it_was(opaque: Opaque) -> None:
    """Whatever the origin and payload, as plain ASCII that fits any slot, and the same each time."""
    text = seal(opaque)
    assert open_sealed(text) == opaque
    assert text.isascii()
    assert text.isprintable()
    assert not set(text) & set(" \"'\\<>&+/=")
    assert seal(Opaque(opaque.origin, dict(reversed(opaque.payload.items())))) == text


@given(
    st.text()
    | st.text().map(lambda text: "capi1." + text)
    | st.binary().map(lambda raw: raw.decode("latin-1"))
)
def test_a_foreign_text_never_raises(text: str) -> None:
    """It opens only if sealing gives it back, character by character."""
    opened = open_sealed(text)
    assert opened is None or seal(opened) == text


@given(opaque=OPAQUES, data=st.data())
def test_a_seal_that_was_changed_is_not_taken_for_another_spelling(
    opaque: Opaque, data: st.DataObject
) -> None:
    """A changed, cut or lengthened seal opens to another value or not at all, never to the same."""
    text = seal(opaque)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("Aa0-_.=+/ \n"))
    changed = text[:at] + other + text[at + 1 :]
    if changed != text:
        assert open_sealed(changed) != opaque
    assert open_sealed(text[:at]) != opaque
    assert open_sealed(text + other) != opaque
