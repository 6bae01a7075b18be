"""spdep's empirical-Bayes estimates of sudden infant deaths in North Carolina, 1974-78."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis_layers.rates import empirical_bayes_global


def test_global_empirical_bayes_equals_spdep(audan_data: Path) -> None:
    sids = gpd.read_file(audan_data / "oracles" / "sids2" / "sids2.shp", engine="pyogrio")
    found = empirical_bayes_global(sids["SID74"], sids["BIR74"])
    assert found.a == pytest.approx(7.6929e-7, rel=1e-4)
    assert found.b == pytest.approx(0.00202144, rel=1e-5)
    assert found.rate[:3].round(7).tolist() == [0.0016973, 0.0017054, 0.0017731]


def test_every_county_equals_spdep(audan_data: Path) -> None:
    sids = gpd.read_file(audan_data / "oracles" / "sids2" / "sids2.shp", engine="pyogrio")
    answers = pd.read_csv(audan_data / "oracles" / "spdep" / "spdep_sids2_local.csv")
    found = empirical_bayes_global(sids["SID74"], sids["BIR74"])
    np.testing.assert_allclose(found.rate, answers["EB_global"], rtol=1e-10)
