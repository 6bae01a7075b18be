"""Figures of one's own in classes as the server makes them: ``audan:classify``."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from qgis.core import (
    QgsFeature,
    QgsFields,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingUtils,
)

from ..core.compat import field
from ..core.fault import Fault
from ..core.models import Catalogue, Class
from ..core.words import of, say
from ..core.writing import number as written
from .attributes import figure_of
from .base import Algorithm, listen, place_of
from .cuts import classify, equal_shares, natural_breaks
from .drawn import by_class, draw_later, ramp
from .names import NUMERIC, POLYGONS, WHOLE
from .wishes import layer_of, listed

METHODS = ("natural", "logarithmic", "shares", "legend")


class Classify(Algorithm):
    """Adds the class of each polygon by a numeric field."""

    ID = "classify"

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", self.says("INPUT"), [POLYGONS]))
        self.addParameter(
            QgsProcessingParameterField(
                "FIELD", self.says("FIELD"), parentLayerParameterName="INPUT", type=NUMERIC
            )
        )
        self.addParameter(
            QgsProcessingParameterEnum(
                "METHOD", self.says("METHOD"), [self.says(f"METHOD.{one}") for one in METHODS], defaultValue=0
            )
        )
        self.addParameter(
            QgsProcessingParameterNumber(
                "CLASSES", self.says("CLASSES"), WHOLE, defaultValue=5, minValue=2, maxValue=9
            )
        )
        self.ask_text("LEGEND")
        self.ask_server(optional=True)
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.says("OUTPUT")))
        self.addOutput(QgsProcessingOutputString("CUTS", self.says("CUTS")))
        self.addOutput(QgsProcessingOutputString("COUNTS", self.says("COUNTS")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Read the figures, cut them, and write every feature with its class."""
        source = self.parameterAsSource(parameters, "INPUT", context)
        place = place_of(source, self.parameterAsString(parameters, "FIELD", context))
        features, figures = [], []
        for number, one in enumerate(source.getFeatures()):
            if number % 1000 == 0:
                listen(feedback, number, source.featureCount())
            features.append(one)
            figures.append(figure_of(one.attribute(place)))
        values = np.array(figures, dtype=float)
        cuts, labels, colours, classes = self._classes(values, parameters, context, feedback)

        added = QgsFields()
        added.append(field("class", "integer"))
        fields = QgsProcessingUtils.combineFields(source.fields(), added)
        column = fields[fields.count() - 1].name()
        sink, where = self.sink(parameters, "OUTPUT", context, fields, source.wkbType(), source.sourceCrs())
        for one, number in zip(features, classes.tolist()):
            made = QgsFeature(fields)
            made.setGeometry(one.geometry())
            made.setAttributes([*one.attributes(), number])
            sink.add(made)
        sink.close()
        counts = {str(number): int((classes == number).sum()) for number in range(-1, len(labels))}
        for number, label in enumerate(labels):
            feedback.pushInfo(f"{number}: {label}: {counts[str(number)]}")
        feedback.pushInfo(f"-1: {say('processing.missing')}: {counts['-1']}")
        draw_later(context, where, by_class(column, labels, colours))
        return {"OUTPUT": where, "CUTS": json.dumps(cuts), "COUNTS": json.dumps(counts)}

    def _classes(
        self,
        values: np.ndarray,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> tuple[list[float], list[str], list[str], np.ndarray]:
        """Return cuts, labels, colours, and the class of every value."""
        method = METHODS[self.parameterAsEnum(parameters, "METHOD", context)]
        if method == "legend":
            catalogue = self.client(parameters, context, feedback).catalogue()
            legend = legend_of(catalogue, self.text(parameters, "LEGEND", context))
            cuts = [float(one.min) for one in legend if one.min is not None]
            return (
                cuts,
                [of(one.label) for one in legend],
                [one.colour for one in legend],
                held(values, legend),
            )
        number = self.parameterAsInt(parameters, "CLASSES", context)
        if method == "shares":
            cuts = equal_shares(values, number)
        else:
            cuts = natural_breaks(values, number, logarithmic=method == "logarithmic")
        return cuts, labels_of(cuts), ramp(len(cuts) + 1), classify(values, cuts)


def legend_of(catalogue: Catalogue, text: str) -> Sequence[Class]:
    """Return the classes of a layer's column, written as ``layer.column`` or as ``layer``.

    Raises
    ------
    Fault
        ``wish_legend`` if the server has no classes of numbers by that name.
    """
    legends = {
        f"{layer.id}.{column}": classes
        for layer in catalogue.layers
        for column, classes in layer.legends.items()
        if not any(isinstance(one.value, str) for one in classes)
    }
    name, _, column = text.partition(".")
    if not column and text:
        column = layer_of(catalogue, name).default_column or ""
    if f"{name}.{column}" not in legends:
        raise Fault("wish_legend", legend=text, there=listed(sorted(legends)))
    return legends[f"{name}.{column}"]


def held(values: np.ndarray, legend: Sequence[Class]) -> np.ndarray:
    """Return the place of each value's class in a legend, -1 where none holds it."""
    classes = np.full(len(values), -1)
    for place, one in enumerate(legend):
        if one.value is not None:
            inside = values == one.value
        else:
            low = -math.inf if one.min is None else one.min
            high = math.inf if one.max is None else one.max
            inside = (values >= low) & ((values < high) | (one.max is None))
        classes[inside & (classes < 0)] = place
    return classes


def labels_of(cuts: Sequence[float]) -> list[str]:
    """Return what the classes between cuts are called."""
    if not cuts:
        return [say("processing.class.any")]
    told = [_written(cut) for cut in cuts]
    middle = [say("processing.class.between", low=low, high=high) for low, high in zip(told[:-1], told[1:])]
    return [
        say("processing.class.below", high=told[0]),
        *middle,
        say("processing.class.from", low=told[-1]),
    ]


def _written(number: float) -> str:
    short = repr(float(f"{number:.12g}"))
    if "e" in short:
        return short
    parts = short.partition(".")[2]
    return written(number, 0 if parts == "0" else len(parts))
