"""The wheel alone is enough: areas, messages and the web map are inside, and the demo builds from it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", out, root], check=True, capture_output=True
    )
    return next(out.glob("audan-*.whl"))


def test_the_wheel_carries_areas_messages_and_the_map(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for area in ("demo", "london", "chicago", "kazakhstan", "kazakhstan-regions"):
        assert f"gis_layers/_areas/{area}/area.toml" in names
    for language in ("en", "ru", "kk"):
        assert f"gis_layers/messages/{language}.json" in names
    assert "tile_server/web/dist/index.html" in names
    assert any(name.startswith("tile_server/web/dist/glyphs/") for name in names)
    assert not [name for name in names if "node_modules" in name]


@pytest.mark.parametrize("libraries", ["ours", pytest.param("its own", marks=pytest.mark.slow, id="its own")])
def test_the_demo_builds_from_the_wheel(wheel: Path, root: Path, tmp_path: Path, libraries: str) -> None:
    """Without the source tree; the slow one is in an empty environment, with the libraries that the wheel asks for."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    # without compiling what the demo never imports
    pip = [python, "-m", "pip", "install", "--quiet", "--no-compile"]
    if libraries == "ours":
        (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
        (packages / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
        pip.append("--no-deps")
    subprocess.run([*pip, "--constraint", root / "constraints.txt", wheel], check=True, cwd=tmp_path)
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONPATH", "AUDAN_DATA", "AUDAN_DEMO")
    }
    audan = tmp_path / "env" / "bin" / "audan"
    run = subprocess.run(
        [audan, "demo", "--no-serve", "--scale", "0.05", "--years", "1", "--store", "store"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    where = subprocess.run(
        [python, "-c", "import gis_layers; print(gis_layers.__file__)"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(tmp_path / "env")), "the wheel is what ran"
    release = run.stdout.strip().splitlines()[-1]
    assert (tmp_path / "store" / "current").read_text().strip() == release
    listed = subprocess.run(
        [audan, "layers", "--store", "store"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "safety" in listed.stdout
    # The benchmarks stay in the source tree, and the command says so.
    told = subprocess.run(
        [audan, "bench"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (told.returncode, "check the source out" in told.stderr) == (2, True)
