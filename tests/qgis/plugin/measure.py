"""Runs inside QGIS: what it costs to add a set of layers of a server, and to go to another month; JSON on stdout.

python3 measure.py ADDRESS
"""

import json
import os
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "qgis_plugin"))

from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsProject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtGui import QColor

WANTED = ("rating", "clusters", "spread_paths", "hotspots")


def wait(done):
    while not done():
        loop = QEventLoop()
        QTimer.singleShot(2, loop.quit)
        loop.exec()


def drawn(canvas):
    """Draw the map as it is; return the seconds and how many pixels of each colour there are."""
    settings = canvas.mapSettings()
    settings.setOutputSize(QSize(1000, 600))
    begun = time.perf_counter()
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec()
    took = time.perf_counter() - begun
    image = job.renderedImage()
    found = Counter(
        QColor(image.pixel(x, y)).name()
        for x in range(0, image.width(), 5)
        for y in range(0, image.height(), 5)
    )
    return took, found


def main(address):
    app = QgsApplication([], True)
    app.initQgis()
    from audan.core.client import Client
    from audan.core.servers import Server
    from audan.core.tasks import Tasks
    from audan.layers.layer_set import add
    from audan.layers.prepare import Wanted, prepare
    from audan.layers.temporal import Follower
    from conftest import Stalls

    canvas = QgsMapCanvas()
    canvas.resize(1000, 600)
    canvas.show()
    follower = Follower(canvas)
    tasks, answers, stalls, told = Tasks(), [], Stalls(), {}
    server = Server("Measured", address)
    begun = time.perf_counter()
    with stalls:
        tasks.start(
            "set",
            lambda ear: prepare(Client(server, ear), Wanted(WANTED), ear),
            answers.append,
            answers.append,
        )
        wait(lambda: answers)
        told["fetching a set, seconds"] = time.perf_counter() - begun
        begun = time.perf_counter()
        layers = add(answers[0], QgsProject.instance(), canvas)
        told["adding the set after the answer, seconds"] = time.perf_counter() - begun
        wait(lambda: not canvas.isDrawing())
    told["layers"] = len(layers)
    canvas.setLayers([one for one in layers if one.isValid()])
    months = answers[0].catalogue.layer("rating").months
    one, other = months[-1], months[-8]
    looks = []
    for month in (one, other):
        follower.go(month)
        first, colours = drawn(canvas)
        looks.append(sorted(colours.items()))
        told[f"first drawing of {month}, seconds"] = first
    spent = []
    with stalls:
        for turn in range(20):
            begun = time.perf_counter()
            follower.go((one, other)[turn % 2])
            swapped = time.perf_counter() - begun
            took, _ = drawn(canvas)
            spent.append(swapped + took)
    told["another month to repaint, cached, seconds"] = statistics.median(spent)
    told["the slowest of twenty"] = max(spent)
    told["longest stall, seconds"] = stalls.longest
    told["colours"] = looks
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while it leaves; what was to be said is said


main(sys.argv[1])
