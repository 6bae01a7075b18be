"""QGIS draws dynamics, structure and completeness from an exported GeoPackage, in the style that lies in the file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from missing import need_qgis
from tiny_changes import changes_release

from gis_layers.export import export
from gis_layers.release import Edition

MONTH = "2022-10"


@pytest.fixture(scope="module")
def qgis(tmp_path_factory: pytest.TempPathFactory) -> str:
    return need_qgis(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return changes_release(tmp_path_factory.mktemp("changed") / "store").current().edition("analyst")


@pytest.mark.parametrize("layer", ["dynamics", "structure", "completeness"])
def test_qgis_draws_an_export_in_its_own_style(
    qgis: str, edition: Edition, tmp_path: Path, layer: str
) -> None:
    file = tmp_path / f"{layer}.gpkg"
    export(edition, layer, file, month=MONTH, offence=None if layer == "completeness" else "theft")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    program = str(Path(__file__).parent / "draw_file.py")
    run = subprocess.run(
        [qgis, program, str(file), layer, str(tmp_path / "map.png")],
        env=env, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    drawn = json.loads(run.stdout.strip().splitlines()[-1])
    assert drawn["errors"] == 0
    entry = next(one for one in edition.catalogue["layers"] if one["id"] == layer)
    named = {one["colour"]: one["label"]["en"] for one in entry["classes"]}
    assert {colour: drawn["rules"][colour] for colour in named} == named
    rows = edition.read(layer, (MONTH, MONTH), None if layer == "completeness" else ["theft"])
    column = entry["default_column"]
    if layer == "structure":
        wanted = {one["colour"] for one in entry["classes"] if one["min"] == 2}
    elif layer == "completeness":
        # Both fields of a district lie over each other: the one left empty is seen.
        wanted = {one["colour"] for one in entry["classes"] if one["value"] == "low"}
    else:
        wanted = {one["colour"] for one in entry["classes"] if one["value"] in set(rows[column])}
    assert wanted
    # Borders and the island's smallness aside, every class has its ninth of the picture or more.
    seen = {colour for colour, many in drawn["pixels"].items() if colour in named and many > 300}
    assert seen == wanted
