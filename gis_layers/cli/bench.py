"""`audan bench`: the benchmarks of the source tree, beside peers."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from ..errors import SystemFault, UsageError, Where
from .options import Json, print_json

_PACKAGE = "benchmarks"


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which to run. Default: all.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder `benchmarks/` of the source tree. Default: found here."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what takes minutes: the demo ten times larger.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Everything once and small, to see that it works.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Keep the figures in this JSON file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure builds, serving, tiles and starting beside other software, and print the ratios.

    The benchmarks are not part of the installed package: run this in a checkout of the source, or name its folder.

    Example: `audan bench starting --output results.json`
    """
    found = load(find(folder))
    known = found.benchmarks()
    for name in names or ():
        if name not in known:
            raise UsageError(
                "there is no such benchmark", Where(value=name), remedy=f"use one of {', '.join(known)}"
            )
    made = found.run(names or (), everything=everything, quick=quick)
    if output is not None:
        try:
            found.keep(made, output)
        except (OSError, ValueError, KeyError) as error:
            raise SystemFault(f"the figures cannot be kept: {error}", Where(file=output)) from error
    if as_json:
        print_json(made)
        return
    print_parts(made)


def find(folder: Path | None) -> Path:
    """Return the folder of the benchmarks: the one named, or that of the checkout one stands in or runs from.

    Raises
    ------
    UsageError
        If there is none, as where only the wheel was installed.
    """
    source = Path(__file__).resolve().parents[2]
    for place in [folder] if folder is not None else [Path.cwd() / _PACKAGE, source / _PACKAGE]:
        if (place / "run.py").is_file() and (place / "figure.py").is_file():
            return place.resolve()
    raise UsageError(
        "the benchmarks are not here: they are in the source tree and not in the installed package",
        Where(file=folder) if folder is not None else None,
        remedy="check the source out and run `audan bench` in it, or name its folder with --folder",
    )


def load(folder: Path) -> ModuleType:
    """Import the benchmarks from a folder, whatever else is called so on this machine; return `run.py`."""
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemFault("the benchmarks cannot be imported", Where(file=folder))
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    return import_module(f"{_PACKAGE}.run")


def print_parts(made: dict[str, Any]) -> None:
    """Print what was measured: a line for each figure, with its peer and the ratio."""
    page = import_module(f"{_PACKAGE}.page")
    for part in made["parts"]:
        print(f"{part['title']}:")
        for figure in part["figures"]:
            print(f"  {page.sentence(figure)}")
