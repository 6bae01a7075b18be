"""New Mexico's brain cancer: the same clusters, expectations, ratios and p as SaTScan 10.3.2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis_layers.places.clusters import Scan, circular_zones, distances_km, scan, standardised_expected

YEARS = np.arange(1973, 1993)
FIRST = {
    "Torrance", "Bernalillo", "Valencia", "SantaFe", "Guadelupe", "Socorro", "Sandoval", "SanMiguel", "LosAlamos",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(audan_data: Path) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Names, counts, expectations and distances; a census counts from the first of July on, linear in between."""
    folder = audan_data / "oracles" / "satscan"
    options = {"sep": r"\s+", "header": None}
    places = pd.read_csv(folder / "nm.geo", names=["county", "lat", "lon"], **options)
    cases = pd.read_csv(folder / "nm.cas", names=["county", "cases", "year", "age", "sex"], **options)
    people = pd.read_csv(folder / "nm.pop", names=["county", "year", "people", "age", "sex"], **options)
    names = places["county"].tolist()
    strata = sorted(set(zip(people["age"], people["sex"], strict=True)))
    row = {name: at for at, name in enumerate(names)}
    stratum = {pair: at for at, pair in enumerate(strata)}
    years = np.unique(people["year"])
    census = np.zeros((len(names), len(strata), len(years)))
    place = [row[name] for name in people["county"]]
    kind = [stratum[pair] for pair in zip(people["age"], people["sex"], strict=True)]
    np.add.at(census, (place, kind, np.searchsorted(years, people["year"])), people["people"])

    days = np.array([f"{year}-01-01" for year in YEARS], dtype="datetime64[D]").astype(int)
    known = np.array([f"{1900 + year}-07-01" for year in years], dtype="datetime64[D]").astype(int)
    noon = np.arange(days[0], days[-1]) + 0.5
    share = np.stack([np.interp(noon, known, one) for one in np.eye(len(known))])
    share = np.add.reduceat(share, days[:-1] - days[0], axis=1)
    exposure = census @ share
    by_stratum = np.zeros(len(strata))
    np.add.at(
        by_stratum, [stratum[pair] for pair in zip(cases["age"], cases["sex"], strict=True)], cases["cases"]
    )
    count = np.zeros((len(names), len(YEARS) - 1), dtype=int)
    np.add.at(count, ([row[name] for name in cases["county"]], cases["year"] - YEARS[0]), cases["cases"])
    return (
        names,
        count,
        standardised_expected(by_stratum, exposure),
        distances_km(places["lon"], places["lat"]),
    )


@pytest.fixture(scope="module")
def found(study: tuple[list[str], np.ndarray, np.ndarray, np.ndarray]) -> Scan:
    _, count, expected, far = study
    zones = circular_zones(far, expected.sum(axis=1))
    return scan(count, zones, rng=np.random.default_rng(1), expected=expected, model="poisson")


def test_most_likely(study: tuple[list[str], np.ndarray, np.ndarray, np.ndarray], found: Scan) -> None:
    best = found.clusters[0]
    assert {study[0][at] for at in best.districts} == FIRST
    assert (1973 + best.start, 1973 + best.end - 1) == (1985, 1989)
    assert best.count == 236
    assert best.expected == pytest.approx(176.22, abs=0.005)
    assert best.ratio == pytest.approx(10.979758, abs=1e-4)
    assert len(found.null.largest) == 999
    assert best.p_monte_carlo == pytest.approx(0.014, abs=0.01)
    assert best.p_gumbel == pytest.approx(0.014, abs=0.01)


def test_secondary(study: tuple[list[str], np.ndarray, np.ndarray, np.ndarray], found: Scan) -> None:
    names = study[0]
    told = [
        ({"Chaves"}, 1988, 1989, 16, 6.03, 5.684828, 0.692),
        ({"Curry", "Roosevelt"}, 1982, 1983, 13, 5.37, 3.884186, 0.996),
    ]
    for cluster, (who, first, last, count, expected, ratio, p) in zip(found.clusters[1:3], told, strict=True):
        assert {names[at] for at in cluster.districts} == who
        assert (1973 + cluster.start, 1973 + cluster.end - 1, cluster.count) == (first, last, count)
        assert cluster.expected == pytest.approx(expected, abs=0.005)
        assert cluster.ratio == pytest.approx(ratio, abs=1e-4)
        assert cluster.p_monte_carlo == pytest.approx(p, abs=0.05)
