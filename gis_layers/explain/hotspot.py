"""Why a district is a hotspot: its neighbours' rates, and what would make it vanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..messages import render
from ..messages.parts import below, three_digits
from .changes import Layers, plain_row, rows_of
from .plain import names_in, names_of, plain_value, short

CUT = 0.05
_SAME = 1e-6


def hotspot_of(
    edition: Layers,
    places: gpd.GeoDataFrame,
    district: str,
    offence: str,
    month: np.datetime64,
    figures: pd.DataFrame,
    crs: str,
) -> dict[str, Any] | None:
    """Return the cell's row of `hotspots`, and what it rests on.

    Parameters
    ----------
    edition
        The edition.
    places
        Its districts with their shapes, sorted by code.
    district, offence, month
        The cell.
    figures
        Rows of the rating of the offence and month.
    crs
        The area's projected CRS.

    Returns
    -------
    dict or None
        Columns of the row; `neighbours` (code, names and rate, those that tell most first), `cut` (the largest p with
        which it would still be a hotspot, all other districts as they are; None if it is none) and `without` (Gi*, q
        and whether it still is one, the first neighbour left out). These three are there only if the figures of the
        edition give the same Gi*: where counts are withheld they do not. None where the edition has no such row.
    """
    rows = rows_of(edition, "hotspots", district, month, [offence])
    if rows is None or rows.empty:
        return None
    row = plain_row(rows.iloc[0])
    if row.get("gi_star") is None:
        return row
    # here, because most stories need none of it, and it takes a second to load
    from ..places.hotspots import gi_star, links_of, standardised_rates

    codes = [str(code) for code in places["district"]]
    known = figures.set_index("district").reindex(codes)
    count, people = (known[name].to_numpy(dtype=float, na_value=np.nan) for name in ("count", "population"))
    values, links = standardised_rates(count, people), links_of(places.geometry.to_numpy(), crs)
    at, sign = codes.index(district), np.sign(row["gi_star"])
    found = gi_star(values, links)
    if not abs(found.z[at] - row["gi_star"]) < _SAME:
        return row
    near = links.indices[links.indptr[at] : links.indptr[at + 1]]
    near = near[np.isfinite(values[near])]
    near = near[np.argsort(-sign * values[near], kind="stable")]
    rate = known["rate"].to_numpy(dtype=float, na_value=np.nan)
    return {
        **row,
        "rate": plain_value(rate[at]),
        "neighbours": [
            {"district": codes[one], "names": names_of(places.iloc[one]), "rate": plain_value(rate[one])}
            for one in near.tolist()
        ],
        "cut": own_limit(found.p, at),
        "without": _without(values, links, at, int(near[0]), sign) if len(near) else None,
    }


def _without(values: Any, links: Any, at: int, other: int, sign: float) -> dict[str, Any] | None:
    """Judge the map again, a neighbour left out."""
    from ..places.hotspots import gi_star

    fewer = values.copy()
    fewer[other] = np.nan
    found = gi_star(fewer, links)
    q = _corrected(found.p)
    if not np.isfinite(found.z[at]):
        return None
    still = bool(q[at] <= CUT and np.sign(found.z[at]) == sign)
    return {"gi_star": float(found.z[at]), "q_value": float(q[at]), "still": still}


def own_limit(p: Any, at: int) -> float | None:
    """Return the largest p at which one test would still be listed, all others as they are.

    Parameters
    ----------
    p
        p of all tests, shape (test,); NaN is no test.
    at
        Number of a test.

    Returns
    -------
    float or None
        None where it is not listed at all.

    Notes
    -----
    Benjamini and Hochberg list the k smallest of m. The p of one of them may rise, past others that are listed too, to
    0.05 k / m: k stays what it was. Beyond that fewer are listed, with a limit that is lower still.

    Examples
    --------
    >>> import numpy as np
    >>> own_limit(np.r_[1e-6, np.full(199, 0.5)], 0), own_limit(np.r_[1e-6, np.full(199, 0.5)], 1)
    (0.00025, None)
    """
    passed = _corrected(p) <= CUT
    return float(CUT * passed.sum() / np.isfinite(p).sum()) if passed[at] else None


def _corrected(p: Any) -> Any:
    from ..indicators.rating.fdr import bh_adjust

    return bh_adjust(p)


def hotspot_text(hotspot: Mapping[str, Any] | None, lang: str) -> str:
    """Tell why a district is a hotspot, a line a fact; nothing where nothing is known."""
    if not hotspot or hotspot.get("signal") is None:
        return ""
    lines = [render(lang, "explain.hotspot", {"signal": hotspot["signal"]})]
    if hotspot.get("gi_star") is None:
        return lines[0]
    z, p, q = (hotspot[name] for name in ("gi_star", "p_value", "q_value"))
    figures = {name: three_digits(value) for name, value in (("z", z), ("p", p), ("q", q))}
    under = {"p_below": below(p), "q_below": below(q)}
    lines.append(render(lang, "explain.hotspot_figures", figures | under))
    neighbours = [one for one in hotspot.get("neighbours", ()) if one["rate"] is not None]
    if neighbours and hotspot.get("rate") is not None:
        listed = "; ".join(
            f"{names_in(one['names'], lang, one['district'])} {short(one['rate']):g}" for one in neighbours
        )
        values = {"rate": short(hotspot["rate"]), "listed": listed}
        lines.append(render(lang, "explain.hotspot_neighbours", values))
    if hotspot.get("pattern"):
        kind, _, sign = hotspot["pattern"].partition("_")
        lines.append(render(lang, "explain.hotspot_pattern", {"kind": kind, "sign": sign}))
    if q is not None and q <= CUT:
        if hotspot.get("cut") is not None:
            lines.append(render(lang, "explain.hotspot_cut", {"cut": three_digits(hotspot["cut"])}))
        if (without := hotspot.get("without")) and neighbours:
            first = neighbours[0]
            values = {
                "name": names_in(first["names"], lang, first["district"]),
                "z": three_digits(without["gi_star"]),
                "q": three_digits(without["q_value"]),
                "below": below(without["q_value"]),
                "still": "yes" if without["still"] else "no",
            }
            lines.append(render(lang, "explain.hotspot_without", values))
    return "\n".join(lines)
