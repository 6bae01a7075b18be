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
        parts = {name: self.text(parameters, name.upper(), context) for name in ("layer", "offence", "month")}
        attribute = self.text(parameters, "ATTRIBUTE", context)
        choice = Choice(
            client.server, parts["layer"], parts["offence"] or None, parts["month"] or None, attribute or None
        )
        facts = fetch_facts(client, choice)
        project = QgsProject()
        make = atlas.make if self.parameterAsBool(parameters, "ATLAS", context) else bulletin.make
        path = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        to_pdf(make(project, facts), path, feedback)
        return {"OUTPUT": path}
