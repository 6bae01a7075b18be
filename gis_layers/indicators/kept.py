"""Verdicts of an indicator kept month by month, under hashes made of what they rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from .rating import Fingerprint, Verdicts
from .rating.join import join_months
from .rating.stored import from_table, to_table

Judge = Callable[[npt.NDArray[np.datetime64]], xr.Dataset]


def names_of(
    indicator: str, method: int, marks: Fingerprint, further: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the hash of every month's input: that of the rating, the indicator's method, and what else it rests on.

    Parameters
    ----------
    indicator, method
        Name of the indicator and version of its code.
    marks
        Hashes of the panel's months.
    further
        A text for each month that says what else was known up to it (:func:`chained`).
    """
    more = further or [""] * len(marks.months)
    return tuple(
        hashlib.sha256(f"{indicator}:{method}:{mark.hash}:{text}".encode()).hexdigest()
        for mark, text in zip(marks.months.values(), more, strict=True)
    )


def chained(months: int, figures: Mapping[str, npt.NDArray[np.generic]], whole: str = "") -> list[str]:
    """Return a hash of all figures up to each month.

    Parameters
    ----------
    months
        How many.
    figures
        Arrays by name, the months along the second axis from the last (… × month × district).
    whole
        What else all months rest on.

    Examples
    --------
    >>> one = chained(3, {"cards": np.arange(6).reshape(3, 2)})
    >>> other = chained(3, {"cards": np.array([[0, 1], [2, 3], [4, 9]])})
    >>> [a == b for a, b in zip(one, other, strict=True)]
    [True, True, False]
    """
    link = hashlib.sha256(whole.encode()).hexdigest()
    links = []
    for month in range(months):
        made = hashlib.sha256(link.encode())
        for name in sorted(figures):
            part = np.ascontiguousarray(np.take(figures[name], month, axis=-2), dtype="<f8")
            made.update(name.encode() + np.where(np.isnan(part), np.nan, part).tobytes())
        link = made.hexdigest()
        links.append(link)
    return links


def judge_kept(
    names: Sequence[str] | None, panel: xr.Dataset, kept: Verdicts | None, judge: Judge
) -> xr.Dataset:
    """Judge the months that are not kept yet, keep them, and return all.

    Parameters
    ----------
    names
        The hash of each month of the panel; None keeps nothing.
    panel
        The panel, whose months are judged.
    kept
        Where verdicts are kept; None keeps nothing.
    judge
        Judges the months it is given, dimensions (offence, month, district).
    """
    months = panel["month"].values
    if names is None or kept is None:
        return judge(months)
    found: dict[int, xr.Dataset] = {}
    for place, name in enumerate(names):
        if (table := kept.load(name)) is not None:
            try:
                found[place] = from_table(table, panel.isel(month=[place]), overlay=False)
            except (ValueError, KeyError):
                continue  # whatever this is, it is not the verdict: judge the month again
    missing = [place for place in range(len(names)) if place not in found]
    if missing:
        fresh = judge(months[missing])
        for at, place in enumerate(missing):
            found[place] = fresh.isel(month=[at])
            kept.save(names[place], to_table(found[place]))
    return join_months([found[place] for place in sorted(found)])
