"""The plugin's icons: small drawings that are seen on dark and on light."""

from pathlib import Path

from qgis.PyQt.QtGui import QIcon

FOLDER = Path(__file__).resolve().parent.parent / "icons"


def icon(name: str) -> QIcon:
    """Return an icon by the name of its file; that of a layer without one is the map's.

    Parameters
    ----------
    name
        ``audan``, ``server``, ``fault``, ``more``, ``bulletin``, ``help``, or the id of a layer.
    """
    file = FOLDER / f"{name}.svg"
    return QIcon(str(file if file.is_file() else FOLDER / "districts.svg"))
