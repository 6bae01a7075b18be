"""A table of one's own beside the rating of the districts: ``audan:jointable``."""

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingUtils,
)

from ..core.client import Client
from ..core.compat import field
from ..core.features import Maker
from ..core.models import LayerInfo
from ..core.words import say
from .attributes import text_of
from .base import Algorithm, Sink, listen, place_of
from .drawn import by_style, draw_later
from .names import ANY_FIELD, NO_SHAPE, SHAPES, TABLES
from .slice import DEGREES
from .wishes import columns_of, layer_of, listed, month_of, offence_of

COLUMNS = "count,population,rate,expected,lower,upper,magnitude,level,points,points_12m"
NUMBERS = ("ROWS", "JOINED", "UNMATCHED_ROWS", "UNMATCHED_DISTRICTS")


class JoinTable(Algorithm):
    """Joins rows to districts by code; what finds no partner is kept, with the reason."""

    ID = "jointable"

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.ask_server()
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", self.says("INPUT"), [TABLES]))
        self.addParameter(
            QgsProcessingParameterField(
                "FIELD", self.says("FIELD"), parentLayerParameterName="INPUT", type=ANY_FIELD
            )
        )
        self.ask_offence()
        self.ask_month()
        self.ask_text("COLUMNS", COLUMNS, advanced=True)
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.says("OUTPUT")))
        self.addParameter(
            QgsProcessingParameterFeatureSink("UNMATCHED", self.says("UNMATCHED"), optional=True)
        )
        for name in NUMBERS:
            self.addOutput(QgsProcessingOutputNumber(name, self.says(name)))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Join, and count what was read against what was written."""
        source = self.parameterAsSource(parameters, "INPUT", context)
        place = place_of(source, self.parameterAsString(parameters, "FIELD", context))
        client = self.client(parameters, context, feedback)
        rating = layer_of(client.catalogue(), "rating")
        columns = columns_of(rating, self._columns(rating, parameters, context))
        maker = Maker(rating, columns)
        districts = self._districts(client, rating, columns, parameters, context)

        crs = QgsCoordinateReferenceSystem(DEGREES)
        fields = QgsProcessingUtils.combineFields(maker.fields, source.fields())
        sink, where = self.sink(parameters, "OUTPUT", context, fields, SHAPES["polygon"], crs)
        lost_fields = QgsProcessingUtils.combineFields(_told_fields(), source.fields())
        lost, lost_where = self.sink(parameters, "UNMATCHED", context, lost_fields, NO_SHAPE, crs)

        rows, problems, taken = 0, {}, set()
        joined = 0
        numeric = source.fields()[place].isNumeric()
        for row in self._rows(source, feedback):
            rows += 1
            key = text_of(row.attribute(place))
            if key in districts:
                made = QgsFeature(fields)
                made.setGeometry(maker.shape(districts[key]))
                made.setAttributes([*maker.attributes(districts[key]["properties"]), *row.attributes()])
                sink.add(made)
                taken.add(key)
                joined += 1
                continue
            problem, reason = why(key, districts, numeric)
            problems[problem] = problems.get(problem, 0) + 1
            _lose(lost, lost_fields, ["table", key, problem, reason, *row.attributes()])
        nothing = [None] * source.fields().count()
        alone = [code for code in sorted(districts) if code not in taken]
        for code in alone:
            _lose(
                lost, lost_fields, ["district", code, "no_row", say("processing.jointable.no_row"), *nothing]
            )
        sink.close()
        lost.close()

        unmatched = sum(problems.values())
        feedback.pushInfo(
            say(
                "processing.jointable.balance",
                rows=rows,
                joined=joined,
                unmatched=unmatched,
                alone=len(alone),
            )
        )
        for problem, many in sorted(problems.items()):
            feedback.pushWarning(say(f"processing.jointable.many.{problem}", rows=many))
        if joined > len(taken):
            feedback.pushWarning(say("processing.jointable.many.repeated", rows=joined - len(taken)))
        if "level" in columns:
            draw_later(context, where, by_style(client.style("rating")))
        numbers = dict(zip(NUMBERS, (rows, joined, unmatched, len(alone))))
        return {"OUTPUT": where, "UNMATCHED": lost_where or None, **numbers}

    def _columns(self, rating: LayerInfo, parameters: dict[str, Any], context: QgsProcessingContext) -> str:
        """Return what was written; of the usual columns those that the edition has."""
        text = self.text(parameters, "COLUMNS", context)
        return text if text != COLUMNS else ",".join(filter(rating.has, COLUMNS.split(",")))

    def _districts(
        self,
        client: Client,
        rating: Any,
        columns: list[str],
        parameters: dict[str, Any],
        context: QgsProcessingContext,
    ) -> dict[str, dict[str, Any]]:
        """Return the features of the rating by district."""
        found = client.rows(
            "rating",
            datetime=month_of(rating, self.text(parameters, "MONTH", context)),
            offence=offence_of(rating, self.text(parameters, "OFFENCE", context)),
            properties=",".join(columns),
        )
        return {one["properties"]["district"]: one for one in found.features}

    def _rows(self, source: QgsProcessingFeatureSource, feedback: QgsProcessingFeedback) -> Any:
        for number, row in enumerate(source.getFeatures()):
            if number % 1000 == 0:
                listen(feedback, number, source.featureCount())
            yield row


def why(key: Optional[str], districts: Any, numeric: bool) -> tuple[str, str]:
    """Return why a key finds no district: a code, and a sentence."""
    if key is None:
        return "empty", say("processing.jointable.empty")
    bare = key.lstrip("0")
    near = sorted(code for code in districts if code.lstrip("0") == bare and code != key)
    if near:
        reason = say("processing.jointable.zeros", own=key, code=listed(near, 3))
        return "zeros", f"{reason} {say('processing.jointable.number')}" if numeric else reason
    return "unknown", say("processing.jointable.unknown", own=key)


def _told_fields() -> QgsFields:
    made = QgsFields()
    for name in ("side", "key", "problem", "reason"):
        made.append(field(name, "text"))
    return made


def _lose(sink: Sink, fields: QgsFields, values: list[Any]) -> None:
    made = QgsFeature(fields)
    made.setAttributes(values)
    sink.add(made)
