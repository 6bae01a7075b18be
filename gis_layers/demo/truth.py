"""The planted truth: what was sown where, kept outside the inputs so that nothing can read it by accident."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .backdrop import DISPERSION, FIRST_MONTH
from .geography import country
from .offences import CODES
from .plants.falls import SMOOTH_BEFORE
from .plants.model import Event, Plants

TRUTH_FILE = "truth.json"


@dataclass(frozen=True)
class Truth:
    """Everything that was planted.

    `events` are plain mappings: ``id, kind, class, decoy, evidence, detail, cells``; `cells` holds equal lists
    ``district, offence, month, expected, change, factor, d, power``, where `offence` is null if an event concerns all.
    """

    seed: int
    scale: float
    plants: Plants
    events: tuple[dict[str, Any], ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per planted cell: event, kind, class, decoy, evidence and the columns of `cells`."""
        keys = ("kind", "class", "decoy", "evidence")
        parts = [
            pd.DataFrame({"event": event["id"], **{key: event[key] for key in keys}, **event["cells"]})
            for event in self.events
            if event["cells"]["district"]
        ]
        columns = ["event", *keys, *_CELL]
        frame = pd.concat([part.astype(object) for part in parts]) if parts else pd.DataFrame(columns=columns)
        numbers = dict.fromkeys(("expected", "change", "factor", "d", "power"), "float64")
        return frame.reset_index(drop=True).astype(numbers)[columns]

    def touched(self) -> pd.MultiIndex:
        """Return district, offence and month of every cell of a leaf whose count was changed.

        Beside the planted cells these are the offences that records were turned into or taken from, the month after a
        delay or a dip, and the months before a fall that were made too smooth. All others are clean.
        """
        rows: set[tuple[str, str, pd.Period]] = set()
        for event in self.events:
            elsewhere = [*event["detail"].get("donors", ()), *filter(None, [event["detail"].get("lesser")])]
            before = SMOOTH_BEFORE if event["evidence"] == "under_dispersion" else 0
            after = int(event["evidence"] == "dip_rebound" or event["decoy"] == "late_registration")
            cells = event["cells"]
            for district, offence, month in zip(
                cells["district"], cells["offence"], cells["month"], strict=True
            ):
                when = pd.Period(month, "M")
                rows |= {(district, code, when) for code in elsewhere}
                if offence is not None:
                    rows |= {(district, offence, when + step) for step in range(-before, after + 1)}
        frame = pd.DataFrame(sorted(rows), columns=["district", "offence", "month"])
        return pd.MultiIndex.from_frame(
            frame.assign(month=pd.PeriodIndex(frame["month"], freq="M").to_timestamp())
        )

    def write(self, path: Path) -> None:
        """Write the truth as JSON, one event a line."""
        head = {
            "seed": self.seed,
            "scale": self.scale,
            "plants": asdict(self.plants),
            "dispersion": DISPERSION,
            "alpha": 0.001,
        }
        lines = ",\n".join(json.dumps(event, ensure_ascii=False, allow_nan=False) for event in self.events)
        path.write_text(json.dumps(head)[:-1] + ',\n"events": [\n' + lines + "\n]}\n", encoding="utf-8")


_CELL = ("district", "offence", "month", "expected", "change", "factor", "d", "power")


def read_truth(path: Path) -> Truth:
    """Read what :meth:`Truth.write` wrote."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Truth(raw["seed"], raw["scale"], Plants(**raw["plants"]), tuple(raw["events"]))


def describe(
    seed: int, scale: float, plants: Plants, events: Iterable[Event], changes: Mapping[str, list[int]]
) -> Truth:
    """Name districts, leaves and months of the planted events, and add what really changed."""
    names = country().frame["district"].tolist()
    told = []
    for event in events:
        cells = {
            "district": [names[cell.district] for cell in event.cells],
            "offence": [CODES[cell.offence] if cell.offence >= 0 else None for cell in event.cells],
            "month": [str(FIRST_MONTH + cell.month) for cell in event.cells],
            "expected": [_short(cell.expected) for cell in event.cells],
            "change": changes.get(event.id, [0] * len(event.cells)),
            "factor": [_short(cell.factor) for cell in event.cells],
            "d": [_short(cell.d) for cell in event.cells],
            "power": [_short(cell.power) for cell in event.cells],
        }
        detail = dict(event.detail)
        for key in ("lesser", "donors"):
            if key in detail:
                of = detail[key]
                detail[key] = CODES[of] if isinstance(of, int) else [CODES[leaf] for leaf in of]
        detail = {key: _short(value) if isinstance(value, float) else value for key, value in detail.items()}
        told.append(
            {
                "id": event.id, "kind": event.kind, "class": event.size, "decoy": event.decoy,
                "evidence": event.evidence, "detail": detail, "cells": cells,
            }
        )  # fmt: skip
    return Truth(seed, scale, plants, tuple(told))


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
