"""What is wanted of a key, as it is written on a command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copilot_api.settings import Budget, RateLimits

Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="What it may reach: inference, usage, admin (repeatable)."),
]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", help="Name or pattern of a model it may ask for, such as claude-* (repeatable)."),
]
Limits = Annotated[
    list[str] | None,
    typer.Option("--limit", help="requests=60 or tokens=100000 a minute, concurrency=4 (repeatable)."),
]
Spending = Annotated[
    list[str] | None,
    typer.Option("--budget", help="credits=5/day or requests=300/month (repeatable, one period)."),
]
_LIMITS = {
    "requests": "requests_per_minute",
    "tokens": "tokens_per_minute",
    "concurrency": "concurrency",
}


def read_limits(texts: "Sequence[str]") -> "RateLimits":
    """Read `requests=60` and its like; refuse anything else."""
    from msgspec import ValidationError, convert

    from copilot_api.settings import RateLimits

    said: dict[str, object] = {}
    for text in texts:
        name, _, number = text.partition("=")
        if name not in _LIMITS:
            refuse(f"--limit: {text!r} is not accepted. Give requests=60, tokens=100000 or concurrency=4.")
        said[_camel(_LIMITS[name])] = _number(number)
    try:
        return convert(said, RateLimits)
    except ValidationError:
        refuse("--limit: a limit is a whole number from 1, such as requests=60.")


def read_budget(texts: "Sequence[str]") -> "Budget":
    """Read `credits=5/day` and its like; refuse anything else."""
    from msgspec import ValidationError, convert

    from copilot_api.settings import Budget

    said: dict[str, object] = {}
    periods: set[str] = set()
    for text in texts:
        name, _, rest = text.partition("=")
        number, _, period = rest.partition("/")
        if name not in ("credits", "requests"):
            refuse(f"--budget: {text!r} is not accepted. Give credits=5/day or requests=300/month.")
        said[name] = _number(number)
        periods.add(period or "month")
    if len(periods) > 1:
        refuse("--budget: one period holds for all of it, day or month.")
    try:
        return convert({**said, "period": periods.pop()}, Budget)
    except ValidationError:
        refuse("--budget: give a number above 0 and day or month, such as credits=5/day.")


def read(said: "Mapping[str, object]", clock: "Callable[[], float]") -> dict[str, object]:
    """Judge what is wanted; refuse it with the options' names."""
    from copilot_api.store.keys import WrongFields, read_fields

    try:
        return read_fields(said, clock)
    except WrongFields as wrong:
        refuse(words(wrong.fields))


def words(fields: "Mapping[str, str]") -> str:
    """Say what is wrong, by the options' names."""
    options = {"scopes": "--scope", "accountId": "--account", "models": "--model", "expires": "--expires"}
    return " ".join(f"{options[name]}: {why}" if name in options else why for name, why in fields.items())


def _number(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
