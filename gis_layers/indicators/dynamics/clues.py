"""What may speak for or against a fall besides the counts: cards, a proxy, and which offence a record may become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bunching:
    """Cards just under a threshold of an attribute, month × district, of the offence that lies under it.

    Parameters
    ----------
    attribute, value
        The attribute and its threshold.
    above, below
        The offence from the threshold on, and the lesser one under it.
    near, known
        Cards of the lesser offence just under the threshold, and those whose value is known and under it.
    """

    attribute: str
    value: float
    above: str
    below: str
    near: Floats
    known: Floats


@dataclass(frozen=True)
class Clues:
    """Figures beside the counts, laid out as the panel, offence × month × district; what is not there is not tested.

    Parameters
    ----------
    lesser
        The lesser offences that a record of an offence may be turned into.
    proxy
        Counts of something that nobody who keeps the records touches (calls, insurance claims), by its name; NaN where
        there is none.
    cards, filled
        Cards, and those whose attribute is filled, by its name.
    bunching
        Thresholds.
    """

    lesser: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    proxy: Mapping[str, Floats] = field(default_factory=dict)
    cards: Floats | None = None
    filled: Mapping[str, Floats] = field(default_factory=dict)
    bunching: tuple[Bunching, ...] = ()
