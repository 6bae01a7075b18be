"""Runs in Debian's Python: QGIS opens a GeoPackage as anyone would, and draws it in the style that lies in it.

    python3 draw_file.py FILE LAYER PICTURE

JSON comes out on stdout: the labels of the style's rules by their colour, and how many pixels of each colour there are.
"""

import json
import os
import sys
from collections import Counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIDE = 256


def main(file: str, name: str, picture: str) -> None:
    app = QgsApplication([], False)
    app.initQgis()
    layer = QgsVectorLayer(f"{file}|layername={name}", name, "ogr")
    assert layer.isValid(), "QGIS refuses the layer"
    renderer = layer.renderer()
    assert isinstance(renderer, QgsRuleBasedRenderer), f"no style was found, but {renderer.type()}"
    rules = {rule.symbol().color().name(): rule.label() for rule in renderer.rootRule().children()}
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor("#00ff00"))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    pixels = Counter(QColor(image.pixel(x, y)).name() for x in range(SIDE) for y in range(SIDE))
    said = {"rules": rules, "errors": len(job.errors()), "pixels": pixels}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while it leaves; what was to be said is said


main(*sys.argv[1:])
