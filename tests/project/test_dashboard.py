"""The Grafana dashboard asks for what GET /metrics tells."""

import json
import re
from pathlib import Path
from typing import Any

from prometheus_client.core import Metric

from copilot_api.gateway.telemetry.exposition import Snapshot, _Exposed
from copilot_api.gateway.telemetry.lag import LoopLag
from copilot_api.gateway.telemetry.tally import Tally

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana/copilot-api.json").read_text(encoding="utf-8"))
ROOMS = (ROOT / "src/copilot_api/web/running/telemetry.py").read_text(encoding="utf-8")


def expressions() -> list[str]:
    """Every query of the dashboard."""
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]


def test_every_metric_it_asks_for_is_told() -> None:
    """Families of the exposition, and what the rooms tell at the scrape."""
    families: list[Metric] = list(_Exposed(Snapshot.of(Tally(), LoopLag(lambda: 0.0).late, ())).collect())
    told = {family.name for family in families}
    told |= {f"copilot_api_{name}" for name in re.findall(r'sample\(\s*"([a-z_]+)"', ROOMS)}
    asked = {name for text in expressions() for name in re.findall(r"copilot_api_[a-z_]+", text)}
    stems = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked}
    assert stems - told == set()
    assert len(stems) >= 15


def test_every_query_can_be_narrowed_to_one_gateway() -> None:
    """Several may be scraped by one Prometheus."""
    for text in expressions():
        found = len(re.findall(r"(?:copilot_api|process)_[a-z_]+\{", text))
        assert text.count('job=~"$job",instance=~"$instance"') == found > 0, text


def test_panels_lie_beside_one_another() -> None:
    """No two of them on the same place, and each with an id of its own."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
