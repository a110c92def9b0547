"""The model list in three shapes, read back with each vendor's own types."""

import json
from datetime import UTC, datetime

import anthropic.types
import msgspec
import openai.types
import pytest
from google.genai import models as google_models
from google.genai import types as google_types

from copilot_api.copilot.catalog import Catalog, Model, read_catalog
from copilot_api.copilot.listing import (
    Entry,
    find_entry,
    list_entries,
    render_anthropic,
    render_anthropic_model,
    render_google,
    render_google_model,
    render_openai,
    render_openai_model,
)
from copilot_api.copilot.names import resolve
from copilot_api.errors import MalformedRequest, UnknownModel
from recorded import reply

CATALOG = read_catalog(reply("models"), 0.0)
ENTRIES = list_entries(CATALOG, {"fast": "gpt-5-mini", "claude-*": "gpt-4o", "lost": "nowhere"})


def entry(model_id: str) -> Entry:
    """The listed entry with this id."""
    return next(listed for listed in ENTRIES if listed.id == model_id)


def test_what_can_be_called_is_listed() -> None:
    """Chat and embeddings; no completion models, no disabled ones; exact aliases that lead somewhere, last."""
    ids = [listed.id for listed in ENTRIES]
    assert len(ids) == 24
    assert "text-embedding-3-small" in ids
    assert not {"gpt-41-copilot", "gemini-3.5-flash", "claude-*", "lost"} & set(ids)
    assert (ids[-1], entry("fast").alias_of, entry("fast").display_name) == (
        "fast",
        "gpt-5-mini",
        "fast (GPT-5 mini)",
    )


def test_hidden_models_are_left_out_only_while_the_policy_is_on() -> None:
    """And an alias that leads to one with them."""
    mapping = {"mine": "gpt-4o"}
    on = [listed.id for listed in list_entries(CATALOG, mapping, ("gpt-4o",), disable_hidden=True)]
    off = [listed.id for listed in list_entries(CATALOG, mapping, ("gpt-4o",), disable_hidden=False)]
    assert ("gpt-4o" in on, "mine" in on) == (False, False)
    assert ("gpt-4o" in off, "mine" in off) == (True, True)


def test_a_mapped_model_name_is_listed_once_and_flagged() -> None:
    """The mapping wins over the model of that name, so the list says where it leads."""
    entries = list_entries(CATALOG, {"gpt-4o": "gpt-4.1", "gpt-4.1": "gpt-4.1"})
    assert [(listed.id, listed.alias_of) for listed in entries if listed.id in ("gpt-4o", "gpt-4.1")] == [
        ("gpt-4.1", "gpt-4.1"),
        ("gpt-4o", "gpt-4.1"),
    ]


def test_openais_own_type_reads_our_list() -> None:
    """Four fields of theirs, the rest ours."""
    document = json.loads(json.dumps(render_openai(ENTRIES)))
    assert document["object"] == "list"
    models = [openai.types.Model.model_validate(item) for item in document["data"]]
    assert [model.id for model in models] == [listed.id for listed in ENTRIES]
    assert all(model.object == "model" and model.owned_by for model in models)
    item = next(item for item in document["data"] if item["id"] == "claude-opus-4.7")
    assert (item["context_window"], item["max_input_tokens"], item["max_output_tokens"]) == (
        1000000,
        936000,
        64000,
    )
    assert item["supported_endpoints"] == ["/chat/completions", "/v1/messages"]
    assert item["capabilities"]["supports"]["reasoning_effort"] == ["low", "medium", "high", "xhigh", "max"]
    assert (item["owned_by"], item["created"]) == ("Anthropic", 0)
    assert "alias_of" not in item
    assert render_openai_model(entry("gpt-4.1"))["created"] == 1744588800
    assert render_openai_model(entry("fast"))["alias_of"] == "gpt-5-mini"
    assert "max_output_tokens" not in render_openai_model(entry("text-embedding-ada-002"))


