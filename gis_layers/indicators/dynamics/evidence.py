"""Evidence that a fall needs a check of the records: each test named, with its numbers, whether it holds or not.

A fall is never called false here. Each test asks one thing that would be odd of a true decline, by exact tails where
counts are small, and is shown with its own p-value; it holds at p ≤ .01. None is a sum of the others.

======================  ========================================================================================
code                    asks
======================  ========================================================================================
evidence.lesser_rise    did a lesser neighbouring offence rise by as much as is missing here?
evidence.too_smooth     did the months before vary less than chance alone makes them (φ < 1)?
evidence.bunching       do cards of the lesser offence crowd just under its threshold?
evidence.proxy          did something that no record keeper touches not fall?
evidence.completeness   were fewer fields of the cards filled than in the year before?
evidence.rebound        did the cards come back as soon as the quarter was over? (told by the month after)
======================  ========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..norm.tails import heterogeneity_of, mid_p
from .clues import Clues

Floats = npt.NDArray[np.float64]
Item: TypeAlias = dict[str, Any]

HOLDS = 0.01
"""p at which a test holds."""

BEFORE = 12
"""Months that the months of a fall are set beside."""

SMOOTH = 9
"""Months before a fall whose evenness is looked at."""

LONGEST = 3
"""Months that a fall is followed back."""

_LOW = 1.64


@dataclass(frozen=True)
class Record:
    """Counts and what had been foretold of them, up to the month judged, offence × month × district.

    Parameters
    ----------
    codes
        The offences.
    count, expected
        What came, and what the own past had foretold.
    phi
        Dispersion in the month judged, offence × district.
    """

    codes: Sequence[str]
    count: Floats
    expected: Floats
    phi: Floats


def of_fall(record: Record, clues: Clues, offence: int, district: int) -> list[Item]:
    """Return the evidence on a fall of the last month of the record, each test that can be made.

    Parameters
    ----------
    record, clues
        What is known.
    offence, district
        Rows of the cell.

    Returns
    -------
    list of {code, values}
        `values` hold the figures, `p`, and `holds` (``yes`` or ``no``).
    """
    at = record.count.shape[1] - 1
    run = fall_months(record, offence, district)
    first = at - run + 1
    tests = (
        _lesser(record, clues, offence, district, first),
        [too_smooth(record.count[offence, :first, district], record.expected[offence, :first, district])],
        _bunched(record, clues, offence, district, first),
        [
            proxy_stays(name, record.count[offence, :, district], figures[offence, :, district], first)
            for name, figures in clues.proxy.items()
        ],
        [_less_filled(clues, offence, district, first, at)],
    )
    return [item for test in tests for item in test if item is not None]


def fall_months(record: Record, offence: int, district: int) -> int:
    """Return how many months the fall has lasted, the last one included; three at most."""
    count, mean = record.count[offence, :, district], record.expected[offence, :, district]
    spread = np.sqrt(mean * max(float(record.phi[offence, district]), 1.0))
    for back in range(2, LONGEST + 1):
        if len(count) < back or not count[-back] <= mean[-back] - _LOW * spread[-back]:
            return back - 1
    return LONGEST


def _lesser(record: Record, clues: Clues, offence: int, district: int, first: int) -> list[Item | None]:
    row = {code: place for place, code in enumerate(record.codes)}
    known = [row[code] for code in clues.lesser.get(record.codes[offence], ()) if code in row]
    missing = float((record.expected - record.count)[offence, first:, district].sum())
    made: list[Item | None] = []
    for other in known:
        count = float(record.count[other, first:, district].sum())
        expected = float(record.expected[other, first:, district].sum())
        p = _tails(count, expected, float(record.phi[other, district]))[0] * len(known)
        if np.isnan(p):
            continue
        whole = count + float(record.count[offence, first:, district].sum())
        due = expected + float(record.expected[offence, first:, district].sum())
        phi = max(float(record.phi[other, district]), float(record.phi[offence, district]))
        matches = min(_tails(whole, due, phi)) > HOLDS and count - expected >= missing / 3
        values = {
            "offence": record.codes[other], "count": count, "expected": expected, "missing": missing,
            "matches": "yes" if matches else "no",
        }  # fmt: skip
        made.append(_item("lesser_rise", min(p, 1.0), values, holds=p <= HOLDS and matches))
    return made


def too_smooth(count: Floats, expected: Floats) -> Item | None:
    """Test whether months vary less than chance alone lets them: φ under 1.

    They are set beside their own sum, once in the proportions that were foretold and once all alike: whoever writes
    the same figure every month follows no season either. Σ(Y − μ)²/μ is at least chi-squared on the months less one
    under chance, more where the proportions are wrong; the smaller of both counts, its p doubled.

    Examples
    --------
    >>> import numpy as np
    >>> too_smooth(np.array([100.0, 101, 99, 100, 100, 101, 99, 100, 100]), np.full(9, 104.0))["values"]["holds"]
    'yes'
    """
    count, expected = count[-SMOOTH:], expected[-SMOOTH:]
    if len(count) < SMOOTH or np.isnan(count + expected).any() or expected.sum() <= 0 or count.sum() <= 0:
        return None
    foretold, alike = (usual * count.sum() / usual.sum() for usual in (expected, np.ones(SMOOTH)))
    squares = min(float(((count - mean) ** 2 / mean).sum()) for mean in (foretold, alike))
    p = min(2 * float(stats.chi2.cdf(squares, SMOOTH - 1)), 1.0)
    return _item("too_smooth", p, {"phi": squares / (SMOOTH - 1), "months": SMOOTH})


def proxy_stays(name: str, count: Floats, proxy: Floats, first: int) -> Item | None:
    """Test whether a proxy did not share a fall.

    Parameters
    ----------
    name
        Name of the proxy.
    count, proxy
        Counts of a series and of its proxy, months.
    first
        First month of the fall, which lasts to the end; the twelve months before it say how the two go together.

    Examples
    --------
    >>> import numpy as np
    >>> count, calls = np.array([50.0] * 12 + [20.0] * 3), np.array([45.0] * 12 + [46.0] * 3)
    >>> proxy_stays("calls", count, calls, 12)["values"]["holds"]
    'yes'
    >>> proxy_stays("calls", count, 0.9 * count, 12)["values"]["holds"]
    'no'
    """
    before = slice(max(first - BEFORE, 0), first)
    y, c, y0, c0 = (
        float(np.nansum(part)) for part in (count[first:], proxy[first:], count[before], proxy[before])
    )
    if np.isnan(proxy[first:]).any() or np.isnan(proxy[before]).all() or y0 + c0 <= 0 or y + c <= 0:
        return None
    # given both, the records are a share of the whole; a fall that both have leaves the share
    share = y0 / (y0 + c0)
    spread = np.sqrt(max((y + c) * share * (1 - share) * (1 + (y + c) / (y0 + c0)), 1e-12))
    p = float(stats.norm.cdf((y + 0.5 - (y + c) * share) / spread))
    usual = (count[before], proxy[before])
    months = int(min((~np.isnan(part)).sum() for part in usual))
    values = {"proxy": name, "count": c, "expected": c0 / max(months, 1) * (len(count) - first)}
    return _item("proxy", p, values)


def rebound(before: tuple[float, float], after: tuple[float, float], phi: float) -> Item:
    """Test whether cards came back in the month after a fall at the end of a quarter.

    Parameters
    ----------
    before, after
        Count and expected of the last month of the quarter, which fell, and of the month after it.
    phi
        Dispersion.

    Examples
    --------
    >>> rebound((20.0, 60.0), (95.0, 55.0), 1.5)["values"]["holds"]
    'yes'
    """
    missing, back = before[1] - before[0], after[0] - after[1]
    p = _tails(after[0], after[1], phi)[0]
    values = {"count": after[0], "expected": after[1], "missing": missing}
    return _item("rebound", p, values, holds=p <= HOLDS and back >= missing / 4)


def _bunched(record: Record, clues: Clues, offence: int, district: int, first: int) -> list[Item | None]:
    made: list[Item | None] = []
    for one in clues.bunching:
        if one.above != record.codes[offence]:
            continue
        at = record.count.shape[1]
        near, known = (part[:at, district] for part in (one.near, one.known))
        found = _share(near, known, first)
        if found is not None:
            p = float(_upper(*found))
            values = {"offence": one.below, "attribute": one.attribute, "threshold": one.value}
            made.append(_item("bunching", p, values | _shares(found)))
    return made


def _less_filled(clues: Clues, offence: int, district: int, first: int, at: int) -> Item | None:
    """Test every attribute, and tell of the one that lost most; its p is that of one among so many."""
    if clues.cards is None:
        return None
    cards = clues.cards[offence, : at + 1, district]
    tested = []
    for name, figures in clues.filled.items():
        found = _share(figures[offence, : at + 1, district], cards, first)
        if found is not None:
            some, of, some0, of0 = found
            tested.append((_upper(of - some, of, of0 - some0, of0), name, found))
    if not tested:
        return None
    p, name, found = min(tested)
    return _item("completeness", min(p * len(tested), 1.0), {"attribute": name} | _shares(found))


def _share(part: Floats, whole: Floats, first: int) -> tuple[int, int, int, int] | None:
    """Return part and whole since the fall, and in the year before it; None where either is empty."""
    before = slice(max(first - BEFORE, 0), first)
    sums = [int(np.nansum(one)) for one in (part[first:], whole[first:], part[before], whole[before])]
    return None if not sums[1] or not sums[3] else (sums[0], sums[1], sums[2], sums[3])


def _shares(found: tuple[int, int, int, int]) -> Item:
    return {"share": found[0] / found[1], "usual": found[2] / found[3], "cards": found[1]}


def _upper(part: int, whole: int, part0: int, whole0: int) -> float:
    """Return Fisher's exact mid-p that a share is higher than it was."""
    args = (whole + whole0, part + part0, whole)
    p: float = stats.hypergeom.sf(part, *args) + 0.5 * stats.hypergeom.pmf(part, *args)
    return p


def _tails(count: float, expected: float, phi: float) -> tuple[float, float]:
    y, mean = np.array([count]), np.array([expected])
    rise, fall = mid_p(y, mean, heterogeneity_of(mean, np.array([phi])))
    return float(rise[0]), float(fall[0])


def _item(name: str, p: float, values: Mapping[str, Any], *, holds: bool | None = None) -> Item:
    told = {key: _short(value) if isinstance(value, float) else value for key, value in values.items()}
    yes = p <= HOLDS if holds is None else holds
    return {"code": f"evidence.{name}", "values": {**told, "p": _p(p), "holds": "yes" if yes else "no"}}


def _short(value: float) -> float | int:
    short = float(f"{value:.4g}")
    return int(short) if short.is_integer() else short


def _p(value: float) -> float:
    return float(f"{max(value, 1e-9):.2g}")
