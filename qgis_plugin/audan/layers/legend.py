"""The legend of vector tiles, which QGIS has none for: a symbol and a text for each class."""

from qgis.core import (
    QgsLayerTreeLayer,
    QgsLayerTreeModelLegendNode,
    QgsLegendSymbolItem,
    QgsMapLayerLegend,
    QgsSymbolLegendNode,
    QgsVectorTileLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt


class TileLegend(QgsMapLayerLegend):
    """Tells the classes of a layer by the styles of its renderer."""

    def __init__(self, layer: QgsVectorTileLayer) -> None:
        super().__init__()
        self._layer = layer

    def createLayerTreeModelLegendNodes(self, node: QgsLayerTreeLayer) -> list[QgsLayerTreeModelLegendNode]:
        """Return the nodes of the classes; QGIS calls it and owns what it gets."""
        made = []
        for style in self._layer.renderer().styles():
            if not style.filterExpression():  # the borders are no class
                continue
            symbol = style.symbol().clone()
            symbol.symbolLayer(0).setStrokeStyle(Qt.PenStyle.SolidLine)
            item = QgsLegendSymbolItem(symbol, style.styleName(), style.styleName())
            one = QgsSymbolLegendNode(node, item)
            sip.transferto(one, None)  # else Python frees what QGIS still shows
            made.append(one)
        return made


def put_legend(layer: QgsVectorTileLayer) -> None:
    """Give a layer its legend, which no project keeps."""
    layer.setLegend(TileLegend(layer))
