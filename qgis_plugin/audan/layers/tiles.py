"""Vector tiles of one slice: their source, and one style for each class of the catalogue."""

from qgis.core import (
    QgsExpression,
    QgsFillSymbol,
    QgsRectangle,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
)

from ..core.client import TOP_ZOOM, Client
from ..core.compat import POLYGON
from ..core.models import Class, LayerInfo
from ..core.words import of, say
from .legend import put_legend
from .marks import Mark

NO_DATA = "#ffffff"
BORDER = {"outline_color": "#6b6b6b", "outline_width": "0.12"}


def source_of(mark: Mark) -> str:
    """Return the source of the tiles that a mark asks for."""
    asked = {"offence": mark.offence, "datetime": mark.month, "attribute": mark.attribute}
    params = {name: value for name, value in asked.items() if value is not None}
    # QGIS parts the source at its own & and =
    address = Client(mark.home, lang=mark.lang).tiles(mark.layer, params).replace("%", "%25")
    address = address.replace("&", "%26").replace("=", "%3D")
    source = f"type=xyz&url={address}&zmin=0&zmax={TOP_ZOOM}"
    return source + (f"&authcfg={mark.authcfg}" if mark.authcfg else "")


def filter_of(column: str, one: Class) -> str:
    """Return the expression that holds for the rows of a class."""
    name = QgsExpression.quotedColumnRef(column)
    if one.value is not None:
        return f"{name} = {QgsExpression.quotedValue(one.value)}"
    parts = [f"{name} >= {float(one.min)!r}"] if one.min is not None else []
    parts += [f"{name} < {float(one.max)!r}"] if one.max is not None else []
    return " AND ".join(parts) or f"{name} IS NOT NULL"


def tile_layer(mark: Mark, info: LayerInfo, extent: QgsRectangle) -> QgsVectorTileLayer:
    """Return the tiles as a layer; `extent` in metres of EPSG:3857 spares requests beyond the area."""
    layer = QgsVectorTileLayer(source_of(mark), mark.title)
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles(_styles(info))
    layer.setRenderer(renderer)
    put_legend(layer)
    layer.setExtent(extent)
    return layer


def _styles(info: LayerInfo) -> list[QgsVectorTileBasicRendererStyle]:
    column = info.default_column or ""
    missing = f"{QgsExpression.quotedColumnRef(column)} IS NULL"
    fills = [(say("layers.no_data"), missing, NO_DATA)]
    fills += [(of(one.label), filter_of(column, one), one.colour) for one in info.classes]
    made = []
    for name, expression, colour in fills:
        symbol = QgsFillSymbol.createSimple({"color": colour, **BORDER, "outline_style": "no"})
        made.append(_style(info.id, name, expression, symbol))
    border = QgsFillSymbol.createSimple({"style": "no", **BORDER})
    return [*made, _style(info.id, say("layers.borders"), "", border)]


def _style(layer: str, name: str, expression: str, symbol: QgsFillSymbol) -> QgsVectorTileBasicRendererStyle:
    style = QgsVectorTileBasicRendererStyle(name, layer, POLYGON)
    style.setFilterExpression(expression)
    style.setSymbol(symbol)
    style.setEnabled(True)
    return style
