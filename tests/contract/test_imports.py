"""The import rules of the design, and a command line that answers at once."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
from pathlib import Path


def test_import_contracts_hold(root: Path) -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


def test_the_plugin_imports_neither_the_library_nor_the_server(root: Path) -> None:
    files = sorted((root / "qgis_plugin" / "audan").rglob("*.py"))
    assert len(files) > 50
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not {name.split(".")[0] for name in names} & {"gis_layers", "tile_server"}, file


def test_no_import_circle_between_packages(root: Path) -> None:
    import grimp

    graph = grimp.build_graph("gis_layers", cache_dir=None)
    for first in graph.find_children("gis_layers"):
        for second in graph.find_children("gis_layers"):
            if first < second and "cli" not in first + second:
                there = graph.find_shortest_chains(first, second, as_packages=True)
                back = graph.find_shortest_chains(second, first, as_packages=True)
                direct_there = {chain for chain in there if len(chain) == 2}
                direct_back = {chain for chain in back if len(chain) == 2}
                assert not (direct_there and direct_back), (direct_there, direct_back)


def test_help_costs_little_more_than_the_libraries_that_print_it() -> None:
    """Processor time beside processor time, in turns: seconds would tell of the machine (benchmarks have them)."""
    ours, theirs = [], []
    for _ in range(3):
        said, took = _processor_time("-m", "gis_layers.cli", "--help")
        ours.append(took)
        theirs.append(_processor_time("-c", "import typer, typer.rich_utils, rich.console")[1])
    assert "build" in said
    assert min(ours) < 3 * min(theirs)


def _processor_time(*arguments: str) -> tuple[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return run.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from gis_layers.cli.app import app; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("numpy", "pandas", "geopandas", "xarray", "scipy", "starlette"):
        assert f"'{heavy}'" not in loaded
