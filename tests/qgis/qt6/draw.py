"""Imports every module of the plugin under Qt 6 and draws its windows: ``draw.py FOLDER``; prints what came of it."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "qgis_plugin")]

import audan  # noqa: E402
from PyQt6.QtCore import QT_VERSION_STR, QSize  # noqa: E402
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton, QWidget  # noqa: E402
from qgis.core import QgsApplication  # noqa: E402


def options() -> QWidget:
    """Return the options page with a server."""
    from audan.core import servers
    from audan.gui.options import OptionsPage

    servers.save(servers.Server("Head office", "https://crime.example/audan", "a1b2c3d"))
    return OptionsPage(None)


def help_page() -> QWidget:
    """Return the window of help."""
    from audan.gui.help import Help

    window = Help()
    window.show_page("start")
    return window


WINDOWS = {"options": (options, QSize(640, 560)), "help": (help_page, QSize(640, 720))}


def colours(widget: QWidget, path: Path) -> int:
    """Save a picture of a widget and return how many colours it has."""
    picture = widget.grab().toImage()
    picture.save(str(path))
    steps = [
        (x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)
    ]
    return len({picture.pixel(x, y) for x, y in steps})


def main(folder: Path) -> None:
    """Import, draw, and print one JSON object."""
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
            QApplication.processEvents()
            parts = [*widget.findChildren(QLabel), *widget.findChildren(QPushButton)]
            drawn[f"{name}.{language}"] = {
                "colours": colours(widget, folder / f"{name}.{language}.png"),
                "texts": [one.text() for one in parts if one.isVisible() and one.text()],
            }
            widget.close()
    print(json.dumps({"qt": QT_VERSION_STR, "modules": modules, "drawn": drawn}, ensure_ascii=False))


if __name__ == "__main__":
    application = QApplication([])
    main(Path(sys.argv[1]))