def test_an_empty_list_is_still_a_list() -> None:
    """The reference gateway left `data` out (P31)."""
    assert render_openai(()) == {"object": "list", "data": []}
    assert render_anthropic(()) == {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert render_google(()) == {"models": []}


def test_anthropics_own_type_reads_our_list() -> None:
    """Every field their type has, with limits and capabilities."""
    document = json.loads(json.dumps(render_anthropic(ENTRIES)))
    models = [anthropic.types.ModelInfo.model_validate(item) for item in document["data"]]
    assert len(models) == 24
    assert (document["has_more"], document["first_id"], document["last_id"]) == (False, "gpt-4.1", "fast")
    opus = next(model for model in models if model.id == "claude-opus-4.7")
    assert (opus.type, opus.display_name, opus.lifecycle, opus.line) == (
        "model",
        "Claude Opus 4.7",
        "active",
        "opus",
    )
    assert opus.created_at == datetime(1970, 1, 1, tzinfo=UTC)
    assert (opus.max_input_tokens, opus.max_tokens) == (936000, 64000)
    assert opus.capabilities is not None
    assert opus.capabilities.image_input.supported
    assert opus.capabilities.effort.supported
    assert opus.capabilities.effort.xhigh is not None
    assert opus.capabilities.thinking.types.adaptive.supported
    assert opus.capabilities.thinking.types.enabled.supported
    assert not opus.capabilities.batch.supported
    dated = next(model for model in models if model.id == "gpt-4.1")
    assert (dated.created_at, dated.line) == (datetime(2025, 4, 14, tzinfo=UTC), None)
    assert next(model for model in models if model.id == "gpt-5.1").lifecycle == "deprecated"
    assert render_anthropic_model(entry("fast"))["alias_of"] == "gpt-5-mini"


def test_anthropics_cursors_walk_both_ways() -> None:
    """Forward from after_id, backward from before_id, each page in order."""
    ids = [listed.id for listed in ENTRIES]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = render_anthropic(ENTRIES, limit="7", after_id=after)
        seen += [item["id"] for item in page["data"]]  # type: ignore[attr-defined,misc]
        after = page["last_id"]  # type: ignore[assignment]
        if not page["has_more"]:
            break
    assert seen == ids
    page = render_anthropic(ENTRIES, limit="3", before_id=ids[4])
    assert ([item["id"] for item in page["data"]], page["has_more"]) == (ids[1:4], True)  # type: ignore[attr-defined]
    page = render_anthropic(ENTRIES, limit="3", before_id=ids[2])
    assert ([item["id"] for item in page["data"]], page["has_more"]) == (ids[:2], False)  # type: ignore[attr-defined]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", "٣", "99999999999999999999"])
def test_a_limit_outside_the_range_is_refused(limit: str) -> None:
    """1 to 1000, as Anthropic has it."""
    with pytest.raises(MalformedRequest, match="is not a number from 1 to 1000"):
        render_anthropic(ENTRIES, limit=limit)


@pytest.mark.parametrize("cursor", ["after_id", "before_id"])
def test_a_cursor_that_names_no_model_is_refused(cursor: str) -> None:
    """Not an endless first page."""
    with pytest.raises(MalformedRequest, match=f"{cursor}='gone' names no model"):
        render_anthropic(ENTRIES, **{cursor: "gone"})


def test_googles_own_type_reads_our_list() -> None:
    """Wire names of the Gemini API, as its SDK reads them."""
    document = json.loads(json.dumps(render_google(ENTRIES)))
    read = [
        google_types.Model._from_response(response=google_models._Model_from_mldev(item), kwargs={})
        for item in document["models"]
    ]
    assert len(read) == 24
    gemini = next(model for model in read if model.name == "models/gemini-2.5-pro")
    assert (gemini.display_name, gemini.version) == ("Gemini 2.5 Pro", "gemini-2.5-pro")
    assert (gemini.input_token_limit, gemini.output_token_limit) == (128000, 64000)
    assert gemini.supported_actions == ["generateContent", "streamGenerateContent", "countTokens"]
    embedding = next(model for model in read if model.name == "models/text-embedding-3-small")
    assert embedding.supported_actions == ["embedContent", "batchEmbedContents"]
    assert render_google_model(entry("fast"))["aliasOf"] == "gpt-5-mini"
    assert render_google_model(entry("fast"))["baseModelId"] == "gpt-5-mini"


def test_googles_page_tokens_walk_forward() -> None:
    """The last page has no token."""
    seen: list[object] = []
    token: str | None = None
    for _ in range(4):
        page = render_google(ENTRIES, page_size="7", page_token=token)
        seen += [item["baseModelId"] for item in page["models"]]  # type: ignore[attr-defined,misc]
        token = page.get("nextPageToken")  # type: ignore[assignment]
    assert token is None
    assert len(seen) == 24
    assert len(render_google(ENTRIES, page_size="0")["models"]) == 24  # type: ignore[arg-type]
    assert len(render_google(ENTRIES, page_size="5000")["models"]) == 24  # type: ignore[arg-type]


@pytest.mark.parametrize("query", [{"page_size": "x"}, {"page_size": "-1"}, {"page_token": "gone"}])
def test_googles_odd_pages_are_refused(query: dict[str, str]) -> None:
    """A size that is no number, a token that is not ours."""
    with pytest.raises(MalformedRequest):
        render_google(ENTRIES, **query)


@pytest.mark.parametrize(
    ("requested", "listed_as", "alias_of"),
    [
        ("gpt-4o", "gpt-4o", None),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4.5", None),
        ("fast", "fast", "gpt-5-mini"),
    ],
)
def test_a_detail_answers_to_every_spelling_a_request_may_use(
    requested: str, listed_as: str, alias_of: str | None
) -> None:
    """GET /v1/models/{id} with a dated id or an alias."""
    found = find_entry(resolve(requested, {"fast": "gpt-5-mini"}, CATALOG))
    assert (found.id, found.alias_of) == (listed_as, alias_of)


def test_a_detail_of_an_unknown_model_names_the_nearest() -> None:
    """As a request would."""
    with pytest.raises(UnknownModel, match=r"Nearest: 'claude-sonnet-4\.5'"):
        find_entry(resolve("sonnet", {}, CATALOG))


@pytest.mark.parametrize(
    ("fields", "released"),
    [
        ({"created": 1700000000}, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ({"created": 10**17}, datetime(1970, 1, 1, tzinfo=UTC)),
        ({"version": "x-2025-02-30"}, datetime(1970, 1, 1, tzinfo=UTC)),
        ({"version": "x-20250228"}, datetime(2025, 2, 28, tzinfo=UTC)),
    ],
)
def test_the_release_date_is_what_the_entry_tells(fields: dict[str, object], released: datetime) -> None:
    """`created`, else a date in version or id, else the epoch."""
    catalog = read_catalog(msgspec.json.encode([{"id": "x", **fields}]), 0.0)
    assert list_entries(catalog)[0].released == released


def test_a_model_without_a_vendor_is_copilots() -> None:
    """`owned_by` is never empty."""
    bare = Entry(id="x", model=Model(id="x", name="x"))
    assert render_openai_model(bare)["owned_by"] == "copilot"
    assert render_google_model(bare)["description"] == "x by an unnamed vendor, through GitHub Copilot."
    assert list_entries(Catalog()) == ()
