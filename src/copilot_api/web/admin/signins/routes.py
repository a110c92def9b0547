"""`/admin/api/signins`: begun, watched, cancelled."""

import msgspec
from litestar import Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.web.admin.accounts.bodies import AccountType
from copilot_api.web.admin.desk import AnyRequest, Desk, answered, asks, caller_of, read_json
from copilot_api.web.admin.signins.flow import SignIn
from copilot_api.web.admin.signins.signins import SignIns, login_host

TAGS = ("accounts",)


class Begin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Where to log in: github.com or a GHE.com tenant; and what kind of account it is, where a person knows better."""

    host: str = "github.com"
    account_type: AccountType | None = None


class SignInsView(msgspec.Struct, frozen=True, rename={"sign_ins": "signins"}):
    """Every login that waits or has just ended, the newest first."""

    sign_ins: tuple[SignIn, ...]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes of this page."""
    signins = SignIns(desk)

    @post("/signins", tags=TAGS, status_code=201, opt=asks(Begin, refuses=(502,)))
    async def begin(request: AnyRequest) -> Response[SignIn]:
        """Begin a login: the code to type, and where. What becomes of it is told under the topic `signin`."""
        body = await read_json(request, Begin)
        flow = await signins.begin(caller_of(request), login_host(body.host), body.account_type)
        return answered(flow.shown(), status=201)

    @get("/signins", tags=TAGS, opt=asks())
    async def show_all() -> Response[SignInsView]:
        """Every login that waits, or has ended in the last ten minutes."""
        return answered(SignInsView(tuple(flow.shown() for flow in signins.all())))

    @get("/signins/{flow_id:str}", tags=TAGS, opt=asks(refuses=(404,)))
    async def show(flow_id: FromPath[str]) -> Response[SignIn]:
        """One login as it stands."""
        return answered(signins.find(flow_id).shown())

    @delete("/signins/{flow_id:str}", tags=TAGS, status_code=200, opt=asks(refuses=(404,)))
    async def cancel(flow_id: FromPath[str]) -> Response[SignIn]:
        """Give a login up."""
        return answered(signins.cancel(flow_id).shown())

    return [begin, show_all, show, cancel]
