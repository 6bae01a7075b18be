"""Runs in Debian's Python: QGIS draws a layer of our vector tiles, and says how many pixels of each colour there are.

    python3 draw.py ADDRESS WEST,SOUTH,EAST,NORTH LAYER COLUMN PICTURE

ADDRESS is that of the tiles, with {z}, {x} and {y}; the box is in metres of EPSG:3857. Each whole value of the column
has a colour of its own, `COLOURS`; a tile without the column is grey. JSON comes out on stdout.
"""

import json
import os
import sys
from collections import Counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtGui import QColor

COLOURS = ["#111111", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff"]
NO_DATA = "#808080"
SIDE = 512
PATIENCE = 120_000


def style(name: str, layer: str, expression: str, colour: str) -> QgsVectorTileBasicRendererStyle:
    made = QgsVectorTileBasicRendererStyle(name, layer, QgsWkbTypes.PolygonGeometry)
    made.setFilterExpression(expression)
    symbol = QgsFillSymbol.createSimple({"color": colour, "outline_style": "no"})
    made.setSymbol(symbol)
    made.setEnabled(True)
    return made


def main(address: str, box: str, layer: str, column: str, picture: str) -> None:
    app = QgsApplication([], False)
    app.initQgis()
    query = address.replace("&", "%26").replace("=", "%3D")
    tiles = QgsVectorTileLayer(f"type=xyz&url={query}&zmin=0&zmax=14", layer)
    assert tiles.isValid(), "QGIS refuses the layer"
    renderer = QgsVectorTileBasicRenderer()
    classes = [
        style(str(value), layer, f'"{column}" = {value}', colour) for value, colour in enumerate(COLOURS)
    ]
    renderer.setStyles([style("none", layer, f'"{column}" IS NULL', NO_DATA), *classes])
    tiles.setRenderer(renderer)

    settings = QgsMapSettings()
    settings.setLayers([tiles])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(*map(float, box.split(","))))
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    # `waitForFinished` would stand in the way of the replies that the tiles come with.
    job.finished.connect(loop.quit)
    QTimer.singleShot(PATIENCE, loop.quit)
    job.start()
    loop.exec_()
    image = job.renderedImage()
    image.save(picture)
    pixels = Counter(
        QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())
    )
    named = {colour: str(value) for value, colour in enumerate(COLOURS)}
    found = {named.get(colour, colour): many for colour, many in pixels.items()}
    said = {"version": Qgis.QGIS_VERSION, "errors": len(job.errors()), "pixels": found}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while it leaves; what was to be said is said


main(*sys.argv[1:])
