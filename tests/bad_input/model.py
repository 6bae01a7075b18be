"""An entry of the catalogue, and the ways in which one breaks a file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from . import good_area

Change = Callable[[Path], None]
Fate = Literal["refused", "quarantined", "read"]


@dataclass(frozen=True)
class Broken:
    """One fault of the input and what becomes of it.

    Parameters
    ----------
    what
        The fault, as a person would tell it.
    change
        Makes it in a folder that holds the good area.
    says
        Texts that the user must be shown: the file, the row, the column, the value or the key.
    fate
        `refused`: `check` and `build` exit 1 and publish nothing. `quarantined`: `check` lists it and exits
        1, `build` publishes with a ledger that balances and names the row. `read`: nothing is lost.
    """

    what: str
    change: Change
    says: tuple[str, ...]
    fate: Fate = "refused"


def swap(file: str, old: str, new: str, *, times: int = 1) -> Change:
    """Replace a text of a file."""

    def change(folder: Path) -> None:
        text = (folder / file).read_bytes().decode("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (folder / file).write_bytes(text.replace(old, new, times).encode("utf-8"))

    return change


def setting(old: str, new: str) -> Change:
    """Replace a text of the area file."""
    return swap("area.toml", old, new)


def under(section: str, line: str) -> Change:
    """Add a line below the header of a section of the area file."""
    return swap("area.toml", f"{section}\n", f"{section}\n{line}\n")


def replaced(file: str, content: str | bytes) -> Change:
    """Write a file anew."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    return lambda folder: _write(folder / file, raw)


def appended(file: str, content: str | bytes) -> Change:
    """Add to the end of a file."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    return lambda folder: _write(folder / file, (folder / file).read_bytes() + raw)


def without(file: str) -> Change:
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


def cut(file: str, share: float) -> Change:
    """Leave only the first part of a file."""

    def change(folder: Path) -> None:
        raw = (folder / file).read_bytes()
        (folder / file).write_bytes(raw[: int(len(raw) * share)])

    return change


def both(*changes: Change) -> Change:
    """Make several changes, one after the other."""

    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def counts_as(name: str, write: Callable[[pd.DataFrame, Path], None]) -> Change:
    """Deliver the counts as another file, written from their table (all cells text, counts whole numbers)."""
    return _table_as("counts", name, good_area.COUNTS, write, {"count": "int64"})


def cards_as(name: str, write: Callable[[pd.DataFrame, Path], None]) -> Change:
    """Deliver the cards as another file, written from their table (all cells text, points numbers)."""
    return _table_as("cards", name, good_area.CARDS, write, {"lon": "float64", "lat": "float64"})


def _table_as(
    source: str, name: str, text: str, write: Callable[[pd.DataFrame, Path], None], kinds: dict[str, str]
) -> Change:
    def change(folder: Path) -> None:
        table = pd.read_csv(io.StringIO(text), dtype=str)
        write(table.astype(kinds), folder / name)
        (folder / f"{source}.csv").unlink()
        setting(f'path = "{source}.csv"', f'path = "{name}"')(folder)

    return change


def districts_as(name: str, write: Callable[[gpd.GeoDataFrame, Path], None]) -> Change:
    """Deliver the districts as another file."""

    def change(folder: Path) -> None:
        frame = gpd.GeoDataFrame.from_features(good_area.squares()["features"], crs=4326)
        write(frame, folder / name)
        (folder / "districts.geojson").unlink()
        setting('path = "districts.geojson"', f'path = "{name}"')(folder)

    return change


def feature(number: int, edit: Callable[[dict[str, Any]], None]) -> Change:
    """Change one feature of the districts."""

    def change(folder: Path) -> None:
        layer = json.loads((folder / "districts.geojson").read_text(encoding="utf-8"))
        edit(layer["features"][number])
        (folder / "districts.geojson").write_text(json.dumps(layer), encoding="utf-8")

    return change


def _write(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
