"""Fixtures of the tests that run inside QGIS: a server in a process of its own, waiting, and a clean project.

`test_plugin.py` beside this folder starts them, and says in the environment where the servers are.
"""

import os
import sys
import time
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsProject, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QTimer

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "qgis_plugin"))

from audan.core import servers  # noqa: E402
from audan.core.servers import Server  # noqa: E402

pytest_plugins = ["pytest_qgis"]
PATIENCE = 30.0


def wait_for(done, patience=PATIENCE):
    """Let QGIS work until something is so; fail after a while."""
    end = time.monotonic() + patience
    while not done():
        assert time.monotonic() < end, "it did not come about in time"
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
    QCoreApplication.processEvents()


@pytest.fixture(scope="session")
def address():
    """Address of the walled town's analyst edition, without tokens."""
    return os.environ["AUDAN_TEST_SERVER"]


@pytest.fixture(scope="session")
def guarded():
    """Address of the same behind tokens, and a token of its analysts."""
    return os.environ["AUDAN_TEST_GUARDED"], os.environ["AUDAN_TEST_TOKEN"]


@pytest.fixture
def server(address):
    """The walled town as a server."""
    return Server("Town", address)


@pytest.fixture
def authcfg(qgis_app):
    """Make authentication configurations that hold a token."""
    manager = QgsApplication.authManager()
    if not manager.masterPasswordIsSet():
        manager.setMasterPassword("only for these tests", True)
    made = []

    def make(token):
        kept = QgsAuthMethodConfig("Basic")
        kept.setName("audan test")
        kept.setConfig("username", "anyone")
        kept.setConfig("password", token)
        answered = manager.storeAuthenticationConfig(kept)
        made.append(kept.id() or answered[1].id())
        return made[-1]

    yield make
    for one in made:
        manager.removeAuthenticationConfig(one)


@pytest.fixture(autouse=True)
def clean(qgis_app):
    """Begin with an empty project and no server."""
    QgsProject.instance().clear()
    QgsSettings().remove("audan")
    yield
    QgsProject.instance().clear()
    for one in servers.servers():
        servers.remove(one.name)


@pytest.fixture
def speak(qgis_app):
    """Let QGIS speak a language."""
    settings = QgsSettings()

    def go(lang):
        settings.setValue("locale/overrideFlag", True)
        settings.setValue("locale/userLocale", lang)

    yield go
    settings.remove("locale/overrideFlag")
    settings.remove("locale/userLocale")


def run_delay():
    """Seconds that the window's thread has been ready to run while others had the processors; 0 where none tells."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


class Stalls:
    """The longest time that the window's event loop did not turn, in seconds.

    What the thread waited for a processor is left out: it tells of the machine, on which other tests run.
    """

    def __init__(self):
        self._last = None
        self.longest = 0.0
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._turn)

    @staticmethod
    def _now():
        return time.monotonic() - run_delay()

    def __enter__(self):
        self._last = self._now()
        self._timer.start()
        return self

    def _turn(self):
        now = self._now()
        self.longest = max(self.longest, now - self._last)
        self._last = now

    def __exit__(self, *_):
        self._turn()
        self._timer.stop()


@pytest.fixture
def stalls():
    """Measure the longest stall of the event loop within a ``with``."""
    return Stalls()
