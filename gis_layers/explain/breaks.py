"""The breaks of a series: the changes of law, recording and ground that are no crime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..messages import render


def breaks_of(area: Mapping[str, Any], district: str, offence: str, month: str) -> list[dict[str, Any]]:
    """Return the break lines of a series up to a month, the newest first.

    Parameters
    ----------
    area
        The catalogue's entry of the area; `breaks` as :func:`gis_layers.codes.break_lines` makes them.
    district, offence
        The series.
    month
        Last month of the period, ``YYYY-MM``.

    Examples
    --------
    >>> line = {"id": "a", "kind": "level", "from": "2017-04", "to": None, "offences": ["theft"], "districts": None}
    >>> [one["id"] for one in breaks_of({"breaks": [line]}, "d1", "theft", "2018-01")]
    ['a']
    >>> breaks_of({"breaks": [line]}, "d1", "all", "2018-01"), breaks_of({"breaks": [line]}, "d1", "theft", "2017-03")
    ([], [])
    """
    told = [
        {
            "id": one["id"],
            "kind": one.get("kind"),
            "from": one["from"],
            "to": one.get("to"),
            "names": dict(one.get("name") or {}),
            "reasons": dict(one.get("reason") or {}),
        }
        for one in area.get("breaks") or ()
        if one["from"] <= month
        and (one.get("offences") is None or offence in one["offences"])
        and (one.get("districts") is None or district in one["districts"])
    ]
    return sorted(told, key=lambda one: (str(one["from"]), str(one["id"])), reverse=True)


def across_of(breaks: Iterable[Mapping[str, Any]], month: np.datetime64, *, width: int = 1) -> list[str]:
    """Return which changes of a month (`month`, `year`, `ytd`) are reckoned across a break: they tell nothing of crime.

    Parameters
    ----------
    breaks
        Result of :func:`breaks_of`.
    month
        First month of the period.
    width
        Months of the period.

    Examples
    --------
    >>> level = {"kind": "level", "from": "2014-03", "to": "2014-07"}
    >>> across_of([level], np.datetime64("2015-02")), across_of([level], np.datetime64("2014-08"))
    (['year', 'ytd'], ['month', 'year', 'ytd'])
    >>> across_of([level], np.datetime64("2015-08")), across_of([level], np.datetime64("2016-01"))
    (['ytd'], [])
    >>> span = {"kind": "excluded", "from": "2014-03", "to": "2014-07"}
    >>> across_of([span], np.datetime64("2015-02")), across_of([span], np.datetime64("2015-06"))
    ([], ['year', 'ytd'])
    """
    begun = month.astype("datetime64[Y]").astype("datetime64[M]")
    # the months that a change is reckoned from, the first to the last, and those it is reckoned to
    sides = {
        "month": ((month - width, month - width), (month, month)),
        "year": ((month - 12, month - 12), (month, month)),
        "ytd": ((begun - 12, month - 12), (begun, month)),
    }
    return [
        name for name, (base, now) in sides.items() if any(_parted(one, base, now, width) for one in breaks)
    ]


def _parted(
    one: Mapping[str, Any],
    base: tuple[np.datetime64, np.datetime64],
    now: tuple[np.datetime64, np.datetime64],
    width: int,
) -> bool:
    begin = np.datetime64(one["from"], "M")
    end = None if one["to"] is None else np.datetime64(one["to"], "M")
    if one["kind"] == "excluded":
        return any(begin <= last + width - 1 and first <= (end or begin) for first, last in (base, now))
    last = now[1] + width - 1
    return bool(begin <= last and (base[0] < begin if end is None else base[0] <= end))


def breaks_text(breaks: list[Mapping[str, Any]], lang: str) -> str:
    """Tell the breaks of a series, a line each; nothing where it has none."""
    lines = []
    for one in breaks:
        name = one["names"].get(lang) or next(iter(one["names"].values()), one["id"])
        values = {"month": one["from"], "name": name}
        if one["to"] is None or one["to"] == one["from"]:
            line = render(lang, "explain.break", values)
        else:
            line = render(lang, "explain.break_span", values | {"to": one["to"]})
        reason = one["reasons"].get(lang) or next(iter(one["reasons"].values()), "")
        lines.append(f"{line}. {reason.rstrip('.')}." if reason else f"{line}.")
    return "\n".join([render(lang, "explain.breaks"), *lines]) if lines else ""
