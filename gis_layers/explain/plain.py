"""Values of a frame as values that JSON knows, names by language, figures for a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..messages import LANGUAGES


def plain_value(value: Any) -> Any:
    """Return a value as JSON knows it; null and what is not finite are None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item() if not isinstance(value, np.datetime64) else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return value


def names_of(row: pd.Series) -> dict[str, str]:
    """Return the names of a row by language; a plain name stands in for those that it lacks."""
    found = {lang: row.get(f"name_{lang}") for lang in LANGUAGES}
    plain = row.get("name")
    if isinstance(plain, str):
        found = {lang: name if isinstance(name, str) else plain for lang, name in found.items()}
    return {lang: name for lang, name in found.items() if isinstance(name, str)}


def names_in(names: Mapping[str, str], lang: str, code: str) -> str:
    """Return the name in a language, else in any, else the code."""
    return names.get(lang) or next(iter(names.values()), code)


def short(value: float | None) -> float:
    """Round for a sentence: whole from a hundred on, else three digits.

    Examples
    --------
    >>> short(1234.6), short(3.14159), short(None)
    (1235, 3.14, 0.0)
    """
    if value is None:
        return 0.0
    return round(value) if abs(value) >= 100 else float(f"{value:.3g}")
