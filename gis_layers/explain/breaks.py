"""The breaks of a series: the changes of law, recording and ground that are no crime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
