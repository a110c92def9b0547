"""What every exchange shares, and the door through which a call becomes one."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from copilot_api.copilot.accounts import Accounts
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.flight import Spawn
from copilot_api.gateway.admission.admission import Admission
from copilot_api.gateway.capture.windows import Captures
from copilot_api.gateway.estimate import Estimator
from copilot_api.gateway.ledger import Ledger
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.routes import Operation
from copilot_api.gateway.request.shape import Shaper
from copilot_api.gateway.sweep import Sweeper
from copilot_api.settings import Settings

if TYPE_CHECKING:
    from copilot_api.gateway.life import Life


class Gateway:
    """The collaborators. `settings` is replaced as a whole when they change."""

    def __init__(
        self,
        *,
        settings: Settings,
        accounts: Accounts,
        upstream: Upstream,
        shaper: Shaper,
        admission: Admission,
        sweeper: Sweeper,
        ledger: Ledger,
        spawn: Spawn,
        lines: "Mapping[Operation, Callable[[Gateway, Call], Life]]",
        witness: "Callable[[Life], None] | None" = None,
    ) -> None:
        """`lines` makes the exchange of each operation; `witness` sees every one that is over."""
        self.settings = settings
        self.accounts = accounts
        self.upstream = upstream
        self.shaper = shaper
        self.admission = admission
        self.estimator: Estimator | None = None
        """Set by the composition root where requests may be told their price."""
        self.captures = Captures()
        """Which requests are captured; none, until the operator asks for it."""
        self.sweeper = sweeper
        self.ledger = ledger
        self.spawn = spawn
        self._lines = lines
        self._witness = witness

    async def exchange(self, call: Call) -> None:
        """Answer one call, whatever happens, and leave one record of it.

        Raises: nothing but the CancelledError of a server that is shutting down.
        """
        life = self._lines[call.route.operation](self, call)
        await life.run()
        if self._witness is not None:
            self._witness(life)
