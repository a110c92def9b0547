"""One run of a piece of work shared by everyone who asks for it meanwhile.

Owns the sharing only. A caller that is cancelled leaves; the work goes on for the others. The work runs in
the TaskGroup of the composition root (`spawn`), so no task is ever orphaned.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Generic, Protocol, TypeVar

from copilot_api.errors import Draining

T = TypeVar("T")


class Spawn(Protocol):
    """How background work is started: `asyncio.TaskGroup.create_task`."""

    def __call__(self, coroutine: Coroutine[object, object, None], /) -> "asyncio.Task[None]":
        """Start `coroutine` in the background."""
        ...


class SingleFlight(Generic[T]):
    """At most one run of `work` at a time; its outcome goes to everyone who waits."""

    def __init__(self, work: Callable[[], Awaitable[T]], spawn: Spawn) -> None:
        self._work = work
        self._spawn = spawn
        self._outcome: asyncio.Future[T] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._outcome is not None

    async def join(self) -> T:
        """Wait for the run under way, starting one if there is none.

        Raises: whatever the work raised; Draining when the server stops meanwhile.
        """
        return await asyncio.shield(self.start())

    def start(self) -> "asyncio.Future[T]":
        """Start a run if there is none; the future need not be awaited."""
        if self._outcome is not None:
            return self._outcome
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        running = self._run(outcome)
        try:
            task = self._spawn(running)
        except RuntimeError as error:  # The TaskGroup takes no more work.
            running.close()
            raise Draining("The server is shutting down; try again when it is back.") from error
        self._outcome = outcome
        task.add_done_callback(lambda _: self._settle(outcome))
        return outcome

    async def _run(self, outcome: "asyncio.Future[T]") -> None:
        try:
            result = await self._work()
        except Exception as error:
            outcome.set_exception(error)
            outcome.exception()  # Nobody may be waiting: a background refresh records its own problem.
        else:
            outcome.set_result(result)
        finally:
            self._outcome = None

    def _settle(self, outcome: "asyncio.Future[T]") -> None:
        """Free those who wait for a run that was cancelled, even before it began."""
        if outcome.done():
            return
        if self._outcome is outcome:
            self._outcome = None
        outcome.set_exception(Draining("The server is shutting down; try again when it is back."))
        outcome.exception()
