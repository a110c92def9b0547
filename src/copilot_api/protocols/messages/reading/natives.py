"""What a reader of another protocol may be told in place of a block that only Messages has.

Owns the fair words; None where there are none. Reads loosely and never raises.
Source: anthropic-python 2.12 `types/tool_reference_block_param.py`, `types/search_result_block_param.py`,
`types/web_search_result_block.py`, `types/beta/beta_compaction_block_param.py` (read 2026-11).
"""

from copilot_api.neutral.extras import Json, JsonObject


def native_text(document: JsonObject) -> str | None:
    """The words for a block, where there is a fair way to say it."""
    match document.get("type"):
        case "tool_reference":
            name = document.get("tool_name")
            return f"The tool {name} is loaded and can be called." if isinstance(name, str) else None
        case "search_result":
            return _lines(document.get("title"), document.get("source"), *_texts(document.get("content")))
        case "web_search_tool_result":
            return _lines(*_results(document.get("content")))
        case "compaction":
            content = document.get("content")
            return content if isinstance(content, str) and content else None
        case "document":
            source = document.get("source")
            return _only_text(source.get("content")) if isinstance(source, dict) else None
        case _:
            return None


def _only_text(content: Json) -> str | None:
    """The words of a document made of blocks; None where pictures stand among them, which words cannot replace."""
    blocks = content if isinstance(content, list) else []
    if any(isinstance(block, dict) and block.get("type") != "text" for block in blocks):
        return None
    return _lines(*_texts(content))


def _texts(content: Json) -> list[Json]:
    if isinstance(content, list):
        return [block.get("text") for block in content if isinstance(block, dict)]
    return [content]


def _results(content: Json) -> list[Json]:
    if not isinstance(content, list):
        return []
    return [
        f"{result.get('title')}: {result.get('url')}"
        for result in content
        if isinstance(result, dict) and isinstance(result.get("url"), str)
    ]


def _lines(*values: Json) -> str | None:
    return "\n".join(value for value in values if isinstance(value, str) and value) or None
