"""A server of the tiny area, once for all contract tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from kept_verdicts import KeptVerdicts
from live import live
from marked import tokens_for
from tiny import tiny_release

from gis_layers.release import Store
from tile_server import ServerSettings


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one release of the tiny area."""
    return tiny_release(tmp_path_factory.mktemp("served") / "store")


@pytest.fixture(scope="session")
def server(tiny_store: Store) -> Iterator[str]:
    """Address of a server of the analyst edition."""
    with live(ServerSettings(Path(tiny_store.path), edition="analyst")) as address:
        yield address


@pytest.fixture(scope="session")
def public_server(tiny_store: Store) -> Iterator[str]:
    """Address of a server of the public edition."""
    with live(ServerSettings(Path(tiny_store.path))) as address:
        yield address


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    """A client of the analyst edition."""
    with httpx.Client(base_url=server) as made:
        yield made


@pytest.fixture(scope="session")
def london_verdicts(tmp_path_factory: pytest.TempPathFactory) -> KeptVerdicts:
    """The verdicts of London, for whichever worker builds it next."""
    own = tmp_path_factory.getbasetemp()
    return KeptVerdicts((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "london-verdicts")


@pytest.fixture(scope="module")
def tokens(store: Path) -> dict[str, str]:
    """A token for every role, of the store that the module serves."""
    return tokens_for(store)
