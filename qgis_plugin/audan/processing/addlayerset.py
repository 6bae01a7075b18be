"""The server's maps, styled, into the project: ``audan:addlayerset``."""

from typing import Any, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProject,
)

from ..core.models import Catalogue, LayerInfo
from ..core.words import say
from .base import Algorithm
from .names import WINDOW_THREAD
from .wishes import layer_of, month_of, offence_of

FORMS = ("tiles", "features")
USUAL = "rating,dynamics,hotspots,clusters,spread_paths,districts"
"""The first that covers the map is the one that is shown."""


class AddLayerSet(Algorithm):
    """Adds layers of a server to the project, drawn as the server draws them."""

    ID = "addlayerset"

    def define(self) -> None:
        """Declare parameters and outputs."""
        self.ask_server()
        self.ask_text("LAYERS", USUAL)
        self.ask_offence()
        self.ask_month()
        self.ask_text("ATTRIBUTE", advanced=True)
        self.addParameter(
            QgsProcessingParameterEnum(
                "FORM", self.says("FORM"), [self.says(f"FORM.{one}") for one in FORMS], defaultValue=0
            )
        )
        self.addOutput(QgsProcessingOutputMultipleLayers("LAYER_IDS", self.says("LAYER_IDS")))
        self.addOutput(QgsProcessingOutputNumber("COUNT", self.says("COUNT")))

    def flags(self) -> Any:
        """Return that it works in the window's thread, where the project lives."""
        return QgsProcessingAlgorithm.flags(self) | WINDOW_THREAD

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Fetch what the layers need, then add them."""
        from qgis.utils import iface

        from ..layers.layer_set import add, add_to_window
        from ..layers.prepare import Wanted, prepare

        client = self.client(parameters, context, feedback)
        catalogue = client.catalogue()
        layers = _layers(catalogue, self.text(parameters, "LAYERS", context))
        cut = _cut(catalogue, layers)
        wanted = Wanted(
            layers=layers,
            offence=offence_of(cut, self.text(parameters, "OFFENCE", context)) if cut else None,
            month=month_of(cut, self.text(parameters, "MONTH", context)) if cut else None,
            attribute=self.text(parameters, "ATTRIBUTE", context) or None,
            form=FORMS[self.parameterAsEnum(parameters, "FORM", context)],
        )
        prepared, project = prepare(client, wanted, feedback), context.project() or QgsProject.instance()
        in_window = iface is not None and project == QgsProject.instance()
        made = add_to_window(prepared, iface) if in_window else add(prepared, project)
        for layer in made:
            feedback.pushInfo(f"{layer.name()} ({layer.id()})")
        feedback.pushInfo(say("processing.added", layers=len(made)))
        return {"LAYER_IDS": [layer.id() for layer in made], "COUNT": len(made)}


def _cut(catalogue: Catalogue, names: tuple[str, ...]) -> Optional[LayerInfo]:
    """Return the layer that offence and month are held against: the rating, else the first that has both."""
    known = (catalogue.find(name) for name in ("rating", *names))
    return next((one for one in known if one is not None and one.offences and one.months), None)


def _layers(catalogue: Catalogue, text: str) -> tuple[str, ...]:
    """Return the layers that are named, or of the usual ones those that the server has."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or text == USUAL:
        return tuple(name for name in USUAL.split(",") if catalogue.find(name))
    return tuple(
        name if name == "density" and catalogue.find(name) else layer_of(catalogue, name).id for name in names
    )
