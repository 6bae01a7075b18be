"""What a card tells about place, time, method, damage, offender and victim: chances by kind of offence.

Only classes are kept (an age band, a status): a card never holds a name or a number of a person.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .offences import OFFENCES

VALUES: dict[str, tuple[str, ...]] = {
    "place_type": (
        "street", "dwelling", "shop", "market", "transport", "school", "cafe", "park", "workplace", "internet",
        "pasture", "road",
    ),
    "time_of_day": ("night", "morning", "day", "evening"),
    "method": ("secret", "break_in", "open", "violence", "weapon", "deceit", "online", "vehicle", "other"),
    "offender_sex": ("male", "female"),
    "offender_age": ("14-17", "18-24", "25-34", "35-49", "50+"),
    "offender_status": ("unemployed", "employed", "student", "pensioner", "official"),
    "offender_prior": ("no", "yes"),
    "offender_alcohol": ("no", "yes"),
    "victim_sex": ("male", "female"),
    "victim_age": ("0-17", "18-29", "30-44", "45-59", "60+"),
    "victim_status": ("employed", "unemployed", "student", "pensioner", "business"),
}  # fmt: skip
FILLED = 0.90
PETTY_THRESHOLD = 30.0

_PLACE = {
    "theft": (28, 16, 16, 12, 12, 2, 6, 3, 5, 0, 0, 0), "burglary": (0, 88, 6, 0, 0, 1, 1, 0, 4, 0, 0, 0),
    "petty": (10, 8, 58, 14, 3, 2, 3, 0, 2, 0, 0, 0), "livestock": (0, 22, 0, 1, 0, 0, 0, 0, 2, 0, 75, 0),
    "robbery": (58, 6, 8, 6, 5, 1, 5, 8, 1, 0, 0, 2), "fraud": (8, 20, 14, 8, 2, 0, 3, 0, 20, 25, 0, 0),
    "online": (0, 12, 1, 0, 0, 0, 0, 0, 2, 85, 0, 0), "violence": (30, 42, 2, 2, 2, 3, 10, 4, 3, 0, 1, 1),
    "home": (12, 72, 1, 1, 1, 3, 4, 2, 3, 0, 0, 1), "street": (48, 10, 6, 4, 4, 4, 14, 7, 2, 0, 0, 1),
    "road": (6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 94), "drugs": (46, 24, 1, 2, 8, 1, 4, 6, 1, 0, 3, 4),
    "office": (2, 2, 2, 0, 0, 6, 1, 0, 82, 3, 0, 2),
}  # fmt: skip
_TIME = {
    "theft": (22, 16, 36, 26), "burglary": (34, 14, 34, 18), "petty": (4, 16, 48, 32), "livestock": (62, 12, 10, 16),
    "robbery": (38, 6, 20, 36), "fraud": (4, 22, 56, 18), "online": (6, 22, 48, 24), "violence": (36, 8, 16, 40),
    "home": (28, 10, 18, 44), "street": (38, 4, 18, 40), "road": (22, 16, 32, 30), "drugs": (18, 14, 34, 34),
    "office": (0, 30, 64, 6),
}  # fmt: skip
_METHOD = {
    "theft": (78, 6, 12, 0, 0, 2, 0, 0, 2), "burglary": (14, 82, 2, 0, 0, 0, 0, 0, 2),
    "petty": (86, 1, 11, 0, 0, 1, 0, 0, 1), "livestock": (70, 8, 2, 0, 0, 0, 0, 18, 2),
    "robbery": (0, 0, 62, 30, 8, 0, 0, 0, 0), "fraud": (0, 0, 0, 0, 0, 84, 14, 0, 2),
    "online": (0, 0, 0, 0, 0, 10, 90, 0, 0), "violence": (0, 0, 4, 70, 24, 0, 0, 0, 2),
    "home": (0, 0, 4, 86, 8, 0, 0, 0, 2), "street": (4, 2, 52, 30, 6, 0, 0, 0, 6),
    "road": (0, 0, 0, 0, 0, 0, 0, 99, 1), "drugs": (70, 0, 12, 0, 0, 0, 12, 4, 2),
    "office": (30, 0, 4, 0, 0, 62, 2, 0, 2),
}  # fmt: skip
_AGE = {
    "theft": (9, 24, 33, 26, 8), "burglary": (9, 25, 35, 26, 5), "petty": (14, 24, 28, 24, 10),
    "livestock": (2, 20, 40, 31, 7), "robbery": (12, 33, 34, 18, 3), "fraud": (0, 18, 38, 34, 10),
    "online": (2, 38, 38, 19, 3), "violence": (5, 21, 33, 30, 11), "home": (1, 12, 33, 39, 15),
    "street": (9, 31, 33, 21, 6), "road": (0, 18, 37, 33, 12), "drugs": (2, 22, 42, 29, 5),
    "office": (0, 4, 29, 47, 20),
}  # fmt: skip
_WOMEN = {"petty": 0.30, "fraud": 0.36, "online": 0.28, "office": 0.34, "home": 0.09, "theft": 0.17}
_DRUNK = {
    "violence": 0.42,
    "home": 0.40,
    "street": 0.38,
    "robbery": 0.2,
    "theft": 0.12,
    "burglary": 0.15,
    "road": 0.35,
}
_STATUS = {"office": (4, 30, 0, 2, 64), "road": (30, 58, 4, 7, 1)}
_VICTIM_WOMEN = {
    "home": 0.74,
    "violence": 0.33,
    "online": 0.58,
    "robbery": 0.5,
    "road": 0.4,
    "livestock": 0.2,
}


@lru_cache(maxsize=1)
def chances() -> dict[str, npt.NDArray[np.float64]]:
    """Return for each attribute the cumulative chances of its values, (leaves, values)."""
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in VALUES}
    for offence in OFFENCES:
        kind = offence.kind
        women, drunk = _WOMEN.get(kind, 0.12), _DRUNK.get(kind, 0.08)
        victim = _VICTIM_WOMEN.get(kind, 0.48)
        rows["place_type"].append(_PLACE[kind])
        rows["time_of_day"].append(_TIME[kind])
        rows["method"].append(_METHOD[kind])
        rows["offender_sex"].append((1 - women, women))
        rows["offender_age"].append(_AGE[kind])
        rows["offender_status"].append(_STATUS.get(kind, (62, 28, 6, 3, 1)))
        rows["offender_prior"].append((0.72, 0.28))
        rows["offender_alcohol"].append((1 - drunk, drunk))
        rows["victim_sex"].append((1 - victim, victim))
        minor = offence.code == "112-1"
        rows["victim_age"].append((94, 6, 0, 0, 0) if minor else (6, 29, 34, 20, 11))
        rows["victim_status"].append((2, 2, 96, 0, 0) if minor else (52, 19, 11, 10, 8))
    out = {}
    for name, table in rows.items():
        weight = np.array(table, dtype=float)
        out[name] = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    return out


def draw_attributes(rng: np.random.Generator, leaf: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.int8]]:
    """Draw the attributes of cards, (n,) positions in `VALUES` by attribute, -1 where the card is empty."""
    n = len(leaf)
    solved = rng.random(n) < np.array([offence.solved for offence in OFFENCES])[leaf]
    victim = np.array([offence.victim for offence in OFFENCES])[leaf]
    drawn = {}
    for name, cumulative in chances().items():
        value = (rng.random(n)[:, None] > cumulative[leaf, :-1]).sum(axis=1).astype(np.int8)
        filled = rng.random(n) < (FILLED if name in ("place_type", "time_of_day", "method") else 0.95)
        if name.startswith("offender_"):
            filled &= solved
        elif name.startswith("victim_"):
            filled &= victim
        drawn[name] = np.where(filled, value, np.int8(-1))
    return drawn


def draw_damage(
    rng: np.random.Generator, leaf: npt.NDArray[np.int64], bunched: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Draw the damage in thousand tolans, (n,), NaN where none is recorded.

    Petty theft lies under the threshold of 30, theft above it; `bunched` cards lie just under the threshold.
    """
    median = np.array([offence.damage for offence in OFFENCES])[leaf]
    petty = np.array([offence.kind == "petty" for offence in OFFENCES])[leaf]
    above = np.array([offence.code == "121-1" for offence in OFFENCES])[leaf]
    damage = np.exp(rng.normal(0, 1.0, len(leaf))) * np.where(above, median - PETTY_THRESHOLD, median)
    damage = np.where(above, PETTY_THRESHOLD + damage, damage)
    damage = np.where(petty, PETTY_THRESHOLD * rng.beta(1.8, 2.4, len(leaf)), damage)
    damage = np.where(bunched, PETTY_THRESHOLD * rng.uniform(0.93, 0.999, len(leaf)), damage)
    empty = (median == 0) | (rng.random(len(leaf)) > 0.93)
    return np.asarray(np.where(empty, np.nan, np.round(np.maximum(damage, 0.1), 1)))
