"""Gi*, Gi and local Moran's I of two classical maps, as spdep gives them; and permutations counted one by one."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import norm

from gis_layers.districts.neighbours import queen
from gis_layers.places.hotspots import QUADRANTS, gi_star, local_moran, permutation_p, standardised_rates

TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def columbus(audan_data: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    folder = audan_data / "oracles"
    return (
        gpd.read_file(folder / "columbus" / "columbus.shp"),
        pd.read_csv(folder / "spdep" / "spdep_columbus_local.csv"),
    )


@pytest.fixture(scope="module")
def sids(audan_data: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    folder = audan_data / "oracles"
    return (
        gpd.read_file(folder / "sids2" / "sids2.shp"),
        pd.read_csv(folder / "spdep" / "spdep_sids2_local.csv"),
    )


def test_columbus(columbus: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    polygons, told = columbus
    links = queen(polygons.geometry)
    crime = polygons["CRIME"].to_numpy()
    np.testing.assert_allclose(gi_star(crime, links).z, told["Gstar_B"], atol=TOLERANCE)
    found = local_moran(crime, links)
    np.testing.assert_allclose(found.i, told["localI"], atol=TOLERANCE)
    np.testing.assert_allclose(found.expected, told["E"], atol=TOLERANCE)
    np.testing.assert_allclose(found.variance, told["Var"], atol=TOLERANCE)
    np.testing.assert_allclose(found.z, told["z"], atol=TOLERANCE)
    assert [QUADRANTS[number] for number in found.quadrant] == told["quadr_mean"].str.lower().tolist()
    assert found.i.mean() == pytest.approx(0.5001885572, abs=1e-9)


def test_sids(sids: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    polygons, told = sids
    links = queen(polygons.geometry)
    rate = (polygons["SID74"] / polygons["BIR74"]).to_numpy()
    both = np.stack([rate, rate[::-1]], axis=1)
    hot = gi_star(both, links).z[:, 0]
    assert hot[:3] == pytest.approx([-1.69909, -1.43555, -1.92215], abs=1e-5)
    np.testing.assert_allclose(hot, told["localGstar_B"], atol=TOLERANCE)
    np.testing.assert_allclose(gi_star(rate, links, itself=False).z, told["localG_B"], atol=TOLERANCE)
    found = local_moran(both, links)
    np.testing.assert_allclose(found.i[:, 0], told["localI"], atol=TOLERANCE)
    np.testing.assert_allclose(found.expected[:, 0], told["localI_E"], atol=TOLERANCE)
    np.testing.assert_allclose(found.variance[:, 0], told["localI_Var"], atol=TOLERANCE)
    np.testing.assert_allclose(found.z[:, 0], told["localI_z"], atol=TOLERANCE)


def one_by_one(
    values: npt.NDArray[np.float64], links: sparse.csr_array, times: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Deal every place its neighbours anew, the plain way."""
    out = np.empty(len(values))
    for place in range(len(values)):
        near = links.indices[links.indptr[place] : links.indptr[place + 1]]
        others = np.delete(values, place)
        dealt = np.array([rng.choice(others, len(near), replace=False).sum() for _ in range(times)])
        above = (dealt >= values[near].sum() - 1e-9).sum()
        below = (dealt <= values[near].sum() + 1e-9).sum()
        out[place] = min(2 * (min(above, below) + 1) / (times + 1), 1)
    return out


def test_permutations(columbus: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    polygons, _ = columbus
    links = queen(polygons.geometry)
    crime = polygons["CRIME"].round(-1).to_numpy()  # with ties
    ours = permutation_p(crime, links, rng=np.random.default_rng(1), permutations=9_999, finest=None)
    plain = one_by_one(crime, links, 999, np.random.default_rng(2))
    assert np.abs(ours - plain).max() < 0.1
    assert np.abs(ours - plain).mean() < 0.025  # twice a standard error of a p by 999 is up to 0.06
    assert abs((ours - plain).mean()) < 0.008
    again = permutation_p(crime, links, rng=np.random.default_rng(1), permutations=9_999, finest=None)
    assert (again == ours).all()


def test_three_moments_come_near_the_permutations(sids: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    polygons, _ = sids
    links = queen(polygons.geometry)
    z = standardised_rates(polygons["SID74"], polygons["BIR74"])
    fine = permutation_p(z, links, rng=np.random.default_rng(3), permutations=20_000, finest=99_999)
    found = gi_star(z, links, itself=False)
    hot, rare = found.z > 0, fine < 0.05
    assert np.abs(found.p - fine)[hot].max() < 0.06
    assert (rare & hot).sum() >= 5
    assert np.abs(np.log10(found.p / fine))[rare & hot].max() < 0.35
    # few rates lie far below the mean of a skewed map: what is cold there is told too rarely, never too often
    normal = 2 * norm.sf(np.abs(found.z))
    assert (found.p >= normal * (1 - 1e-9))[~hot & (fine < 0.5)].all()
    assert np.abs(found.p - fine)[~hot].max() < 0.1
    assert (rare & ~hot).sum() >= 5
    assert np.log10(found.p / fine)[rare & ~hot].min() > 0


def test_standardised_rates_equal_the_formula(sids: tuple[gpd.GeoDataFrame, pd.DataFrame]) -> None:
    polygons, _ = sids
    count, births = polygons["SID74"].to_numpy(float), polygons["BIR74"].to_numpy(float)
    b = 0.00202144
    a = 7.6929e-7
    expected = (count / births - b) / np.sqrt(a + b / births)
    np.testing.assert_allclose(standardised_rates(count, births), expected, rtol=2e-3, atol=2e-3)
