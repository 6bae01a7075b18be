"""Write the demo area's inputs to a folder: cards, polygons, tables and, apart from them, the truth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio

from .backdrop import FIRST_MONTH, MONTHS
from .cards import draw_year
from .counts import DemoCounts, demo_counts
from .factors import draw_factors
from .geography import country
from .offences import CODES
from .plants import Plants
from .plants.apply import CALLED
from .population import FIRST_YEAR, LAST_YEAR, residents
from .truth import TRUTH_FILE

STAMP = "stamp.json"
YEARS = range(FIRST_YEAR, FIRST_YEAR + MONTHS // 12)


@dataclass(frozen=True)
class DemoFiles:
    """Where the files of a demo are; `reused` says that they stood there already."""

    folder: Path
    cards: tuple[Path, ...]
    districts: Path
    population: Path
    factors: Path
    calls: Path
    districts_crosswalk: Path
    truth: Path
    reused: bool


def write_demo(
    folder: Path,
    *,
    seed: int = 1,
    scale: float = 1.0,
    plants: Plants = Plants(),  # noqa: B008
    years: int = len(YEARS),
    progress: Callable[[str], None] | None = None,
) -> DemoFiles:
    """Write the inputs of the demo area; the same seed, scale and plants give the same bytes.

    Parameters
    ----------
    folder
        Made if missing. If it holds this very demo already, nothing is written.
    seed, scale, plants
        As in :func:`gis_layers.demo.demo_counts`.
    years
        Cards of the newest years alone, for a quick look; the other tables are those of all.
    progress
        Called with a word for each step as it begins.

    Returns
    -------
    DemoFiles
        The area file `config/areas/demo/area.toml` reads them through the variable ``AUDAN_DEMO``, the folder. The
        truth stands in a folder of its own, `truth/`, that no input names.
    """
    say = progress or (lambda step: None)
    files = _files(Path(folder), years, reused=False)
    mark = {
        "generator": _generator(),
        "seed": seed,
        "scale": scale,
        "plants": asdict(plants),
        "years": years,
    }
    if _stands(files, mark):
        return _files(Path(folder), years, reused=True)
    files.truth.parent.mkdir(parents=True, exist_ok=True)
    (files.folder / STAMP).unlink(missing_ok=True)

    say("inventing: counts")
    demo = demo_counts(seed, scale, plants)
    for file in set(files.folder.glob("cards-*.parquet")) - set(files.cards):
        file.unlink()
    for year, file in zip(YEARS[-years:], files.cards, strict=True):
        say(f"inventing: cards of {year}")
        pq.write_table(draw_year(demo, year), file, compression="zstd", version="2.6")
    say("inventing: tables")
    _write_districts(files.districts)
    _write_csv(files.population, _population())
    _write_csv(files.factors, draw_factors(seed))
    _write_csv(files.calls, _calls(demo))
    _write_csv(files.districts_crosswalk, districts_crosswalk())
    demo.truth.write(files.truth)
    sums = {str(file.relative_to(files.folder)): _sha256(file) for file in _all(files)}
    (files.folder / STAMP).write_text(json.dumps({**mark, "files": sums}, indent=1) + "\n", encoding="utf-8")
    return files


def districts_crosswalk() -> pd.DataFrame:
    """Return `old, new, valid_from, weight`: the two districts that became one on 2021-07-01."""
    land = country()
    new = land.frame["district"].iloc[land.merged]
    return pd.DataFrame({"old": land.old_codes, "new": new, "valid_from": "2021-07-01", "weight": 1})


def _files(folder: Path, years: int, *, reused: bool) -> DemoFiles:
    return DemoFiles(
        folder=folder,
        cards=tuple(folder / f"cards-{year}.parquet" for year in YEARS[-years:]),
        districts=folder / "districts.gpkg",
        population=folder / "population.csv",
        factors=folder / "factors.csv",
        calls=folder / "calls.csv",
        districts_crosswalk=folder / "districts_crosswalk.csv",
        truth=folder / "truth" / TRUTH_FILE,
        reused=reused,
    )


def _all(files: DemoFiles) -> list[Path]:
    tables = [files.districts, files.population, files.factors, files.calls, files.districts_crosswalk]
    return [*files.cards, *tables, files.truth]


def _stands(files: DemoFiles, mark: dict[str, object]) -> bool:
    try:
        stamp = json.loads((files.folder / STAMP).read_text(encoding="utf-8"))
        sums = stamp.pop("files")
        return bool(stamp == mark) and all(
            _sha256(files.folder / name) == known for name, known in sums.items()
        )
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _generator() -> str:
    """Return a hash of the generator's own source: what another version of it wrote is written anew."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(here.rglob("*.py")):
        digest.update(source.relative_to(here).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _write_districts(file: Path) -> None:
    file.unlink(missing_ok=True)
    # A GeoPackage records when it was written; a fixed instant keeps the bytes the same.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    try:
        country().frame.to_file(file, layer="districts", driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_csv(file: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


def _population() -> pd.DataFrame:
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    districts = country().frame["district"].to_numpy()
    return pd.DataFrame(
        {
            "district": np.repeat(districts, len(years)),
            "year": np.tile(years, len(districts)),
            "population": residents().ravel(),
        }
    )


def _calls(demo: DemoCounts) -> pd.DataFrame:
    """Return the calls to the police by district, leaf and month: a proxy that no record keeper touches."""
    months = (FIRST_MONTH + np.arange(MONTHS)).astype(str)
    index = pd.MultiIndex.from_product(
        [demo.districts, [CODES[leaf] for leaf in CALLED], months], names=["district", "offence", "month"]
    )
    return pd.DataFrame({"calls": demo.sown.calls.ravel()}, index=index).reset_index()


def total_cards(files: DemoFiles) -> int:
    """Return how many cards were written."""
    return sum(pq.ParquetFile(file).metadata.num_rows for file in files.cards)
