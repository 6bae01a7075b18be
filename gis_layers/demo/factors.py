"""External factors by month: an exchange rate that jumps six times, and nine that have nothing to do with crime."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .backdrop import FIRST_MONTH, MONTHS, autoregression
from .plants.reactions import JUMPS
from .streams import stream

JUMP = 0.24
IDLE = (
    "oil_price", "wheat_price", "money_supply", "job_seekers", "new_cars", "air_passengers", "air_temperature",
    "river_level", "electricity",
)  # fmt: skip


def draw_factors(seed: int) -> pd.DataFrame:
    """Return `month` (YYYY-MM), `exchange_rate` (tolans for a dollar) and nine idle factors: three AR(1), three
    random walks, three seasonal."""
    rng = stream(seed, "factors")
    month = np.arange(MONTHS)
    steps = np.isin(month, JUMPS) * JUMP + rng.normal(0.0005, 0.006, MONTHS)
    table: dict[str, object] = {"month": (FIRST_MONTH + month).astype(str)}
    table["exchange_rate"] = np.round(180 * np.exp(np.cumsum(steps)), 2)
    persistent = autoregression(rng, 3, MONTHS, rho=0.8, sd=1.0)
    walks = np.cumsum(rng.normal(0, 1, (3, MONTHS)), axis=1)
    noise = rng.normal(0, 1, (3, MONTHS))
    swing = np.cos(2 * np.pi * (month % 12 - 6) / 12)
    columns = [
        60 * np.exp(0.15 * persistent[0]), 210 * np.exp(0.10 * persistent[1]), 100 + 8 * persistent[2],
        5.0 + 0.12 * walks[0], 9000 * np.exp(0.03 * walks[1]), 400 * np.exp(0.025 * walks[2]),
        5 + 19 * swing + 2 * noise[0], 240 - 60 * swing + 18 * noise[1], 9.1 - 1.3 * swing + 0.2 * noise[2],
    ]  # fmt: skip
    for name, values in zip(IDLE, columns, strict=True):
        table[name] = np.round(values, 2)
    return pd.DataFrame(table)
