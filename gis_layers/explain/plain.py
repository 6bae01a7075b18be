"""Values of a frame as values that JSON knows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd


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
