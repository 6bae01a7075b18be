"""Rows of a layer as a table or a map of one's own: ``audan:slice``."""

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSink,
)

from ..core.features import Maker
from ..core.words import say
from .base import Algorithm, listen
from .drawn import by_style, draw_later
from .names import SHAPES
from .wishes import columns_of, layer_of, months_of, offences_of

DEGREES = "EPSG:4326"


class Slice(Algorithm):
    """Downloads the rows of a layer for months, offences and a box."""

    ID = "slice"

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.ask_server()
        self.ask_layer()
        self.ask_text("MONTHS")
        self.ask_text("OFFENCES", "all")
        self.addParameter(QgsProcessingParameterExtent("EXTENT", self.says("EXTENT"), optional=True))
        self.ask_text("ATTRIBUTE", advanced=True)
        self.ask_text("COLUMNS", advanced=True)
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.says("OUTPUT")))
        self.addOutput(QgsProcessingOutputNumber("COUNT", self.says("COUNT")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Ask the server and write what it gives."""
        client = self.client(parameters, context, feedback)
        layer = layer_of(client.catalogue(), self.text(parameters, "LAYER", context))
        columns = columns_of(layer, self.text(parameters, "COLUMNS", context))
        maker = Maker(layer, columns)
        crs = QgsCoordinateReferenceSystem(DEGREES)
        more = self._more(parameters, context, crs)
        if len(columns) < len(layer.columns):
            more["properties"] = ",".join(columns)
        months = months_of(layer, self.text(parameters, "MONTHS", context))
        offences = offences_of(layer, self.text(parameters, "OFFENCES", context))
        shape = SHAPES[layer.geometry]
        sink, where = self.sink(parameters, "OUTPUT", context, maker.fields, shape, crs)
        found = client.rows(layer.id, datetime=months, offence=offences, **more).features
        for place, one in enumerate(found):
            if place % 1000 == 0:
                listen(feedback, place, len(found))
            sink.add(maker.feature(one))
        sink.close()
        told = say("processing.rows", rows=len(found), layer=layer.id)
        (feedback.pushInfo if found else feedback.pushWarning)(told)
        if layer.classes:
            draw_later(context, where, by_style(client.style(layer.id)))
        return {"OUTPUT": where, "COUNT": len(found)}

    def _more(
        self, parameters: dict[str, Any], context: QgsProcessingContext, crs: QgsCoordinateReferenceSystem
    ) -> dict[str, str]:
        more = {}
        box = self.parameterAsExtent(parameters, "EXTENT", context, crs)
        if not box.isNull() and not box.isEmpty():
            ends = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
            more["bbox"] = ",".join(f"{end:.9g}" for end in ends)
        if attribute := self.text(parameters, "ATTRIBUTE", context):
            more["attribute"] = attribute
        return more
