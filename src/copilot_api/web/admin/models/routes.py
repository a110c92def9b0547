"""`/admin/api/models`: shown, refreshed, hidden, annotated; and what has changed in the catalogue."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import msgspec
from litestar import Response, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from msgspec import UNSET

from copilot_api.copilot.accounts import Account
from copilot_api.copilot.catalog import Model
from copilot_api.errors import GatewayError
from copilot_api.settings import accepted
from copilot_api.store.config_file import ConfigState
from copilot_api.store.edits import models as edits
from copilot_api.store.memory.catalogs import ModelChange
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import (
    AnyRequest,
    Desk,
    NotAccepted,
    NotFound,
    answered,
    asks,
    caller_of,
    if_match,
    read_json,
    version_of,
)
from copilot_api.web.admin.models.bodies import AccountWish, ModelWish, Policy, Visibility, complaints_about
from copilot_api.web.admin.models.history import History
from copilot_api.web.admin.models.view import Models, ModelView, names_by_model, part, view, view_model

TAGS = ("models",)
MAX_DAYS = 90
MAX_IDS = 1000
_AccountId = Annotated[str | None, QueryParameter(name="accountId", required=False)]
_Days = Annotated[int, QueryParameter(name="days", ge=1, le=MAX_DAYS)]


class ChangedModel(msgspec.Struct, frozen=True):
    """A model after a change, and the version of what is said about all of them."""

    model: ModelView
    version: str


class ModelChanges(msgspec.Struct, frozen=True, rename="camel"):
    """What changed in an account's catalogue, newest first. `since` is how far back it is known; null: not at all."""

    account_id: str | None
    since: str | None
    changes: tuple[ModelChange, ...]


def routes(desk: Desk, history: History) -> list[HTTPRouteHandler]:
    """Return the routes of this page, and have it tell when what it shows has changed."""
    _tell_changes(desk, history)
    return [*_shown(desk, history), _annotated(desk), *_changed_at_once(desk)]


def _tell_changes(desk: Desk, history: History) -> None:
    """Publish `{version, accountId}`: of the account whose list was fetched, or null when what is said has changed."""
    version = ""

    def adopted(state: ConfigState) -> None:
        nonlocal version
        before, version = version, version_of(part(state.document))
        if before and before != version:
            desk.feed.publish("models", {"version": version, "accountId": None})

    desk.follow(adopted)
    history.follow(
        lambda account_id: desk.feed.publish("models", {"version": version, "accountId": account_id})
    )


def _shown(desk: Desk, history: History) -> list[HTTPRouteHandler]:
    @get("/models", tags=TAGS, opt=asks(refuses=(404,)))
    async def show(account_id: _AccountId = None) -> Response[Models]:
        """Every model of an account, as it was fetched last; nobody is asked."""
        found = view(await desk.document(), desk.settings, desk.accounts, _account(desk, account_id))
        return answered(found, found.version)

    @post("/models/refresh", tags=TAGS, status_code=200, opt=asks(AccountWish, refuses=(404,)))
    async def refresh(request: AnyRequest) -> Response[Models]:
        """Ask Copilot for the list now. When that fails, the old one stays and `problem` says why."""
        account = _account(desk, (await read_json(request, AccountWish)).account_id)
        if account is not None:
            with suppress(GatewayError):  # the account's `problem` says it
                await account.catalog.refresh()
        found = view(await desk.document(), desk.settings, desk.accounts, account)
        return answered(found, found.version)

    @get("/models-changes", tags=TAGS, opt=asks(refuses=(404,)))
    async def changes(account_id: _AccountId = None, days: _Days = 7) -> Response[ModelChanges]:
        """What has changed in the catalogue, as far as it was noticed."""
        account = _account(desk, account_id)
        if account is None:
            return answered(ModelChanges(None, None, ()))
        since, found = await history.changes(account.id, days)
        return answered(ModelChanges(account.id, since, tuple(found)))

    return [show, refresh, changes]


