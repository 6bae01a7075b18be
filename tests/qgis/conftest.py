"""The walled town, served for every test that has QGIS ask it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from live import live
from served_town import Servers
from walled_town import walled_town

from gis_layers import pipeline
from gis_layers.desk import add_token, open_desk
from tile_server import ServerSettings
from tile_server.bounds.settings import Bounds

collect_ignore = ["plugin"]  # runs inside QGIS, see test_plugin.py


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Build the walled town once, and serve it openly and behind tokens."""
    folder = tmp_path_factory.mktemp("town")
    store, guarded = folder / "store", folder / "guarded"
    area = walled_town(folder / "input")
    pipeline.build(area, store)
    subprocess.run(["cp", "-r", str(store), str(guarded)], check=True)
    with open_desk(guarded) as desk:
        _, token = add_token(desk, name="Analyst", edition="analyst")
    with (
        live(ServerSettings(store=store, edition="analyst")) as address,
        # Every test shows a wrong token of its own, from one address.
        live(
            ServerSettings(store=guarded, edition="analyst", bounds=Bounds(wrong_credentials=1000))
        ) as behind,
    ):
        yield Servers(address, behind, token, area.parent)
