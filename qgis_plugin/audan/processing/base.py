"""What every algorithm of Audan shares: a server to ask, faults in words, help and a name in the person's language."""

from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsFeatureSink,
    QgsFields,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterAuthConfig,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterString,
)
from qgis.PyQt.QtGui import QIcon

from ..core.client import Client
from ..core.fault import Cancelled, Fault
from ..core.servers import Server, clean_url, find, servers
from ..core.words import say
from .names import ADVANCED, FAST
from .wishes import listed

_ICONS = Path(__file__).resolve().parent.parent / "icons"
LAYERS = (
    "districts", "rating", "dynamics", "structure", "completeness", "hotspots", "hotspot_cells", "clusters",
    "spread_paths", "near_repeat", "safety", "offences", "peer_groups",
)  # fmt: skip
"""Layers that an edition may have; what a server really has is asked when an algorithm runs."""


class Algorithm(QgsProcessingAlgorithm):
    """An algorithm; a subclass gives `ID`, `define` and `work`.

    Texts are ``processing.<ID>.name``, ``.help`` and ``.<PARAMETER>``; those of shared parameters have no ID.
    """

    ID = ""

    def name(self) -> str:
        """Return the id within the provider."""
        return self.ID

    def displayName(self) -> str:
        """Return what people call it."""
        return say(f"processing.{self.ID}.name")

    def shortHelpString(self) -> str:
        """Return what it does, and with what."""
        return say(f"processing.{self.ID}.help")

    def icon(self) -> QIcon:
        """Return its picture, the provider's where it has none."""
        for name in (self.ID, "audan"):
            if (file := _ICONS / f"{name}.svg").is_file():
                return QIcon(str(file))
        return super().icon()

    def createInstance(self) -> "Algorithm":
        """Return another of the same."""
        return type(self)()

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        """Declare parameters and outputs."""
        self.define()

    def define(self) -> None:
        """Declare parameters and outputs; a subclass says which."""
        raise NotImplementedError

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Do it; a subclass says what."""
        raise NotImplementedError

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Do it, with faults told in words."""
        try:
            return self.work(parameters, context, feedback)
        except Cancelled:
            return {}
        except Fault as fault:
            raise QgsProcessingException(str(fault)) from None

    def says(self, parameter: str) -> str:
        """Return what a parameter or an output of this algorithm is called."""
        return say(f"processing.{self.ID}.{parameter}")

    def ask_server(self, *, optional: bool = False) -> None:
        """Declare the server and its authentication."""
        known = servers()
        first = known[0].name if known else None
        self._add_text("SERVER", say("processing.SERVER"), (), first, optional)
        auth = QgsProcessingParameterAuthConfig("AUTH", say("processing.AUTH"), optional=True)
        self.addParameter(_advanced(auth))

    def ask_layer(self, default: str = "rating") -> None:
        """Declare the layer."""
        self._add_text("LAYER", say("processing.LAYER"), LAYERS, default)

    def ask_offence(self) -> None:
        """Declare the offence."""
        self._add_text("OFFENCE", say("processing.OFFENCE"), (), "all", True)

    def ask_month(self) -> None:
        """Declare the month."""
        self._add_text("MONTH", say("processing.MONTH"), (), None, True)

    def ask_text(
        self, name: str, default: Optional[str] = None, *, hints: Any = (), advanced: bool = False
    ) -> None:
        """Declare a text that may be left empty; with hints, one of them: QGIS lets nothing else be written then."""
        self._add_text(name, self.says(name), hints, default, True, advanced)

    def _add_text(
        self,
        name: str,
        title: str,
        hints: Any,
        default: Optional[str],
        optional: bool = False,
        advanced: bool = False,
    ) -> None:
        made = QgsProcessingParameterString(name, title, defaultValue=default, optional=optional)
        if hints:
            made.setMetadata({"widget_wrapper": {"value_hints": list(hints)}})
        self.addParameter(_advanced(made) if advanced else made)

    def text(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> str:
        """Return a text without the blanks around it."""
        return (self.parameterAsString(parameters, name, context) or "").strip()

    def server(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Server:
        """Return the server that is meant: a known one by its name, any by its address.

        Raises
        ------
        Fault
            ``no_server`` if it is neither.
        """
        named = self.text(parameters, "SERVER", context)
        found = find(named)
        if found is None:
            if "://" not in named:
                known = ", ".join(one.name for one in servers()) or "–"
                raise Fault("no_server", server=named, known=known)
            address = clean_url(named)
            found = next((one for one in servers() if one.url == address), Server(address, address))
        auth = self.text(parameters, "AUTH", context)
        return Server(found.name, found.url, auth) if auth else found

    def client(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Client:
        """Return who asks the server; the feedback says when to stop."""
        return Client(self.server(parameters, context), feedback)

    def sink(
        self,
        parameters: dict[str, Any],
        name: str,
        context: QgsProcessingContext,
        fields: QgsFields,
        shape: Any,
        crs: Any,
    ) -> tuple["Sink", str]:
        """Return where features go, and what the result is called.

        Raises
        ------
        QgsProcessingException
            If it cannot be made.
        """
        made, where = self.parameterAsSink(parameters, name, context, fields, shape, crs)
        if made is None:
            if parameters.get(name) is None:
                return Sink(None), ""
            raise QgsProcessingException(self.invalidSinkError(parameters, name))
        return Sink(made), where


class Sink:
    """Takes features, and says so if one could not be written; one that nobody wants takes them and forgets."""

    def __init__(self, sink: Optional[QgsFeatureSink]) -> None:
        self._sink = sink

    def add(self, feature: Any) -> None:
        """Write a feature.

        Raises
        ------
        QgsProcessingException
            If the file or database refuses it.
        """
        if self._sink is not None and not self._sink.addFeature(feature, FAST):
            raise QgsProcessingException(say("processing.unwritten", error=self._sink.lastError()))

    def close(self) -> None:
        """Write what is still in memory."""
        if self._sink is not None:
            self._sink.flushBuffer()
            self._sink = None


def place_of(source: Optional[QgsProcessingFeatureSource], name: str) -> int:
    """Return the place of a field in a source.

    Raises
    ------
    Fault
        ``wish_field`` if there is none of that name.
    """
    place = source.fields().lookupField(name) if source is not None else -1
    if place < 0:
        there = [one.name() for one in source.fields()] if source is not None else []
        raise Fault("wish_field", field=name, there=listed(there))
    return int(place)


def listen(feedback: QgsProcessingFeedback, done: int, of: int) -> None:
    """Stop if that is wished, and show progress.

    Raises
    ------
    Cancelled
        If the person has cancelled.
    """
    if feedback.isCanceled():
        raise Cancelled
    if of > 0:
        feedback.setProgress(100.0 * done / of)


def _advanced(parameter: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    parameter.setFlags(parameter.flags() | ADVANCED)
    return parameter
