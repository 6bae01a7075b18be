"""Add a prepared set of layers to a project: grouped, ordered, named and set in time."""

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.gui import QgsMapCanvas

from ..core.markup import plain
from ..core.models import Catalogue
from ..core.words import of
from .density import density_layer
from .features import drop_no_data, memory_layer, only_outlines, put_style, put_time
from .marks import Mark, marked, put_mark
from .names import names_layer
from .naming import group_name, release_of
from .prepare import Part, Prepared
from .tiles import tile_layer
from .timeline import lay

_RANK = {"spread_paths": 0, "clusters": 1, "names": 2, "hotspot_cells": 3, "hotspots": 4, "density": 9}
_COVER = 5
METRES = "EPSG:3857"


def add_to_window(prepared: Prepared, iface: Any) -> list[QgsMapLayer]:
    """Add a set to the project of a window and show it there; see :func:`add`."""
    bridge = iface.layerTreeCanvasBridge()
    # Else an empty project takes degrees from its first layer, and tiles are drawn twice.
    before = bridge.autoSetupOnFirstLayer()
    bridge.setAutoSetupOnFirstLayer(False)
    try:
        return add(prepared, QgsProject.instance(), iface.mapCanvas())
    finally:
        bridge.setCanvasLayers()
        bridge.setAutoSetupOnFirstLayer(before)


def add(prepared: Prepared, project: QgsProject, canvas: Optional[QgsMapCanvas] = None) -> list[QgsMapLayer]:
    """Add a set to a project; the window's thread, without a request.

    Parameters
    ----------
    prepared
        What :func:`.prepare.prepare` has fetched.
    project
        Where to.
    canvas
        Shows the area if the project was empty, and its time goes to the month.

    Returns
    -------
    The layers, top first. Of several that cover the map only the first asked for is shown.
    """
    empty = not project.mapLayers()
    if empty:
        project.setCrs(QgsCoordinateReferenceSystem(METRES))
    extent = _extent(prepared.catalogue, project)
    asked = [one for one in prepared.parts if not _named(one.mark, project)]
    cover = next((one for one in asked if _rank(one.mark) > _RANK["names"]), None)
    group = _group(prepared, project)
    made = []
    for part in sorted(asked, key=lambda one: _rank(one.mark)):
        layer = _layer(part, prepared.catalogue, extent)
        project.addMapLayer(layer, False)
        node = group.addLayer(layer)
        node.setItemVisibilityChecked(part is cover or _rank(part.mark) <= _RANK["names"])
        node.setExpanded(part is cover)
        made.append(layer)
    if empty:
        _show(project, extent, canvas)
    sliced = next((one.mark for one in prepared.parts if one.mark.moves), None)
    if canvas is not None and sliced is not None and sliced.month is not None:
        lay(canvas, sliced.months, sliced.month, sliced.period)
    return made


def _named(mark: Mark, project: QgsProject) -> bool:
    """Tell whether a mark is of names that another set has brought: twice would be too much."""
    if mark.form != "names":
        return False
    others = (other for _, other in marked(project))
    return any(one.form == "names" and (one.url, one.release) == (mark.url, mark.release) for one in others)


def _rank(mark: Mark) -> int:
    return _RANK["names"] if mark.form == "names" else _RANK.get(mark.layer, _COVER)


def _layer(part: Part, catalogue: Catalogue, extent: QgsRectangle) -> QgsMapLayer:
    mark = part.mark
    if mark.form == "tiles":
        layer: QgsMapLayer = tile_layer(mark, part.info, extent)
    elif part.raster is not None:
        layer = density_layer(mark.title, part.raster, part.highest)
    elif mark.form == "names":
        layer = names_layer(mark.title, part.features, part.info, mark.lang)
    else:
        layer = memory_layer(mark.title, part.features, part.info)
        put_style(layer, part.qml)
        put_time(layer, part.info)
        if part.info.interval:
            drop_no_data(layer)
        if mark.layer == "clusters":
            only_outlines(layer, part.info)
    if mark.form not in ("names", "raster"):
        layer.setName(mark.name)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)  # what is in memory is fetched again
    _tell(layer, part, catalogue)
    put_mark(layer, mark)
    return layer


def _tell(layer: QgsMapLayer, part: Part, catalogue: Catalogue) -> None:
    told = layer.metadata()
    told.setTitle(part.mark.title)
    told.setAbstract(plain(of(part.info.description)))
    told.setRights([str(catalogue.area.get("attribution") or "")])
    told.setHistory([release_of(catalogue)])
    layer.setMetadata(told)


def _group(prepared: Prepared, project: QgsProject) -> QgsLayerTreeGroup:
    catalogue = prepared.catalogue
    name = group_name(catalogue, of(prepared.parts[0].info.title))
    group = project.layerTreeRoot().insertGroup(0, name)
    group.setCustomProperty("audan/release", catalogue.release)
    group.setCustomProperty("audan/edition", catalogue.edition)
    return group


def _extent(catalogue: Catalogue, project: QgsProject) -> QgsRectangle:
    there = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem(METRES), project
    )
    return there.transformBoundingBox(QgsRectangle(*catalogue.bbox))


def _show(project: QgsProject, extent: QgsRectangle, canvas: Optional[QgsMapCanvas]) -> None:
    roomy = QgsRectangle(extent)
    roomy.scale(1.05)
    area = QgsReferencedRectangle(roomy, QgsCoordinateReferenceSystem(METRES))
    project.viewSettings().setPresetFullExtent(area)
    if canvas is not None:
        canvas.setReferencedExtent(area)
