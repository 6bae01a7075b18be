"""The tiny area with dynamics, structure and completeness: what the layers of change look like to a reader.

``changes_release(folder)`` publishes it. Signals follow from a row's place, so that a test can say them beforehand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import tiny

from gis_layers.layers import Layer, completeness_layer, dynamics_layer, structure_layer
from gis_layers.release import Store, open_store, publish
from gis_layers.sources.ledger import QUARANTINE_COLUMNS, Ledger, SourceLedger, Tally

SIGNALS = ("outbreak", "fall", "norm", "norm_rise_only", "too_few")
SHARES = {"all": 1.0, "property": 0.75, "theft": 0.5, "burglary": 0.25}
EVIDENCE = json.dumps(
    [
        {"code": "evidence.too_smooth", "values": {"phi": 2.5, "months": 9, "p": 0.7, "holds": "no"}},
        {
            "code": "evidence.completeness",
            "values": {
                "attribute": "method", "share": 0.4, "cards": 90, "usual": 0.9, "p": 0.00002, "holds": "yes",
            },
        },
    ]
)  # fmt: skip


def changes() -> pd.DataFrame:
    """Return rows of dynamics: signals in turn, evidence on falls, no change of the year so far."""
    frame = tiny.rating()[["district", "offence", "month"]]
    numbers = ("expected", "lower", "upper", "p_rise", "p_fall", "q_value", "instability", "change_month",
               "change_year", "ytd", "ytd_last_year")  # fmt: skip
    made = frame.assign(**dict.fromkeys(numbers, 3.0), change_ytd=float("nan"))
    signal = [SIGNALS[n % 5] for n in range(len(frame))]
    return made.assign(signal=signal, evidence=[EVIDENCE if one == "fall" else None for one in signal])


def outbreaks() -> pd.DataFrame:
    """Return what of it the public edition holds."""
    rows = changes()
    return rows[rows["signal"] == "outbreak"].assign(p_fall=float("nan"), evidence=None)


def mixes() -> pd.DataFrame:
    """Return rows of structure: the same shares everywhere, the group's a fifth less."""
    frame = tiny.rating()[["district", "offence", "month"]]
    share = frame["offence"].map(SHARES)
    names = ("p_value", "share_own_year", "lift")
    return frame.assign(imbalance=2.5, share=share, share_peers=share * 0.8, **dict.fromkeys(names, 0.5))


def fields() -> pd.DataFrame:
    """Return rows of completeness: `method` and `witness` are filled, `place` is not."""
    rows = [
        {"district": district, "attribute": attribute, "month": month, "cards": 90, "filled": filled}
        for attribute, filled in (("method", 81), ("place", 40), ("witness", 81))
        for month in tiny.rating()["month"].unique()
        for district in tiny.DISTRICTS
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(share_filled=frame["filled"] / 90, expected_share=0.9,
                        signal=["norm" if one > 50 else "low" for one in frame["filled"]])  # fmt: skip


def layers() -> list[Layer]:
    """Return every layer of the analyst edition."""
    return [*tiny.layers(), dynamics_layer(changes()), structure_layer(mixes()), completeness_layer(fields())]


def changes_release(folder: Path) -> Store:
    """Publish both editions into a store."""
    account = SourceLedger("table")
    account.read, account.counted = Tally(1, 1), Tally(1, 1)
    publish(
        folder,
        area=tiny.AREA,
        editions={"public": [*tiny.layers(), dynamics_layer(outbreaks())], "analyst": layers()},
        ledger=Ledger((account,)),
        quarantine=pd.DataFrame(columns=list(QUARANTINE_COLUMNS)),
        inputs={},
        settings={},
        parents=tiny.parents(tiny.shapes()),
    )
    return open_store(folder)
