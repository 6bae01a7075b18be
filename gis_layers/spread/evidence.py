"""Why a path is there, and what would make it vanish: messages of its own figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..messages.parts import part, three_digits
from .chains import Chain
from .edges import Edge


def chain_evidence(chain: Chain, stops: Sequence[Mapping[str, Any]], *, alpha: float) -> list[dict[str, Any]]:
    """Return what speaks for a chain, as message codes and values.

    Parameters
    ----------
    chain
        The chain.
    stops
        Its districts by onset: `district`, `month`, `count`, `expected`, `signal`.
    alpha
        False discovery rate of chains.

    Returns
    -------
    list of {code, values}
        How many districts over which months; each stop with what `dynamics` says of it; chance; and whether what is
        left without its strongest stop would be listed.

    Examples
    --------
    >>> from gis_layers.spread.scan import Path
    >>> chain = Chain(0, Path(5.0, (0, 1), (3, 4)), 0.001, 0.01, strongest=1, q_without=0.2)
    >>> stop = {"month": "2022-01-01", "count": 9, "expected": 3.0, "signal": "outbreak"}
    >>> found = chain_evidence(chain, [stop | {"district": "a"}, stop | {"district": "b"}], alpha=0.05)
    >>> [part["code"] for part in found], found[-1]["values"]["stays"]
    (['path.chain', 'path.stop', 'path.stop', 'path.chance', 'path.without_stop'], 'no')
    """
    strongest = stops[chain.strongest]
    return [
        _part(
            "chain", districts=len(stops), first=_month(stops[0]["month"]), last=_month(stops[-1]["month"])
        ),
        *(
            _part(
                "stop",
                district=stop["district"],
                month=_month(stop["month"]),
                count=int(stop["count"]),
                expected=three_digits(stop["expected"]),
                signal=stop["signal"] or "none",
            )
            for stop in stops
        ),
        _part("chance", p=three_digits(chain.p_value), q=three_digits(chain.q_value), cut=alpha),
        _part(
            "without_stop",
            district=strongest["district"],
            month=_month(strongest["month"]),
            q=three_digits(chain.q_without),
            stays="yes" if chain.q_without <= alpha else "no",
        ),
    ]


def epidemic_evidence(size: float, lower: float, upper: float) -> list[dict[str, Any]]:
    """Return how much of an offence follows its neighbours at all, nothing where that is not known.

    Examples
    --------
    >>> epidemic_evidence(0.12345, 0.1, 0.15)[0]["values"], epidemic_evidence(*[float("nan")] * 3)
    ({'size': 0.123, 'lower': 0.1, 'upper': 0.15}, [])
    """
    if not math.isfinite(size):
        return []
    values = {"size": size, "lower": lower, "upper": upper}
    return [_part("epidemic", **{name: three_digits(value) for name, value in values.items()})]


def edge_evidence(edge: Edge, *, months: int, alpha: float) -> list[dict[str, Any]]:
    """Return what speaks for an edge, as message codes and values: what follows, how surely, and the cut."""
    return [
        _part(
            "edge",
            lag=edge.lag,
            n=months,
            strength=three_digits(edge.strength),
            lower=three_digits(edge.lower),
            upper=three_digits(edge.upper),
        ),
        _part("chance", p=three_digits(edge.p_value), q=three_digits(edge.q_value), cut=alpha),
    ]


def track_evidence(
    track: Mapping[str, Any], *, p_value: float, metres: float, days: float, least: int, alpha: float
) -> list[dict[str, Any]]:
    """Return what speaks for a track of incidents, as message codes and values.

    Parameters
    ----------
    track
        What :func:`gis_layers.spread.track_chance.track_chance` told of it; its `first` and `last` month; how many of
        its incidents hang together at half the distance and half the time (`half_metres`, `half_days`).
    p_value
        Of near repeats of its offence.
    metres, days, least, alpha
        The cuts.

    Examples
    --------
    >>> row = {"incidents": 5, "places": 3, "days": 9, "around": 6, "expected": 0.5, "share": 0.01,
    ...        "first": "2024-03-01", "last": "2024-03-01", "half_metres": 3, "half_days": 5}
    >>> found = track_evidence(row, p_value=0.005, metres=200, days=7, least=4, alpha=0.05)
    >>> [part["code"] for part in found], found[3]["values"]["stays"]
    (['path.track', 'path.track_around', 'path.track_chance', 'path.track_limits', 'path.track_order'], 'days')
    """
    stays = [int(track[f"half_{unit}"]) for unit in ("metres", "days")]
    held = [many >= least for many in stays]
    said = "both" if all(held) else "metres" if held[0] else "days" if held[1] else "none"
    first, last = _month(track["first"]), _month(track["last"])
    return [
        _part(
            "track", n=int(track["incidents"]), places=int(track["places"]), metres=round(metres),
            days=round(days), first=first, last=last,
            span="month" if first == last else "months",
        ),
        _part(
            "track_around", count=int(track["around"]), expected=three_digits(track["expected"]),
            metres=round(metres), days=int(track["days"]),
        ),
        _part("track_chance", share=three_digits(track["share"]), p=three_digits(p_value), cut=alpha),
        _part("track_limits", n=int(track["incidents"]), metres=stays[0], days=stays[1], least=least, stays=said),
        _part("track_order"),
    ]  # fmt: skip


def _part(code: str, **values: Any) -> dict[str, Any]:
    return part(f"path.{code}", **values)


def _month(day: Any) -> str:
    return str(day)[:7]