def _annotated(desk: Desk) -> HTTPRouteHandler:
    @patch("/models/{model_id:path}", tags=TAGS, opt=asks(ModelWish, refuses=(404, 409, 412)))
    async def annotate(
        request: AnyRequest, model_id: FromPath[str], account_id: _AccountId = None
    ) -> Response[ChangedModel]:
        """Say something about one model: hide it, correct its price, choose its effort or its extra prompt."""
        account = _account(desk, account_id)
        model = _model(account, model_id.removeprefix("/"))
        wish = await read_json(request, ModelWish)
        wrong = complaints_about(wish, model)
        if wrong:
            raise NotAccepted("Nothing was changed.", remedy="Mend the fields.", fields=wrong)
        state = await desk.change(
            caller_of(request),
            "models.change",
            model.id,
            lambda document: _note(document, model.id, wish),
            part=part,
            expected=if_match(request),
            detail=", ".join(
                name for name in ModelWish.__struct_fields__ if getattr(wish, name) is not UNSET
            ),
        )
        names = names_by_model(desk.settings.model_mapping, account.catalog.current if account else None)
        version = version_of(part(state.document))
        return answered(
            ChangedModel(view_model(model, desk.settings, names.get(model.id, ())), version), version
        )

    return annotate


def _changed_at_once(desk: Desk) -> list[HTTPRouteHandler]:
    @put("/models-policy", tags=TAGS, opt=asks(Policy, refuses=(412,)))
    async def policy(request: AnyRequest) -> Response[Models]:
        """Choose whether hidden models are refused."""
        body = await read_json(request, Policy)

        def edit(document: Document) -> None:
            document["disableHiddenModels"] = body.disable_hidden_models

        return await _change(desk, request, "models.policy", str(body.disable_hidden_models).lower(), edit)

    @post("/models-visibility", tags=TAGS, status_code=200, opt=asks(Visibility, refuses=(409, 412)))
    async def visibility(request: AnyRequest) -> Response[Models]:
        """Hide several models, or show them again."""
        body = await read_json(request, Visibility)
        ids = _read_ids(body.ids)
        return await _change(
            desk,
            request,
            "models.hide" if body.is_hidden else "models.show",
            ", ".join(ids),
            lambda document: edits.hide(document, ids, is_hidden=body.is_hidden),
        )

    return [policy, visibility]


async def _change(
    desk: Desk, request: AnyRequest, action: str, target: str, edit: Callable[[Document], None]
) -> Response[Models]:
    state = await desk.change(caller_of(request), action, target, edit, part=part, expected=if_match(request))
    found = view(state.document, desk.settings, desk.accounts, desk.accounts.active)
    return answered(found, found.version)


def _account(desk: Desk, account_id: str | None) -> Account | None:
    if not account_id:
        return desk.accounts.active
    account = desk.accounts.get(account_id)
    if account is None:
        raise NotFound(f"There is no account {account_id!r}.", code="account_unknown")
    return account


def _model(account: Account | None, model_id: str) -> Model:
    catalog = account.catalog.current if account is not None else None
    model = catalog.models.get(model_id) if catalog is not None else None
    if model is None:
        raise NotFound(
            f"Copilot offers this account no model {model_id!r}.",
            code="model_unknown",
            remedy="Refresh the list of models.",
        )
    return model


def _note(document: Document, model_id: str, wish: ModelWish) -> None:
    if wish.is_hidden is not UNSET:
        edits.hide(document, [model_id], is_hidden=wish.is_hidden)
    if wish.multiplier is not UNSET:
        edits.note(document, "premiumModelMultipliers", model_id, wish.multiplier)
    if wish.effort is not UNSET:
        edits.note(document, "modelReasoningEfforts", model_id, wish.effort)
    if wish.extra_prompt is not UNSET:
        edits.note(document, "extraPrompts", model_id, wish.extra_prompt)
    if wish.context_window_note is not UNSET:
        edits.note_window(document, model_id, wish.context_window_note)


def _read_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(ids) <= MAX_IDS:
        raise NotAccepted("Nothing was changed.", fields={"ids": f"Give 1 to {MAX_IDS} models."})
    try:
        return tuple(dict.fromkeys(accepted.model_name(text) for text in ids))
    except ValueError as error:
        reason = f"{error.args[0]!r} is not accepted. Give {accepted.MODEL_NAME}."
        raise NotAccepted("Nothing was changed.", fields={"ids": reason}) from error
