"""The provider "Audan" of the Processing toolbox."""

from pathlib import Path

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .addlayerset import AddLayerSet
from .bulletin import Bulletin
from .classify import Classify
from .explain import Explain
from .jointable import JoinTable
from .pointsincounts import PointsInCounts
from .slice import Slice

_ICON = Path(__file__).resolve().parent.parent / "icons" / "audan.svg"
ALGORITHMS = (AddLayerSet, Slice, JoinTable, PointsInCounts, Classify, Explain, Bulletin)


class AudanProvider(QgsProcessingProvider):
    """Algorithms named ``audan:…``."""

    def id(self) -> str:
        """Return what stands before the colon."""
        return "audan"

    def name(self) -> str:
        """Return what people call it."""
        return "Audan"

    def icon(self) -> QIcon:
        """Return its picture."""
        return QIcon(str(_ICON)) if _ICON.is_file() else super().icon()

    def loadAlgorithms(self) -> None:
        """Offer every algorithm."""
        for one in ALGORITHMS:
            self.addAlgorithm(one())
