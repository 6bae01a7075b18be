"""A small protected area as files, and what its public edition tells a reader: shared by the disclosure tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from shapely import box

from gis_layers.codes import Codebook
from gis_layers.disclosure import Protection, withhold
from gis_layers.disclosure.attack import Finding, attack, read_rows, read_totals
from gis_layers.indicators import judge_rating, rating_frame
from gis_layers.layers import rating_layer
from gis_layers.release.tables import write_figures

AREA = """\
[area]
id = "guarded"
name = { en = "Guarded" }
attribution = "nobody"
metric_crs = "EPSG:3857"
languages = ["en"]
absent_row = "zero"

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name", parent = "region" }
constants = { status = "cell" }

[[counts]]
name = "table"
path = "counts.csv"
columns = { district = "d", offence = "o", period = "p", count = "c" }

[[population]]
path = "population.csv"
columns = { district = "d", period = "y", population = "n" }
"""
CODES = """\
code,parent,severity,additive,reported,sensitive,public_safety,valid_from,valid_to,name_en
all,,,true,true,false,true,,,All
theft,all,,true,true,false,true,,,Theft
theft-home,theft,minor,true,true,false,true,,,Theft from homes
theft-shop,theft,grave,true,true,false,true,,,Theft from shops
theft-car,theft,minor,true,true,false,true,,,Theft of cars
harm,all,,true,true,false,false,,,Harm
assault,harm,minor,true,true,false,false,,,Assault
robbery,harm,grave,true,true,false,true,,,Robbery
rape,harm,grave,true,true,true,false,,,Rape
"""
LEAVES = {"theft-home": 6.0, "theft-shop": 9.0, "theft-car": 3.0, "assault": 5.0, "robbery": 2.0, "rape": 1.5}


def guarded_area(folder: Path, *, months: int = 14, seed: int = 3, counts: str = "protected") -> Path:
    """Write the inputs of eighteen districts in three regions and return the area file."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [box(x, y, x + 1, y + 1) for y in range(3) for x in range(6)]
    codes = [f"{number:02}" for number in range(18)]
    regions = [f"R{number // 6}" for number in range(18)]
    gpd.GeoDataFrame(
        {"code": codes, "name": [f"Place {code}" for code in codes], "region": regions},
        geometry=cells,
        crs=4326,
    ).to_file(folder / "districts.geojson")
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.8, 18)
    rows = ["d,o,p,c"]
    for number in range(months):
        month = f"{2020 + number // 12}-{number % 12 + 1:02}"
        for place, code in enumerate(codes):
            for leaf, mean in LEAVES.items():
                rows.append(f"{code},{leaf},{month},{rng.poisson(mean * size[place])}")
    (folder / "counts.csv").write_text("\n".join(rows) + "\n")
    people = "".join(f"{code},2020,{9173 * size[place]:.0f}\n" for place, code in enumerate(codes))
    (folder / "population.csv").write_text("d,y,n\n" + people)
    (folder / "codes.csv").write_text(CODES)
    (folder / "area.toml").write_text(AREA + f'\n[disclosure]\ncounts = "{counts}"\n')
    return folder / "area.toml"


def public_file(
    protection: Protection, codebook: Codebook, path: Path, *, leave: tuple[str, ...] = ()
) -> Path:
    """Write the public rating of a protected panel as a release stores it."""
    rating = withhold(judge_rating(protection.panel, codebook), protection, leave=leave)
    write_figures(rating_layer(rating_frame(rating)), path)
    return path


def attacked(
    protections: Sequence[Protection], files: Sequence[Path], folder: Path, *,
    revised: Sequence[tuple[str, str, str]] = (),
    months: Sequence[str] | None = None, seed: int = 5,
) -> Finding:  # fmt: skip
    """Attack what the files tell, with every total that may be told known besides."""
    import pyarrow.parquet as pq

    totals = []
    for number, protection in enumerate(protections):
        pq.write_table(protection.record(), folder / f"record-{number}.parquet")
        totals.append(read_totals(folder / f"record-{number}.parquet"))
    first = protections[0]
    names = [str(code) for code in first.panel["district"].values]
    regions = {names[at]: region.code for region in first.regions for at in region.districts}
    return attack(
        [read_rows(path) for path in files], first.tree, regions,
        totals=totals, revised=revised, months=months, rng=np.random.default_rng(seed),
    )  # fmt: skip


def some_of(
    panel: xr.Dataset, parents: pd.Series, regions: int, months: slice
) -> tuple[xr.Dataset, pd.Series]:
    """Return the districts of the first regions and a few months of a panel, with their regions."""
    codes = parents.fillna("").astype(str)
    kept = codes.isin(sorted(set(codes))[:regions]).to_numpy()
    return panel.isel(district=np.flatnonzero(kept), month=months), parents[kept].reset_index(drop=True)
