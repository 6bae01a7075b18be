"""How a result looks once it is in the project: the server's style, or classes in the colours of its ramp."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from qgis.core import (
    QgsFillSymbol,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)

from ..core.fault import Fault
from ..core.words import say
from ..layers.features import put_style

AMOUNT = ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#4d004b")
"""The server's ramp of amounts, least first."""
MISSING = "#ffffff"
Draw = Callable[[QgsVectorLayer], None]


class _Drawing(QgsProcessingLayerPostProcessorInterface):
    """Kept in `_KEPT`: QGIS takes no hold of a Python object, which would be gone before it is called."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self._draw = draw

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Draw it; QGIS calls this in the window's thread."""
        if isinstance(layer, QgsVectorLayer):
            self._draw(layer)
            layer.triggerRepaint()


_KEPT: list[_Drawing] = []


def draw_later(context: QgsProcessingContext, output: str, draw: Draw) -> None:
    """Have an output drawn when it is loaded into the project; nothing if it is not."""
    if output and context.willLoadLayerOnCompletion(output):
        # Those of earlier runs have done their work by now, but for those that run beside this one.
        del _KEPT[:-16]
        _KEPT.append(_Drawing(draw))
        context.layerToLoadOnCompletionDetails(output).setPostProcessor(_KEPT[-1])


def by_style(qml: str) -> Draw:
    """Return how to draw a layer in a style of the server."""

    def draw(layer: QgsVectorLayer) -> None:
        with suppress(Fault):  # the result is there, only plain
            put_style(layer, qml)

    return draw


def by_class(column: str, labels: Sequence[str], colours: Sequence[str]) -> Draw:
    """Return how to draw classes 0, 1, … of a column, and those without (-1)."""

    def draw(layer: QgsVectorLayer) -> None:
        root = QgsRuleBasedRenderer.Rule(None)
        parts = [(-1, say("processing.missing"), MISSING)]
        parts += [(place, label, colour) for place, (label, colour) in enumerate(zip(labels, colours))]
        for place, label, colour in parts:
            symbol = QgsFillSymbol.createSimple(
                {"color": colour, "outline_color": "#808080", "outline_width": "0.15"}
            )
            root.appendChild(
                QgsRuleBasedRenderer.Rule(symbol, filterExp=f'"{column}" = {place}', label=label)
            )
        layer.setRenderer(QgsRuleBasedRenderer(root))

    return draw


def ramp(classes: int) -> list[str]:
    """Return colours of so many classes, spread over the whole ramp; between its colours where there are more.

    Examples
    --------
    >>> ramp(2), len(ramp(7))
    (['#edf8fb', '#4d004b'], 7)
    """
    steps = max(classes - 1, 1)
    if classes <= len(AMOUNT):
        return [AMOUNT[round(place * (len(AMOUNT) - 1) / steps)] for place in range(classes)]
    return [_between(place * (len(AMOUNT) - 1) / steps) for place in range(classes)]


def _between(place: float) -> str:
    low = min(int(place), len(AMOUNT) - 2)
    share = place - low
    ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in AMOUNT[low : low + 2]]
    mixed = [round(one + (other - one) * share) for one, other in zip(*ends)]
    return "#" + "".join(f"{part:02x}" for part in mixed)
