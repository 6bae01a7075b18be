"""Layers follow the month of QGIS's temporal controller, and the controller follows the plugin."""

from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsDataProvider,
    QgsDateTimeRange,
    QgsFeature,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsTemporalController,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..core import rasters
from ..core.client import Client
from ..core.fault import Fault
from ..core.months import month_of, nearest
from ..core.tasks import Tasks, Work
from ..core.words import say
from .density import fetch_raster
from .features import fill
from .legend import put_legend
from .marks import Mark, mark_of, marked, put_mark
from .names import points_of
from .prepare import fetch_features
from .tiles import source_of
from .timeline import lay

PAUSE = 40
"""Milliseconds of rest before layers follow a controller that is being dragged."""


class Follower(QObject):
    """Moves the layers of ours in a project to the month that the map shows.

    Parameters
    ----------
    canvas
        The map.
    controller
        Its temporal controller; the canvas's own by default.
    """

    moved = pyqtSignal(str)
    """A person has moved the map to a month; not emitted for :meth:`go`."""
    faulted = pyqtSignal(object)
    """A Fault: the features of a month could not be fetched."""

    def __init__(
        self,
        canvas: QgsMapCanvas,
        controller: Optional[QgsTemporalController] = None,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._controller = controller or canvas.temporalController()
        self._project = QgsProject.instance()
        self._tasks = Tasks()
        self._fetching: dict[str, Work] = {}
        self._month: Optional[str] = None
        self._heard: Optional[str] = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE)
        self._rest.timeout.connect(self._follow)
        if self._controller is not None:
            self._controller.updateTemporalRange.connect(self._hear)
        canvas.temporalRangeChanged.connect(self._hear_canvas)
        self._project.readProject.connect(self._refill)
        self._refill()

    @property
    def month(self) -> Optional[str]:
        """The month that the map shows, None before the first."""
        return self._month

    def go(self, month: str) -> None:
        """Move the controller and the layers to a month."""
        self._rest.stop()
        self._month = month
        self._swap(month)
        ours = [mark for _, mark in marked(self._project)]
        if not any(mark.moves or mark.form == "interval" for mark in ours):
            return  # the time of other people's layers is not ours
        sliced = [mark for mark in ours if mark.moves]
        months = sliced[0].months if sliced else (month,)
        lay(
            self._canvas,
            sorted({*months, month}),
            month,
            sliced[0].period if sliced else None,
            self._controller,
        )
        self._rest.stop()

    def close(self) -> None:
        """Let go of the map, the controller and the project."""
        self._rest.stop()
        self._tasks.close()
        if self._controller is not None:
            self._controller.updateTemporalRange.disconnect(self._hear)
        self._canvas.temporalRangeChanged.disconnect(self._hear_canvas)
        self._project.readProject.disconnect(self._refill)

    def _hear_canvas(self) -> None:
        self._hear(self._canvas.temporalRange())

    def _hear(self, shown: QgsDateTimeRange) -> None:
        # The range itself is not kept: the signal's own is gone when the rest is over.
        if shown.begin().isValid():
            self._heard = month_of(shown.begin())
            self._rest.start()

    def _follow(self) -> None:
        month = self._heard
        if month is None or month == self._month:
            return
        self._month = month
        self._swap(month)
        self.moved.emit(month)

    def _swap(self, month: str) -> None:
        for layer, mark in marked(self._project):
            if not mark.moves:
                continue
            there = nearest(month, mark.months)
            if there == mark.month:
                self._stop(layer.id())
            elif isinstance(layer, QgsVectorTileLayer):
                show_tiles(layer, mark.but(month=there))
            elif isinstance(layer, QgsVectorLayer) and not layer.isEditable():
                self._fetch(layer, mark.but(month=there))

    def _refill(self, *_: object) -> None:
        """Give layers again what no project keeps: the legend of tiles, the features of memory."""
        self._month = None
        for layer, mark in marked(self._project):
            if isinstance(layer, QgsVectorTileLayer):
                put_legend(layer)
            elif isinstance(layer, QgsRasterLayer):
                self._keep_raster(layer, mark)
            elif isinstance(layer, QgsVectorLayer) and layer.featureCount() == 0:
                self._fetch(layer, mark)

    def _keep_raster(self, layer: QgsRasterLayer, mark: Mark) -> None:
        """Keep the file of a raster from being pruned, or fetch it if it was."""
        if layer.isValid():
            rasters.use(Path(layer.source()))
            return
        name = layer.id()

        def work(task: Work) -> Path:
            client = Client(mark.home, task, mark.lang)
            catalogue = client.catalogue()
            return fetch_raster(client, catalogue, catalogue.layer(mark.layer), mark.offence)[0]

        def done(file: Path) -> None:
            there = self._project.mapLayer(name)
            if there is not None:
                there.setDataSource(str(file), there.name(), "gdal", QgsDataProvider.ProviderOptions())
                there.triggerRepaint()

        self._tasks.start(say("layers.fetching", layer=mark.title), work, done, self._fail)

    def _stop(self, name: str) -> None:
        earlier = self._fetching.pop(name, None)
        if earlier is not None and earlier in self._tasks.running:
            earlier.drop()

    def _fetch(self, layer: QgsVectorLayer, mark: Mark) -> None:
        name = layer.id()
        self._stop(name)

        def work(task: Work) -> tuple[QgsFeature, ...]:
            client = Client(mark.home, task, mark.lang)
            found: list[QgsFeature] = fetch_features(client, mark, client.catalogue().layer(mark.layer))
            return tuple(points_of(found) if mark.form == "names" else found)

        def done(features: tuple[QgsFeature, ...]) -> None:
            there = self._project.mapLayer(name)
            if there is None or there.isEditable():
                return
            fill(there, features)
            _rename(there, mark)
            there.triggerRepaint()

        title = mark.name
        self._fetching[name] = self._tasks.start(say("layers.fetching", layer=title), work, done, self._fail)

    def _fail(self, fault: Fault) -> None:
        self.faulted.emit(fault)


def show_tiles(layer: QgsVectorTileLayer, mark: Mark) -> None:
    """Point a layer of tiles at another slice; its style stays."""
    extent = layer.extent()
    name = _rename(layer, mark)
    layer.setDataSource(source_of(mark), name, layer.providerType(), QgsDataProvider.ProviderOptions())
    layer.setExtent(extent)
    layer.triggerRepaint()


def _rename(layer: QgsMapLayer, mark: Mark) -> str:
    """Write the new month on a layer; a name that a person gave stays."""
    before = mark_of(layer)
    if before is not None and layer.name() == before.name:
        layer.setName(mark.name)
    put_mark(layer, mark)
    return str(layer.name())
