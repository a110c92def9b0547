"""Every registered setting goes from the page to the file, into force, and back to the page."""

from pathlib import Path
from typing import Any

import pytest

from copilot_api.settings import Settings
from copilot_api.settings.registry import REGISTRY, Setting, value_of, written
from exchange.copilot.servers import certified, connect_proxy, http_server, ok
from gate import Gate, running_gate, until
from web.admin.options.test_settings import save, setting
from web.admin.visiting import Visitor

DEFAULTS = Settings(data_directory=Path())
SPECIAL: dict[str, tuple[object, object]] = {
    "host": ("LOCALHOST", "localhost"),
    "allowedHosts": (["Box.local", "[::2]"], ["box.local", "::2"]),
    "allowedOrigins": (["https://Chat.example/"], ["https://chat.example"]),
    "trustedProxies": (["10.1.2.3/8"], ["10.0.0.0/8"]),
    "proxyUrl": ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
    "smallModel": ("gpt-4.1", "gpt-4.1"),
    "hiddenModels": (["gpt-4", "<b>"], ["gpt-4", "<b>"]),
    "modelMapping": ({"z": "y", "a*": "b"}, {"z": "y", "a*": "b"}),
    "modelReasoningEfforts": ({"m": "xhigh"}, {"m": "xhigh"}),
    "premiumModelMultipliers": ({"m": 0.33}, {"m": 0.33}),
    "modelCardMetadata": (
        {"m": {"contextWindowTokens": 9}},
        {"m": {"contextWindowTokens": 9, "features": []}},
    ),
    "extraPrompts": ({"m": "a\nb \u2028 \U0001f600"}, {"m": "a\nb \u2028 \U0001f600"}),
    "accountBudgets": (
        {"1": {"credits": 5}},
        {"1": {"credits": 5, "requests": None, "period": "month"}},
    ),
    "contextManagement.summarizerModel": ("gpt-4.1", "gpt-4.1"),
    "contextManagement.summarizeAtRatio": (0.9, 0.9),
    "contextManagement.targetRatio": (0.25, 0.25),
    "usageTestIntervalMinutes": (None, None),
    "adminAuth.sessionTtlDays": (9, 9),
}
"""What is sent and what is shown, where the kind alone does not tell."""


def sample(one: Setting, bundle: Path) -> tuple[object, object]:
    """A value that is not the default: as it is sent, and as it is shown."""
    if one.name == "caBundle":
        return str(bundle), str(bundle)
    if one.name in SPECIAL:
        return SPECIAL[one.name]
    before = value_of(one, DEFAULTS)
    values: dict[str, object] = {
        "boolean": before is not True,
        "integer": int(one.minimum or 0) + 7,
        "number": 0.75,
        "choice": next((word for word in one.choices if word != before), None),
        "secret": "a-secret",
    }
    return values[one.kind], None if one.is_secret else values[one.kind]


async def _goes_round(gate: Gate, visitor: Visitor, one: Setting, bundle: Path) -> None:
    sent, shown = sample(one, bundle)
    answer = await save(visitor, {one.name: sent})
    assert answer.status == 200, (one.name, answer.body)
    found: dict[str, Any] = setting(answer, one.name)
    assert (found["value"], found["decidedBy"]) == (shown, "file"), one.name
    stored = written(one, gate.config.load().document)
    assert stored == sent if not one.is_secret else str(stored).startswith("vault:")
    in_force = value_of(one, gate.house.settings)
    assert in_force == shown, one.name
    assert setting(await visitor.get("/settings"), one.name)["value"] == shown
    answer = await save(visitor, {}, one.name)
    found = setting(answer, one.name)
    assert (found["value"], found["decidedBy"]) == (found["default"], "default"), one.name
    assert written(one, gate.config.load().document) is None


@pytest.mark.parametrize("section", sorted({one.section for one in REGISTRY}))
async def test_every_setting_goes_round_and_back_to_its_default(tmp_path: Path, section: str) -> None:
    """What is stored is what was sent; what is shown is what is in force."""
    bundle, _ = certified(tmp_path, "ca.test")
    async with running_gate(tmp_path / "home") as gate:
        visitor = Visitor(gate)
        for one in REGISTRY:
            if one.section == section:
                await _goes_round(gate, visitor, one, bundle)


async def test_another_proxy_and_bundle_are_taken_over_by_a_running_server(tmp_path: Path) -> None:
    """The next request to GitHub goes through it."""
    bundle, context = certified(tmp_path, "api.github.test")
    async with (
        running_gate(tmp_path / "home") as gate,
        http_server(ok, context) as server,
        connect_proxy(server) as proxy,
    ):
        changes = {"proxyUrl": f"http://127.0.0.1:{proxy.port}", "caBundle": str(bundle)}
        answer = await save(Visitor(gate), changes)
        assert answer.status == 200
        told = await gate.house.upstream.fetch("GET", "https://api.github.test/user", {})
        assert (told.status, len(proxy.heads)) == (200, 1)


async def test_the_model_list_is_read_more_often_from_now_on(tmp_path: Path) -> None:
    """Not only after the ten minutes of the old interval have passed."""
    async with running_gate(tmp_path) as gate:
        catalog = gate.house.accounts.choose().catalog
        before = catalog.current
        await save(Visitor(gate), {"catalogRefreshSeconds": 0.05})
        await until(lambda: catalog.current is not before)
        await save(Visitor(gate), {"catalogRefreshSeconds": 600})
