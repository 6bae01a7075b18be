"""Bulletins and atlases as PDF, from the toolbox, a model or the command line."""

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFileDestination,
    QgsProject,
)

from ..core.choice import Choice
from ..layout import atlas, bulletin
from ..layout.export import to_pdf
from ..layout.facts import fetch_facts
from .base import Algorithm
from .names import WINDOW_THREAD
from .wishes import ALL, layer_of, month_of, offence_of


class Bulletin(Algorithm):
    """Writes a bulletin, or an atlas with a page for each district."""

    ID = "bulletin"

    def flags(self) -> Any:
        """Run where the window runs: layouts live there."""
        return super().flags() | WINDOW_THREAD

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.ask_server()
        self.ask_layer()
        self.ask_offence()
        self.ask_month()
        self.ask_text("ATTRIBUTE", advanced=True)
        self.addParameter(QgsProcessingParameterBoolean("ATLAS", self.says("ATLAS"), False))
        self.addParameter(QgsProcessingParameterFileDestination("OUTPUT", self.says("OUTPUT"), "PDF (*.pdf)"))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Fetch the facts, lay them out in a project of their own and write the PDF."""
        client = self.client(parameters, context, feedback)
        layer = layer_of(client.catalogue(), self.text(parameters, "LAYER", context))
        month = month_of(layer, self.text(parameters, "MONTH", context))
        wanted = self.text(parameters, "OFFENCE", context)
        any_will_do = wanted in ("", ALL) and ALL not in layer.offences  # paths are of one offence each
        offence = None if any_will_do else offence_of(layer, wanted)
        attribute = self.text(parameters, "ATTRIBUTE", context) or None
        facts = fetch_facts(client, Choice(client.server, layer.id, offence, month, attribute))
        project = QgsProject()
        make = atlas.make if self.parameterAsBool(parameters, "ATLAS", context) else bulletin.make
        path = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        to_pdf(make(project, facts), path, feedback)
        return {"OUTPUT": path}
