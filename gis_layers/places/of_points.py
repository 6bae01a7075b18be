"""What is made of the points of cards: hotspot cells, density rasters, near repeats, tracks of incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
import xarray as xr
from shapely.geometry.base import BaseGeometry

from ..codes import Codebook
from ..indicators.kept_tables import name_of
from ..indicators.rating import Verdicts, rating_frame
from ..spread import Incidents, near_repeat
from ..spread.knox import DAYS, METRES
from .density import density_rasters
from .density.trailing import PERIODS, period_ends
from .hotspots import SIGNALS, cell_counts, cell_links, grid_cells, join_islands, signalled
from .sizes import round_side

if TYPE_CHECKING:
    from ..districts import Districts
    from ..settings.places import DensitySection
    from ..sources import Points

NEWEST = 3
"""Months of which cells are judged: a map of them is for where to go now, and each row carries its own square."""

YEAR = 12

MOST_CELLS = 10_000
"""Hotspot cells over the ground of an area from which they are made larger, unless told otherwise."""

MOST_PAIRS = 1_500_000
"""Pairs within reach of which near repeats are counted; of more, only shorter distances are."""

PERMUTATIONS = 199
METHOD = "near repeat:1"
"""Raised when the same points give other figures."""

Nodes = Mapping[str, Sequence[str]]
Published = tuple[pd.DataFrame, Path]
"""Rows of the layer `density`, and the folder with their files."""


def nodes_drawn(
    panel: xr.Dataset, codebook: Codebook, chosen: Sequence[str] | None, last: np.datetime64
) -> dict[str, list[str]]:
    """Return the offences that points are drawn of, each with its leaves.

    Parameters
    ----------
    panel, codebook
        The panel and its codebook.
    chosen
        `[density] offences`; None takes `all` and the three largest leaves of the year up to `last`.
    last
        Last month.
    """
    if chosen is None:
        at = panel["month"].values.astype("datetime64[M]")
        year = panel["count"].isel(month=(at > last - YEAR) & (at <= last))
        leaves = [str(code) for code in panel["offence"].values if str(code) in set(codebook.leaves)]
        total = year.sel(offence=leaves).sum(("district", "month"))
        largest = [
            str(code) for code in total["offence"].values[np.argsort(-total.values, kind="stable")[:3]]
        ]
        chosen = [str(panel["offence"].values[0]), *sorted(largest, key=leaves.index)]
    return {code: codebook.members(code) for code in chosen}


def ground_of(districts: Districts) -> BaseGeometry:
    """Return the ground of an area as one shape, in its metric CRS."""
    shapes = gpd.GeoSeries(districts.geometry, crs=4326).to_crs(districts.metric_crs)
    ground: BaseGeometry = shapely.make_valid(shapely.union_all(shapes.to_numpy()))
    return ground


def judge_cells(
    points: Points, nodes: Nodes, ground: BaseGeometry, last: np.datetime64, *, side: float | None = None
) -> gpd.GeoDataFrame:
    """Judge the squares of a metric grid: hot or cold, by offence, in the newest months.

    Parameters
    ----------
    points
        Cards, in metres.
    nodes
        Offences with their leaves.
    ground
        The area, in the same metres: the ground that a cell shares with it is its exposure.
    last
        Last complete month.
    side
        Of a square, metres; None takes 500, or the round number above with which there are 10,000 at most.

    Returns
    -------
    geopandas.GeoDataFrame
        Rows of the layer `hotspot_cells`, EPSG:4326. Where one month has fewer than one a square on average, three or
        twelve are judged, as `period` says.
    """
    size = round_side(ground.area, least=500.0, most=MOST_CELLS) if side is None else side
    cells = grid_cells(ground, size, points.crs)
    first = max(points.month.min(), last - (YEAR + NEWEST - 2))
    months = np.arange(first, last + 1)
    count = np.stack(
        [
            cell_counts(cells, chosen.x, chosen.y, (chosen.month - first).astype(np.int64), len(months))
            for chosen in (points.of(leaves, first, last) for leaves in nodes.values())
        ],
        axis=1,
    )
    ground_of_each = shapely.area(shapely.intersection(cells.geometry, ground))
    panel = xr.Dataset(
        {
            "count": (("district", "offence", "month"), count.astype(np.float64)),
            "population": (("district", "month"), np.repeat(ground_of_each[:, None], len(months), axis=1)),
        },
        coords={"district": cells.codes, "offence": list(nodes), "month": months.astype("datetime64[s]")},
    )
    # a square on an islet or at the end of a spit touches no other, and is joined to the nearest as a district is
    links = join_islands(cell_links(cells), np.column_stack([cells.column, cells.row]))
    newest = panel["month"].values[-NEWEST:]

    def judge(counts: xr.Dataset) -> xr.Dataset:
        # by permutation: of some thousand squares most are empty, and the moments of so skewed a map mislead
        return signalled(counts, links, newest, patterns=False, rng=np.random.default_rng(1))

    frame = rating_frame(_pooled(panel, judge)).rename(columns={"district": "place"})
    squares = gpd.GeoSeries(cells.geometry, index=cells.codes, crs=cells.crs).to_crs(4326)
    shapes = squares.loc[frame["place"].astype(str)].to_numpy()
    return gpd.GeoDataFrame(frame.assign(district=None, place_kind="cell"), geometry=shapes, crs=4326)


def _pooled(panel: xr.Dataset, judge: Callable[[xr.Dataset], xr.Dataset]) -> xr.Dataset:
    """Judge a month, over three and then twelve months where one has too few, and say so in `period`."""
    found = judge(panel)
    few = SIGNALS.index("too_few")
    period = xr.full_like(found["signal"], 0).assign_attrs(categories=["month", *PERIODS])
    for number, width in enumerate(PERIODS.values(), 1):
        again = (found["signal"] == few).all("district")
        if width > panel.sizes["month"] or not bool(again.any()):
            continue
        wider = judge(panel.assign(count=panel["count"].rolling(month=width).sum()))
        again = again & (wider["signal"] > few).any("district")
        found = found.assign(
            {
                name: column.where(~again, wider[name]).astype(column.dtype).assign_attrs(column.attrs)
                for name, column in found.data_vars.items()
            }
        )
        period = period.where(~again, number).astype(np.int8).assign_attrs(period.attrs)
    return found.assign(period=period)


def near_repeats(
    points: Points, nodes: Nodes, last: np.datetime64, kept: Verdicts | None = None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows of the layer `near_repeat`, and the hashes under which they are kept.

    Parameters
    ----------
    points, nodes
        As :func:`judge_cells` takes them. An offence of several leaves is left out: a repeat is of the same kind.
    last
        Last of the twelve months counted.
    kept
        Tables kept from earlier builds.
    """
    first = max(last - (YEAR - 1), points.month.min())
    parts, names = [], []
    for node, leaves in nodes.items():
        if len(leaves) > 1:
            continue
        incidents = incidents_of(points.of(leaves, first, last))
        names.append(name_of(METHOD, [node], [incidents.x, incidents.y, incidents.days]))
        parts.append(_kept(kept, names[-1], incidents).assign(offence=node))
    if not parts:
        return pd.DataFrame(), ()
    frame = pd.concat(parts, ignore_index=True).rename(columns={"pairs": "observed"})
    bands = [f"{unit}_{end}" for unit in ("metres", "days") for end in ("from", "to")]
    frame[[*bands, "observed"]] = frame[[*bands, "observed"]].astype("int64")
    at = {"first_month": first, "last_month": last}
    frame = frame.assign(**{key: when.astype("datetime64[s]") for key, when in at.items()})
    return frame.drop(columns=["lower", "upper", "answer"]).sort_values(
        ["offence", "metres_to", "days_to"], ignore_index=True
    ), tuple(names)


