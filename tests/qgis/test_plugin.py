"""The plugin inside Debian's QGIS, against the real server in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from live import live
from missing import need_qgis, need_qgis_pytest
from walled_town import walled_town

from gis_layers import pipeline
from gis_layers.desk import add_token, open_desk
from tile_server import ServerSettings

HERE = Path(__file__).parent / "plugin"


@dataclass(frozen=True)
class Servers:
    """Where the town is served, openly and behind tokens, and a token."""

    open: str
    guarded: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AUDAN_TEST_SERVER": self.open,
            "AUDAN_TEST_GUARDED": self.guarded,
            "AUDAN_TEST_TOKEN": self.token,
        }


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Build the walled town twice from one release, and serve both."""
    folder = tmp_path_factory.mktemp("town")
    store, guarded = folder / "store", folder / "guarded"
    area = walled_town(folder / "input")
    pipeline.build(area, store)
    subprocess.run(["cp", "-r", str(store), str(guarded)], check=True)
    with open_desk(guarded) as desk:
        _, token = add_token(desk, name="Analyst", edition="analyst")
    with (
        live(ServerSettings(store=store, edition="analyst")) as address,
        live(ServerSettings(store=guarded, edition="analyst")) as behind,
    ):
        yield Servers(address, behind, token)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("file", sorted(one.name for one in HERE.glob("test_*.py")))
def test_the_plugin_inside_qgis(file: str, servers: Servers, tmp_path: Path) -> None:
    need_qgis(tmp_path)
    python = need_qgis_pytest()
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    command = [
        python,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(HERE),
        "-c",
        str(HERE / "pytest.ini"),
    ]
    run = subprocess.run(
        [*command, str(HERE / file)],
        env={**bare, **servers.environment}, cwd=HERE, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-4000:]
    assert "skipped" not in run.stdout.splitlines()[-1], run.stdout[-2000:]
