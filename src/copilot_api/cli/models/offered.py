"""`copilot-api models`: what the account may call."""

from typing import TYPE_CHECKING, Annotated

import typer

from copilot_api.cli.terminal import Terminal

if TYPE_CHECKING:
    from copilot_api.cli.visit import Visit
    from copilot_api.copilot.catalog import Model


def models(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="Id of the account to ask for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    show_all: Annotated[bool, typer.Option("--all", help="Include models the account may not call.")] = False,
) -> None:
    """List the models of the active account, as Copilot offers them now."""
    from copilot_api.cli.visit import visit

    if context.invoked_subcommand is not None:
        return
    terminal: Terminal = context.obj
    _, config, _, settings = terminal.open_config()

    async def errand(road: "Visit") -> "list[Model]":
        chosen = await road.account(account)
        return list((await chosen.catalog.loaded()).models.values())

    every = visit(settings, config.vault, terminal.variables, errand)
    found = [model for model in every if show_all or model.is_usable]
    if as_json:
        terminal.say_json([_described(model) for model in found])
        return
    from copilot_api.copilot.catalog import protocols_of

    terminal.say_table(
        ("id", "vendor", "protocols", "window", "output"),
        [
            (
                model.id,
                model.vendor,
                " ".join(protocols_of(model)) or model.kind,
                _thousands(model.limits.context_window_tokens),
                _thousands(model.limits.output_tokens),
            )
            for model in found
        ],
        "Copilot offers this account no models.",
    )


def _described(model: "Model") -> dict[str, object]:
    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "endpoints": sorted(model.endpoints),
        "contextWindowTokens": model.limits.context_window_tokens,
        "outputTokens": model.limits.output_tokens,
        "isUsable": model.is_usable,
        "isPreview": model.is_preview,
    }


def _thousands(tokens: int | None) -> str:
    return "" if tokens is None else f"{tokens // 1000}k"
