"""The tiny area with figures that tell where they come from, and a token for every role.

Every count and expectation of the analysts' rating bears a mark and its district's number, so that a body of any format
can be searched for figures that it must not hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import tiny

from gis_layers.desk import Scope, add_token, open_desk, revoke_token
from gis_layers.release import Store, open_store, publish
from gis_layers.sources.ledger import Ledger, SourceLedger, Tally

INSIDE, OUTSIDE = tiny.DISTRICTS[:4], tiny.DISTRICTS[4:]
"""The districts of parent A, and those of parent B."""

COUNT, EXPECTED = 731_000_000, 642_000_000


def marked_layers() -> list[Any]:
    """Return the tiny area's layers with marked figures."""
    made = []
    for layer in tiny.layers():
        if layer.id == "rating":
            frame = layer.frame.copy()
            district = frame["district"].str.slice(0, 2).astype(int) - 1
            number = district * 100_000 + frame.groupby("district").cumcount()
            frame["count"] = (COUNT + number).where(frame["count"].notna())
            frame["expected"] = EXPECTED + number + 0.5
            layer = replace(layer, frame=frame)
        made.append(layer)
    return made


def marked_release(store: Path) -> Store:
    """Publish the marked area: `rating` is in the analyst edition only."""
    made = marked_layers()
    publish(
        store,
        area=tiny.AREA,
        editions={"public": [layer for layer in made if layer.id != "rating"], "analyst": made},
        ledger=Ledger((SourceLedger("cards", read=Tally(1, 1), counted=Tally(1, 1)),)),
        quarantine=tiny.quarantine(),
        inputs={},
        settings={"area": {"id": "tiny"}},
        parents=tiny.parents(made[0].frame),
    )
    return open_store(store)


@dataclass(frozen=True)
class Found:
    """What a body gives away.

    Parameters
    ----------
    figures
        Districts (by number from 0) whose analyst-only figures are in it.
    districts
        Districts that are named in it, by code or by name.
    """

    figures: set[int]
    districts: set[int]


def search(body: bytes, media_type: str) -> Found:
    """Search a body of any format."""
    text = (
        repr(mapbox_vector_tile.decode(body))
        if "vector-tile" in media_type
        else body.decode("utf-8", "replace")
    )
    # Texts for people group digits; in a style sheet a space parts two numbers.
    grouped = not re.search("css|javascript", media_type)
    plain = text if not grouped else re.sub(r"(?<=\d)[ ,.  \u202f](?=\d{3}(?!\d))", "", text)
    figures = {int(found) for found in re.findall(r"(?<!\d)(?:731|642)([0-8])\d{5}(?!\d)", plain)}
    named = {int(found) - 1 for found in re.findall(r"(?<![\d.])0([1-9])000(?!\d)", text)}
    for word in ("District", "Район", "Ауданы", "Аудан Әғқңөұүһі"):
        named |= {int(found) - 1 for found in re.findall(rf"{word} ([1-9])", text)}
    if re.search(r"Region B|Область Б", text):
        named |= {int(code[:2]) - 1 for code in OUTSIDE}
    return Found(figures, named)


def tokens_for(store: Path) -> dict[str, str]:
    """Make a token for every role that has one."""
    past = datetime.now(UTC) - timedelta(days=10)
    with open_desk(store) as desk:
        made = {
            "public": add_token(desk, name="Public", edition="public")[1],
            "analyst": add_token(desk, name="Analyst", edition="analyst")[1],
            "region": add_token(desk, name="Region A", edition="analyst", scope=Scope(parents=("A",)))[1],
            "expired": add_token(
                desk, name="Old", edition="analyst", now=past, expires=past + timedelta(days=1)
            )[1],
            "revoked": add_token(desk, name="Left", edition="analyst")[1],
        }
        revoke_token(desk, made["revoked"], reason="left")
    made["forged"] = made["analyst"][:-4] + ("AAAA" if not made["analyst"].endswith("AAAA") else "BBBB")
    return made
