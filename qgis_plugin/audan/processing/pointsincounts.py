"""Points of one's own counted by district: ``audan:pointsincounts``."""

from collections import Counter
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QDate

from ..core.client import Client, Values
from ..core.compat import field
from ..core.fault import Fault
from ..core.features import shape_of
from ..core.words import say
from .attributes import month_of_date, text_of
from .base import Algorithm, listen, place_of
from .names import ANY_FIELD, POINTS, POLYGONS, SHAPES
from .places import Places
from .slice import DEGREES
from .wishes import layer_of, month_of, offence_of

NUMBERS = ("POINTS_READ", "INSIDE", "OUTSIDE_COUNT")
RECORDED = ("count", "expected")
_MOST = 2_000_000
"""Rows of a result; a field with a value of its own for every point would make more."""


class PointsInCounts(Algorithm):
    """Counts points by district, and by the values of a field and by month if wanted."""

    ID = "pointsincounts"

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.addParameter(QgsProcessingParameterFeatureSource("POINTS", self.says("POINTS"), [POINTS]))
        self.ask_server(optional=True)
        self.addParameter(
            QgsProcessingParameterFeatureSource(
                "DISTRICTS", self.says("DISTRICTS"), [POLYGONS], optional=True
            )
        )
        self._ask_field("CODE", "DISTRICTS", "district")
        self._ask_field("BY", "POINTS")
        self._ask_field("DATE", "POINTS")
        self.addParameter(
            QgsProcessingParameterBoolean("RECORDED", self.says("RECORDED"), defaultValue=False)
        )
        self.ask_offence()
        self.ask_month()
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.says("OUTPUT")))
        self.addParameter(QgsProcessingParameterFeatureSink("OUTSIDE", self.says("OUTSIDE"), optional=True))
        for name in NUMBERS:
            self.addOutput(QgsProcessingOutputNumber(name, self.says(name)))

    def _ask_field(self, name: str, of: str, default: Optional[str] = None) -> None:
        self.addParameter(
            QgsProcessingParameterField(
                name,
                self.says(name),
                defaultValue=default,
                parentLayerParameterName=of,
                type=ANY_FIELD,
                optional=True,
            )
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Count, and see that every point read is counted or kept apart."""
        source = self.parameterAsSource(parameters, "POINTS", context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, "POINTS"))
        named = (self.text(parameters, name, context) for name in ("BY", "DATE"))
        by, date = (place_of(source, name) if name else None for name in named)
        recorded = self.parameterAsBool(parameters, "RECORDED", context)
        if recorded and by is not None:
            raise Fault("wish_recorded")
        client = self._asked(parameters, context, feedback, recorded)
        codes, names, shapes, crs = self._districts(client, parameters, context)

        outside_fields = QgsFields()
        outside_fields.append(field("reason", "text"))
        outside_fields = QgsProcessingUtils.combineFields(source.fields(), outside_fields)
        outside, outside_where = self.sink(
            parameters, "OUTSIDE", context, outside_fields, source.wkbType(), crs
        )
        places, counted, apart = Places(shapes), Counter(), Counter()
        for one, lost in self._points(source, crs, context, feedback):
            district, reason = (None, "transform") if lost else places.district(one)
            month = month_of_date(one.attribute(date)) if date is not None else None
            if reason is None and date is not None and month is None:
                reason = "date"
            if reason is None:
                value = text_of(one.attribute(by)) if by is not None else None
                counted[district, value, month] += 1
                continue
            apart[reason] += 1
            made = QgsFeature(outside_fields)
            made.setGeometry(one.geometry() if not lost else QgsGeometry())
            made.setAttributes([*one.attributes(), say(f"processing.pointsincounts.{reason}")])
            outside.add(made)
        outside.close()

        values = self._values(client, counted, date is not None, parameters, context) if recorded else None
        where = self._write(parameters, context, crs, (codes, names, shapes), counted, (by, date), values)
        inside, kept = sum(counted.values()), sum(apart.values())
        feedback.pushInfo(
            say("processing.pointsincounts.balance", read=inside + kept, inside=inside, outside=kept)
        )
        for reason, many in sorted(apart.items()):
            feedback.pushWarning(f"{say(f'processing.pointsincounts.{reason}')}: {many}")
        numbers = dict(zip(NUMBERS, (inside + kept, inside, kept)))
        return {"OUTPUT": where, "OUTSIDE": outside_where or None, **numbers}

    def _asked(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        recorded: bool,
    ) -> Optional[Client]:
        """Return who asks a server; None where nothing of it is needed."""
        own = self.parameterAsSource(parameters, "DISTRICTS", context) is not None
        if own and not recorded:
            return None
        return self.client(parameters, context, feedback)

    def _districts(
        self, client: Optional[Client], parameters: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[list[str], list[Optional[str]], list[QgsGeometry], QgsCoordinateReferenceSystem]:
        """Return codes, names and shapes in the order of the codes: a layer's, else the server's."""
        source = self.parameterAsSource(parameters, "DISTRICTS", context)
        if source is None:
            told = client.rows("districts", properties="district,name").features
            found = {
                one["properties"]["district"]: (one["properties"].get("name"), shape_of(one.get("geometry")))
                for one in told
            }
            crs = QgsCoordinateReferenceSystem(DEGREES)
        else:
            place = place_of(source, self.text(parameters, "CODE", context) or "district")
            named = source.fields().lookupField("name")
            crs, found = source.sourceCrs(), {}
            for one in source.getFeatures():
                code = text_of(one.attribute(place))
                if code is None or code in found:
                    raise Fault("wish_codes", named=code or "NULL")
                found[code] = (text_of(one.attribute(named)) if named >= 0 else None, one.geometry())
        codes = sorted(found)
        return codes, [found[code][0] for code in codes], [found[code][1] for code in codes], crs

    def _points(
        self,
        source: QgsProcessingFeatureSource,
        crs: QgsCoordinateReferenceSystem,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Any:
        """Give every point once in the system of the districts, and whether it could not be brought there."""
        lost: list[QgsFeature] = []
        request = QgsFeatureRequest().setDestinationCrs(crs, context.transformContext())
        request.setTransformErrorCallback(lambda one: lost.append(QgsFeature(one)))
        for number, one in enumerate(source.getFeatures(request)):
            if number % 1000 == 0:
                listen(feedback, number, source.featureCount())
            yield one, False
        for one in lost:
            yield one, True

    def _values(
        self,
        client: Optional[Client],
        counted: Any,
        monthly: bool,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
    ) -> tuple[Values, str]:
        """Return the recorded figures, and the month that stands for points without one."""
        rating = layer_of(client.catalogue(), "rating")
        offence = offence_of(rating, self.text(parameters, "OFFENCE", context))
        newest = month_of(rating, self.text(parameters, "MONTH", context)) or ""
        months = [key[2] for key in counted] if monthly else [newest]
        there = [month for month in months if month in rating.months]
        when = f"{min(there)}/{max(there)}" if there else newest
        return client.values(
            "rating", [*filter(rating.has, RECORDED)], datetime=when, offence=offence
        ), newest

    def _write(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        crs: QgsCoordinateReferenceSystem,
        districts: tuple[list[str], list[Optional[str]], list[QgsGeometry]],
        counted: Any,
        cut: tuple[Optional[int], Optional[int]],
        recorded: Optional[tuple[Values, str]],
    ) -> str:
        """Write a row for every district, and every value and month that a point has; none is left out for being 0."""
        columns = [("district", "text"), ("name", "text")]
        columns += [("value", "text")] if cut[0] is not None else []
        columns += [("month", "date")] if cut[1] is not None else []
        columns += [("points", "integer")]
        columns += [("recorded", "integer"), ("expected", "number")] if recorded else []
        fields = QgsFields()
        for name, kind in columns:
            fields.append(field(name, kind))
        parts = [None] if cut[0] is None else sorted({key[1] for key in counted}, key=lambda one: one or "")
        months = [None] if cut[1] is None else sorted({key[2] for key in counted})
        if len(districts[0]) * len(parts) * len(months) > _MOST:
            raise Fault("wish_fewer", rows=len(districts[0]) * len(parts) * len(months), most=_MOST)
        sink, where = self.sink(parameters, "OUTPUT", context, fields, SHAPES["polygon"], crs)
        for place, (code, name, shape) in enumerate(zip(*districts)):
            for value in parts:
                for month in months:
                    row = [code, name]
                    row += [value] if cut[0] is not None else []
                    row += [QDate.fromString(f"{month}-01", "yyyy-MM-dd")] if cut[1] is not None else []
                    row += [counted[place, value, month]]
                    if recorded is not None:
                        row += [recorded[0].at(column, month or recorded[1], code) for column in RECORDED]
                    made = QgsFeature(fields)
                    made.setGeometry(shape)
                    made.setAttributes(row)
                    sink.add(made)
        sink.close()
        return where
