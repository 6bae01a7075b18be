"""Looking at one district: its evidence is asked for once a person rests on it, and the map can go there."""

from typing import Callable, Optional

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QTimer

from ...core.choice import Choice
from ...core.client import Client
from ...core.fault import Fault
from ...core.tasks import Tasks
from ...core.words import say
from .evidence import EvidencePanel
from .notices import Notice
from .pointing import point_out
from .release import Evidence, Figures, Release, load_evidence

_PAUSE = 180
"""Milliseconds that a person rests on a row before its evidence is asked for."""


class Looking:
    """Fills the panel of evidence.

    Parameters
    ----------
    panel, notice
        Where evidence and faults are shown.
    canvas
        The map; None for none.
    faulted
        Told of every fault beside the notice.
    """

    def __init__(
        self,
        panel: EvidencePanel,
        notice: Notice,
        canvas: Optional[QgsMapCanvas],
        faulted: Callable[[Fault], None],
    ) -> None:
        self.district: Optional[str] = None
        self._panel, self._notice, self._canvas, self._faulted = panel, notice, canvas, faulted
        self._tasks = Tasks()
        self._release: Optional[Release] = None
        self._choice: Optional[Choice] = None
        self._rest = QTimer(panel)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_PAUSE)
        self._rest.timeout.connect(self._ask)

    @property
    def running(self) -> bool:
        """Whether evidence is still to come."""
        return self._rest.isActive() or bool(self._tasks.running)

    def look(self, release: Release, choice: Choice, figures: Figures, district: str) -> None:
        """Show a district: its series at once, the reasons when they have come."""
        self.stop()
        self.district, self._release, self._choice = district, release, choice
        self._panel.show_district(release, choice, release.places[district], figures)
        self._rest.start()

    def point_out(self) -> None:
        """Let the map go to the district."""
        place = self._release.places.get(self.district or "") if self._release else None
        if place is not None:
            point_out(self._canvas, place.geometry)

    def stop(self) -> None:
        """Ask no longer."""
        self._rest.stop()
        self._tasks.cancel()

    def leave(self) -> None:
        """Look at no district."""
        self.stop()
        self.district = None
        self._panel.hide()

    def close(self) -> None:
        """Ask no longer, for good."""
        self._rest.stop()
        self._tasks.close()

    def _ask(self) -> None:
        release, choice, district = self._release, self._choice, self.district
        if release is None or choice is None or district is None:
            return
        self._tasks.cancel()
        self._tasks.start(
            say("dock.task.evidence", district=release.places[district].name),
            lambda task: load_evidence(Client(choice.server, task), release, choice, district),
            self._come,
            self._failed,
        )

    def _come(self, evidence: Evidence) -> None:
        self._notice.hide()
        self._panel.show_evidence(evidence)

    def _failed(self, fault: Fault) -> None:
        self._panel.show_evidence(None)
        self._notice.tell_fault(fault, self._ask)
        self._faulted(fault)
