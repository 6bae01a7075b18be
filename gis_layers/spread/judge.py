"""Spread paths of a panel: chains, step by step, and endemic edges, with the outbreaks that they link."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy import sparse

from ..errors import SystemFault, UsageError, Where
from ..indicators.norm.tails import NORMAL_95
from .chains import FIELDS, Chain, find_chains
from .edges import Edge, epidemic_component, find_edges
from .evidence import chain_evidence, edge_evidence, epidemic_evidence
from .scan import SHORTEST, scores_of
from .usual import Usual, usual_counts

Floats = npt.NDArray[np.float64]

FIRST = 24
"""Months of history before the first that a path may begin in."""

SEED = 20261123

COLUMNS = (
    "path", "kind", "step", "district_from", "district_to", "offence", "lag_months", "strength", "lower", "upper",
    "q_value", "first_month", "last_month", "evidence",
)  # fmt: skip
STOPS = ("path", "stop", "district", "offence", "month", "count", "expected", "p_rise", "signal")


@dataclass(frozen=True)
class SpreadPaths:
    """What spreads where.

    Parameters
    ----------
    paths
        The layer `spread_paths` without its geometry: a row for each step of a chain, in order, and for each edge.
        `strength` is cards above the expected in `district_to` for each such card in `district_from`; `evidence` says
        as JSON why the whole path is there and what would make it vanish.
    stops
        The districts of each chain by onset: count, expected, p, and what `dynamics` says of that cell.
    offences
        A row for each offence: `tested`, or why not (`too_few`); `epidemic`, `lower`, `upper`: cards that follow
        each card too many among all neighbours a month before.
    edges_tested
        Edges of all offences that share one false discovery rate.
    """

    paths: pd.DataFrame
    stops: pd.DataFrame
    offences: pd.DataFrame
    edges_tested: int


def judge_spread(
    panel: xr.Dataset,
    adjacent: sparse.csr_array,
    parents: Sequence[str],
    *,
    expected: xr.DataArray | None = None,
    dynamics: xr.Dataset | None = None,
    alpha: float = 0.05,
    edge_alpha: float = 0.01,
    fields: int = FIELDS,
    seed: int = SEED,
) -> SpreadPaths:
    """Find the ways by which offences spread between neighbouring districts.

    Parameters
    ----------
    panel
        `count` (district, offence, month), NaN = not collected; `incomplete` (month) and the coordinates `status`
        (district) and `kind` (offence) if there are such: leaves alone are judged, since what they add up to would
        show the same paths again.
    adjacent
        Neighbours, (district, district), as :func:`gis_layers.districts.neighbours` gives.
    parents
        Region of each district: what a region shares in a month is no spread.
    expected
        Expected counts of the norm, in any order of the same three dimensions; None takes them from the counts.
    dynamics
        What :func:`gis_layers.indicators.judge_dynamics` gave; its `signal` is told at the stops of chains.
    alpha
        False discovery rate of chains.
    edge_alpha
        False discovery rate of edges: an edge says more than a chain, for it is of all months.
    fields
        Fields without spread that chains are measured by.
    seed
        Of these fields.

    Raises
    ------
    UsageError
        If the panel is not of months, or not of these districts.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from scipy import sparse
    >>> count = np.random.default_rng(2).poisson(40, (12, 1, 60)).astype(float)
    >>> for step, month in enumerate((40, 41, 43, 44)):
    ...     count[3 + step, 0, month] += 40
    >>> panel = xr.Dataset({"count": (("district", "offence", "month"), count)}, coords={
    ...     "district": [f"d{n:02}" for n in range(12)], "offence": ["theft"],
    ...     "month": pd.date_range("2020-01-01", periods=60, freq="MS").astype("datetime64[s]")})
    >>> row = sparse.csr_array(np.eye(12, k=1) + np.eye(12, k=-1))
    >>> judge_spread(panel, row, ["r"] * 12).paths[["district_from", "district_to", "lag_months"]].values.tolist()
    [['d03', 'd04', 1], ['d04', 'd05', 2], ['d05', 'd06', 1]]
    """
    if str(panel.attrs.get("period", "month")) != "month":
        raise UsageError(
            "spread is sought month by month",
            Where(value=panel.attrs["period"]),
            remedy="give monthly counts",
        )
    cube = panel["count"].transpose("district", "offence", "month")
    districts = [str(code) for code in cube["district"].values]
    if adjacent.shape != (len(districts), len(districts)) or len(parents) != len(districts):
        raise SystemFault(
            f"{len(districts)} districts, but neighbours of {adjacent.shape[0]} and regions of {len(parents)}"
        )
    kinds = panel["kind"].values if "kind" in panel.coords else np.array(["leaf"] * cube.sizes["offence"])
    leaves = np.flatnonzero(np.isin(kinds.astype(str), ["leaf", "other"]))
    count = np.array(cube.values[:, leaves], dtype=np.float64)
    if "incomplete" in panel:
        count[:, :, panel["incomplete"].values.astype(bool)] = np.nan
    strata: list[npt.ArrayLike] = [np.asarray(parents, dtype=str)]
    if "status" in panel.coords:
        strata.append(panel["status"].values.astype(str))
    told = None
    if expected is not None:
        same = expected.reindex(month=cube["month"], offence=cube["offence"], district=cube["district"])
        told = same.transpose("district", "offence", "month").values[:, leaves].astype(np.float64)
    usual = usual_counts(count, strata, expected=told)
    names = _Names(districts, [str(cube["offence"].values[leaf]) for leaf in leaves], cube["month"].values)
    first = min(FIRST, count.shape[2])
    score = scores_of(usual.p_rise, count, usual.expected)[:, :, first:]
    links = sparse.csr_array(adjacent.astype(np.int8))
    chains = find_chains(score, links, np.random.default_rng(seed), alpha=alpha, fields=fields)
    edges, tested = find_edges(count, usual, links, alpha=edge_alpha)
    offences = _offences(count, usual, links, names, first)
    epidemic = [
        epidemic_evidence(*row)
        for row in offences[["epidemic", "lower", "upper"]].itertuples(index=False, name=None)
    ]
    rows, stops = _chain_rows(chains, count, usual, names, first, dynamics, alpha, epidemic)
    paths = pd.DataFrame([*rows, *_edge_rows(edges, names, edge_alpha, epidemic)], columns=list(COLUMNS))
    return SpreadPaths(paths, pd.DataFrame(stops, columns=list(STOPS)), offences, tested)


@dataclass(frozen=True)
class _Names:
    districts: list[str]
    offences: list[str]
    months: npt.NDArray[np.datetime64]

    def month(self, place: int) -> np.datetime64:
        return np.datetime64(self.months[place], "D")


def _chain_rows(
    chains: list[Chain], count: Floats, usual: Usual, names: _Names, first: int, dynamics: xr.Dataset | None,
    alpha: float, epidemic: list[list[dict[str, object]]],
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:  # fmt: skip
    rows: list[dict[str, object]] = []
    stops: list[dict[str, object]] = []
    for chain in chains:
        cells = [
            (district, chain.offence, month + first)
            for district, month in zip(chain.path.districts, chain.path.months, strict=True)
        ]
        offence = names.offences[chain.offence]
        begin = names.month(cells[0][2])
        path = f"{offence}.{str(begin)[:7]}.{names.districts[cells[0][0]]}"
        told = [
            {
                "path": path, "stop": stop, "district": names.districts[cell[0]], "offence": offence,
                "month": names.month(cell[2]), "count": int(count[cell]), "expected": usual.expected[cell],
                "p_rise": usual.p_rise[cell], "signal": _signal(dynamics, names, cell),
            }
            for stop, cell in enumerate(cells)
        ]  # fmt: skip
        stops += told
        evidence = json.dumps([*chain_evidence(chain, told, alpha=alpha), *epidemic[chain.offence]])
        for step, (one, other) in enumerate(pairwise(cells), start=1):
            strength, lower, upper = _passed_on(one, other, count, usual)
            rows.append(
                {
                    "path": path, "kind": "chain", "step": step, "district_from": names.districts[one[0]],
                    "district_to": names.districts[other[0]], "offence": offence, "lag_months": other[2] - one[2],
                    "strength": strength, "lower": lower, "upper": upper, "q_value": chain.q_value,
                    "first_month": names.month(one[2]), "last_month": names.month(other[2]), "evidence": evidence,
                }
            )  # fmt: skip
    return rows, stops


def _passed_on(
    one: tuple[int, int, int], other: tuple[int, int, int], count: Floats, usual: Usual
) -> tuple[float, float, float]:
    """Return the excess of the second cell over that of the first, and its 95 % interval by the delta method."""
    a, b = (float(count[cell] - usual.expected[cell]) for cell in (one, other))
    relative = usual.variance[one] / a**2 + usual.variance[other] / b**2
    far = float(np.exp(NORMAL_95 * np.sqrt(relative)))
    return b / a, b / a / far, b / a * far


def _signal(dynamics: xr.Dataset | None, names: _Names, cell: tuple[int, int, int]) -> str | None:
    if dynamics is None:
        return None
    signal = dynamics["signal"]
    try:
        found = signal.sel(
            district=names.districts[cell[0]], offence=names.offences[cell[1]], month=names.months[cell[2]]
        )
    except KeyError:
        return None
    code = int(found.item())
    return None if code < 0 else str(signal.attrs["categories"][code])


def _edge_rows(
    edges: list[Edge], names: _Names, alpha: float, epidemic: list[list[dict[str, object]]]
) -> list[dict[str, object]]:
    return [
        {
            "path": f"{names.offences[edge.offence]}.{names.districts[edge.source]}.{names.districts[edge.target]}",
            "kind": "edge", "step": 1, "district_from": names.districts[edge.source],
            "district_to": names.districts[edge.target], "offence": names.offences[edge.offence],
            "lag_months": edge.lag, "strength": edge.strength, "lower": edge.lower, "upper": edge.upper,
            "q_value": edge.q_value, "first_month": names.month(0),
            "last_month": names.month(len(names.months) - 1),
            "evidence": json.dumps(
                [*edge_evidence(edge, months=len(names.months), alpha=alpha), *epidemic[edge.offence]]
            ),
        }
        for edge in edges
    ]  # fmt: skip


def _offences(
    count: Floats, usual: Usual, adjacent: sparse.csr_array, names: _Names, first: int
) -> pd.DataFrame:
    """Say of each offence whether a path could be found at all, and how much of it follows its neighbours."""
    share = epidemic_component(count, usual, adjacent)
    large: npt.NDArray[np.bool_] = np.asarray(
        (np.nan_to_num(usual.expected[:, :, first:]) >= 5.0).any(axis=2)
    )
    linked = np.diff(adjacent.indptr) > 0
    rows = []
    for place, code in enumerate(names.offences):
        enough = count.shape[2] > first + 1 and int((large[:, place] & linked).sum()) >= SHORTEST
        size, lower, upper = share[place]
        rows.append(
            {
                "offence": code, "answer": "tested" if enough else "too_few",
                "epidemic": size, "lower": lower, "upper": upper,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["offence", "answer", "epidemic", "lower", "upper"])
