"""Imports every module of the plugin under Qt 6 and draws its windows: ``draw.py FOLDER ADDRESS``.

The server at the address answers as it does in QGIS, without QGIS's network. What came of it is printed as JSON.
"""

import importlib
import json
import pkgutil
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "qgis_plugin")]

import audan  # noqa: E402
import audan.core.client  # noqa: E402
from audan.core import servers  # noqa: E402
from audan.core.network import Reply  # noqa: E402
from PyQt6.QtCore import QT_VERSION_STR, QSize, Qt  # noqa: E402
from PyQt6.QtTest import QTest  # noqa: E402
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QLabel, QPushButton, QTextBrowser, QWidget  # noqa: E402
from qgis.core import QgsApplication  # noqa: E402
from qgis.gui import QgsMapCanvas  # noqa: E402


def options() -> QWidget:
    """Return the options page with a server."""
    from audan.gui.options import ServersPage

    return ServersPage()


def dock() -> QWidget:
    """Return the situation dock."""
    from audan.gui.dock import SituationDock

    made = SituationDock(QgsMapCanvas())
    made.refresh()
    return made


def help_page() -> QWidget:
    """Return the window of help."""
    from audan.gui.help import HelpWindow

    window = HelpWindow()
    window.show_page("start")
    return window


WINDOWS = {
    "options": (options, QSize(640, 560)),
    "help": (help_page, QSize(640, 720)),
    "dock": (dock, QSize(420, 900)),
}


def fetch(url: str, params: dict | None = None, *, accept: str = "application/json", **_: object) -> Reply:
    """Answer for QGIS's network."""
    address = f"{url}?{urllib.parse.urlencode(params)}" if params else url
    asked = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return Reply(answer.status, answer.read(), dict(answer.headers))


def wait(seconds: float) -> None:
    """Let Qt work."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def pick_first(window: QWidget) -> None:
    """Wait for the list of the dock, click its first district, and wait for its story."""
    view = window.ranked.findChild(QAbstractItemView)
    wait_for(lambda: view.model() is not None and view.model().rowCount() > 1)
    place = view.visualRect(view.model().index(1, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    wait_for(lambda: any(len(one.text()) > 100 for one in window.findChildren(QLabel) if one.isVisible()))
    wait(0.2)


def wait_for(done: Callable[[], bool]) -> None:
    """Let Qt work until something is so."""
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end, "it did not come about in time"
        wait(0.02)


def colours(widget: QWidget, path: Path) -> int:
    """Save a picture of a widget and return how many colours it has."""
    picture = widget.grab().toImage()
    picture.save(str(path))
    steps = [(x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)]
    return len({picture.pixel(x, y) for x, y in steps})


def main(folder: Path, address: str) -> None:
    """Import, draw, and print one JSON object."""
    audan.core.client.fetch = fetch
    servers.save(servers.Server("Town", address))
    modules = [one.name for one in pkgutil.walk_packages(audan.__path__, "audan.")]
    for name in modules:
        importlib.import_module(name)
    drawn = {}
    for language in ("en", "ru", "kk"):
        QgsApplication.language = language
        for name, (make, size) in WINDOWS.items():
            widget = make()
            widget.resize(size)
            widget.show()
            wait(0.1)
            if name == "dock":
                pick_first(widget)
            parts = [*widget.findChildren(QLabel), *widget.findChildren(QPushButton)]
            drawn[f"{name}.{language}"] = {
                "colours": colours(widget, folder / f"{name}.{language}.png"),
                "texts": [one.text() for one in parts if one.isVisible() and one.text()]
                + [one.toPlainText() for one in widget.findChildren(QTextBrowser)],
            }
            widget.close()
    print(json.dumps({"qt": QT_VERSION_STR, "modules": modules, "drawn": drawn}, ensure_ascii=False))


if __name__ == "__main__":
    application = QApplication([])
    main(Path(sys.argv[1]), sys.argv[2])
