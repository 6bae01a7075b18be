"""Density rasters: fetched into a file of the profile, drawn so that few incidents are clear as glass."""

from math import inf
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsColorRampShader,
    QgsRasterBandStats,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from ..core import rasters
from ..core.client import Client
from ..core.fault import Fault
from ..core.models import Catalogue, LayerInfo
from ..core.words import say
from ..core.writing import locale

_STEPS = (0.05, 0.2, 0.4, 0.6, 0.8)
"""Shares of the greatest figure that classes end with; the first class is clear."""
_COLOURS = ("#00fff7dc", "#fff7dc", "#fed98e", "#fe9929", "#d95f0e")
_TOP = "#7f2704"


def fetch_raster(
    client: Client, catalogue: Catalogue, info: LayerInfo, offence: Optional[str]
) -> tuple[Path, float, str]:
    """Return the file of an offence's raster, its greatest figure and its month; a file once fetched is kept.

    Raises
    ------
    Fault
        ``no_raster`` if the offence has none, ``folder`` if it cannot be kept.
    """
    found = [one for one in info.rasters if one["offence"] == offence]
    if not found:
        raise Fault("no_raster", offence=offence)
    # the longest period has the most incidents, and so the least noise
    chosen = max(found, key=lambda one: (one["month"], one["incidents"]))
    rasters.prune()
    slice_ = (chosen["offence"], chosen["month"], chosen["period"])
    file = rasters.file_of(
        client.server.key, client.server.url, catalogue.edition, catalogue.release, *slice_
    )
    if not file.exists():
        rasters.keep(file, client.raster(info, *slice_))
    rasters.use(file)
    opened = QgsRasterLayer(str(file), "density")
    if not opened.isValid():
        file.unlink(missing_ok=True)
        raise Fault("raster")
    highest = opened.dataProvider().bandStatistics(1, QgsRasterBandStats.Stats.Max).maximumValue
    return file, highest, chosen["month"]


def density_layer(title: str, file: Path, highest: float) -> QgsRasterLayer:
    """Return a raster as a layer, in classes from nothing to its greatest figure."""
    layer = QgsRasterLayer(str(file), title)
    ramp = QgsColorRampShader(0, highest, None, QgsColorRampShader.Type.Discrete)
    numbers = locale()
    items, text = [], ""
    for share, colour in zip(_STEPS, _COLOURS):
        text = numbers.toString(highest * share, "g", 2)
        label = say("layers.up_to_per_km2", number=text)
        items.append(QgsColorRampShader.ColorRampItem(highest * share, QColor(colour), label))
    top = say("layers.above_per_km2", number=text)
    items.append(QgsColorRampShader.ColorRampItem(inf, QColor(_TOP), top))
    ramp.setColorRampItemList(items)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))
    layer.setOpacity(0.75)
    return layer
