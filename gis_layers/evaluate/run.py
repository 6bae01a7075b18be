"""The evaluation as a whole: which tables, how many runs, and where they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from .. import __version__
from ..codes import Codebook
from ..errors import SystemFault, UsageError, Where
from ..indicators.rating.fingerprint import METHOD
from .calibration import calibration
from .invented import monthly, weekly
from .report import page
from .walk_forward import Asked, walk_forward

TABLES = ("weekly", "monthly", "calibration", "walk-forward")

_RUNS_OF_A_WORLD = 100


def evaluate(
    panel: tuple[xr.Dataset, Codebook] | None = None,
    *,
    tables: Sequence[str] = TABLES,
    runs: int = 1000,
    r_runs: int = 0,
    seed: int = 1,
    asked: Asked | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Return the tables of an evaluation, as plain values.

    Parameters
    ----------
    panel
        Panel and codebook of the area that is walked through; None leaves that table out.
    tables
        Which of `TABLES`.
    runs
        Of each of the 42 scenarios. One clean world of the demo (some 700,000 cells) is made per 100 runs.
    r_runs
        How many of the weekly runs R judges too, where it is.
    seed
        Of everything drawn.
    asked
        What is walked through; see :func:`gis_layers.evaluate.walk_forward`.
    say
        Told how far it is, as `table: detail`.

    Raises
    ------
    UsageError
        If there is no such table.

    Examples
    --------
    >>> sorted(evaluate(tables=["monthly"], runs=1))
    ['method', 'monthly', 'version']
    """
    for name in tables:
        if name not in TABLES:
            raise UsageError(
                "there is no such table", Where(value=name), remedy=f"use one of {', '.join(TABLES)}"
            )
    results: dict[str, Any] = {"version": __version__, "method": METHOD}
    if "weekly" in tables:
        results["weekly"] = weekly(runs, seed=seed, r_runs=min(r_runs, runs), say=say)
    if "monthly" in tables:
        results["monthly"] = monthly(runs, seed=seed, say=say)
    if "calibration" in tables:
        months = None if runs >= _RUNS_OF_A_WORLD else 1
        results["calibration"] = calibration(
            max(runs // _RUNS_OF_A_WORLD, 1), seed=seed, months=months, say=say
        )
    if "walk-forward" in tables and panel is not None:
        results["walk_forward"] = walk_forward(*panel, asked, say=say)
    return results


def keep(results: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write `evaluation.json` and `evaluation.html` to a folder, each whole or not at all.

    Raises
    ------
    SystemFault
        If the folder cannot be written.
    """
    texts = {
        "evaluation.json": json.dumps(results, indent=1, ensure_ascii=False) + "\n",
        "evaluation.html": page(results),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            half = folder / f".{name}.new"
            half.write_text(text, encoding="utf-8")
            half.replace(folder / name)
    except OSError as error:
        raise SystemFault(f"the report cannot be written: {error}", Where(file=folder)) from error
    return folder / "evaluation.json", folder / "evaluation.html"
