"""Invented panels for the tests of the rating: clean counts from a seed, with room for what a test plants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gis_layers.codes import Codebook
from gis_layers.codes.load import codebook_from


def book(categories: int = 3, leaves: int = 4) -> Codebook:
    """A codebook of categories c0, c1 … with leaves c0l0 …; c0 bears on public safety."""
    rows = []
    for c in range(categories):
        rows.append({"code": f"c{c}", "public_safety": "true" if c == 0 else "false"})
        rows += [
            {"code": f"c{c}l{n}", "parent": f"c{c}", "severity": "minor" if n % 2 else "grave"}
            for n in range(leaves)
        ]
    return codebook_from(rows)


def panel_of(
    leaf_counts: np.ndarray,
    codebook: Codebook,
    groups: list[int],
    *,
    population: np.ndarray | None = None,
    provisional: int = 2,
    incomplete: int = 0,
) -> xr.Dataset:
    """Make a panel from counts of the leaves, leaf × month × district."""
    _, months, districts = leaf_counts.shape
    codes, sums = codebook.matrix(codebook.leaves)
    count = np.einsum("nl,lmd->dnm", sums.astype(float), leaf_counts.astype(float))
    people = np.full((districts, months), 50_000.0) if population is None else population
    last = np.arange(months) >= months - incomplete
    recent = ~last & (np.arange(months) >= months - incomplete - provisional)
    return xr.Dataset(
        {
            "count": (("district", "offence", "month"), count),
            "population": (("district", "month"), people),
            "incomplete": ("month", last),
            "provisional": ("month", recent),
        },
        coords={
            "district": [f"d{number:03d}" for number in range(districts)],
            "offence": codes,
            "month": pd.date_range("2015-01-01", periods=months, freq="MS")
            .to_numpy()
            .astype("datetime64[s]"),
            "kind": ("offence", codebook.nodes.loc[codes, "kind"].astype(str).to_numpy()),
            "peer_group": ("district", np.array([f"g{number}" for number in groups], dtype=object)),
            "status": ("district", np.array(["raion"] * districts, dtype=object)),
        },
        attrs={"area": "invented", "period": "month", "rate_per": 10_000},
    )


def clean_counts(
    rng: np.random.Generator,
    means: np.ndarray,
    months: int,
    population: np.ndarray,
    *,
    heterogeneity: float,
) -> np.ndarray:
    """Draw negative binomial counts, leaf × month × district, whose means follow the population."""
    mean = means[:, None, None] * (population / population.mean())[None, None, :]
    mean = np.broadcast_to(mean, (len(means), months, len(population)))
    spread = rng.gamma(1 / heterogeneity, heterogeneity, mean.shape) if heterogeneity else 1.0
    return rng.poisson(mean * spread)
