"""`copilot-api usage import FILE`: the log of the reference gateway becomes part of ours."""

from pathlib import Path
from typing import Annotated

import typer

from copilot_api.cli.terminal import Terminal, refuse


def import_log(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The reference gateway's usage-logs.sqlite.")],
) -> None:
    """Take over the usage log of the reference gateway. Doing it twice adds nothing."""
    from copilot_api.store.ledger import Book, Place

    terminal: Terminal = context.obj
    if not file.is_file():
        refuse(f"There is no file {str(file)!r}. The log stands beside the reference gateway's config.json.")
    _, _, _, settings = terminal.open_config()
    logins = {account.id: account.login for account in settings.accounts}

    async def take_over() -> tuple[int, int]:
        book = Book(Place.of(settings.data_directory, settings.database_url))
        try:
            return await book.import_from(file, logins)
        finally:
            await book.close()

    import asyncio

    new, seen = asyncio.run(take_over())
    terminal.say(f"{new} of {seen} rows imported; {seen - new} were there already.")