def density_of(
    points: Points,
    nodes: Nodes,
    ground: BaseGeometry,
    folder: Path,
    last: np.datetime64,
    settings: DensitySection,
    *,
    edition: str,
    protected: bool = False,
    published: Published | None = None,
) -> tuple[pd.DataFrame, list[Path]]:
    """Write the density rasters of an edition; return the rows of the layer `density` and the files.

    A protected raster that was published stays as it was while its period is the newest: between two drawings of the
    same period the cards that came late could be seen.
    """
    rasters = density_rasters(
        incidents_of(points), np.asarray(points.offences)[points.code], ground, folder, offences=dict(nodes),
        month=str(last), edition=edition, cell=getattr(settings.cell, edition), protected=protected,
    )  # fmt: skip
    made = [(one, one.file) for one in rasters if one.file is not None]
    frame = pd.DataFrame(
        {
            "offence": [one.offence for one, _ in made],
            "period": [one.period for one, _ in made],
            "month": pd.to_datetime([one.month for one, _ in made]).astype("datetime64[s]"),
            "incidents": [one.incidents for one, _ in made],
            "bandwidth": [one.bandwidth for one, _ in made],
            "cell": [one.cell for one, _ in made],
            "raster": [file.name for _, file in made],
        }
    )
    files = [file for _, file in made]
    if protected and published is not None:
        frame, files = _as_published(frame, files, published, nodes, period_ends(last, protected=True))
    return frame.sort_values(["offence", "period"]), files


def _as_published(
    frame: pd.DataFrame,
    files: list[Path],
    published: Published,
    nodes: Nodes,
    ends: Mapping[str, np.datetime64],
) -> tuple[pd.DataFrame, list[Path]]:
    """Put the rasters of the same periods that were published in place of those drawn anew."""
    before, folder = published
    same = before["offence"].isin(list(nodes)) & (
        before["month"] == pd.to_datetime(before["period"].astype(str).map(lambda one: str(ends[one])))
    )
    before = before.loc[same, list(frame.columns)].astype({"offence": object, "period": object})
    again = frame["raster"].isin(before["raster"])
    rows = [part for part in (before, frame[~again]) if len(part)]
    kept = [folder / name for name in before["raster"]]
    drawn = [file for file in files if file.name not in set(before["raster"])]
    return (pd.concat(rows, ignore_index=True) if rows else frame), [*kept, *drawn]


def incidents_of(points: Points) -> Incidents:
    """Return points as incidents."""
    return Incidents(points.x, points.y, points.day, points.crs)


def _kept(kept: Verdicts | None, name: str, incidents: Incidents) -> pd.DataFrame:
    """Return the pairs that are kept under a name; count and keep them if there are none."""
    if kept is not None and (table := kept.load(name)) is not None:
        found: pd.DataFrame = table.to_pandas()
        return found
    made = _counted(incidents)
    if kept is not None:
        kept.save(name, pa.Table.from_pandas(made, preserve_index=False))
    return made


def _counted(incidents: Incidents) -> pd.DataFrame:
    """Count near pairs in as many bands of distance as can be held."""
    for many in range(len(METRES), 0, -1):
        if many == 1 or incidents.near(METRES[many - 1]) <= MOST_PAIRS:
            break
    # days, not hours: a third of the times of a police register are the full hour
    whole = Incidents(incidents.x, incidents.y, incidents.day.astype("datetime64[D]"), incidents.crs)
    return near_repeat(
        whole, np.random.default_rng(1), metres=METRES[:many], days=DAYS, permutations=PERMUTATIONS
    )
