"""The dock itself: which part asks what of which, and what of the answers is shown where."""

from typing import Any, Optional

from qgis.core import QgsSettings
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QDockWidget, QLabel, QSplitter, QVBoxLayout, QWidget

from ...core import servers
from ...core.choice import Choice
from ...core.fault import Fault
from ...core.markup import plain
from ...core.months import nearest
from ...core.network import open_desk
from ...core.ranking import rank
from ...core.words import capital, edition_name, of, say
from . import writing
from .actions import Actions
from .asking import Asking
from .chooser import Chooser
from .evidence import EvidencePanel
from .looking import Looking
from .notices import Busy, Notice
from .ranklist import RankList
from .release import Figures, Release, load_figures, load_release, resolved

_LAST_SERVER = "audan/dock/server"
_KEPT = 12
"""Figures of layers and offences that are kept; each is some hundred kilobytes."""


class SituationDock(QDockWidget):
    """What was unusual in a month, where, and why.

    Parameters
    ----------
    window
        QGIS's interface, or a map canvas; None for no map.

    Notes
    -----
    Nothing is asked of a server before the dock is seen for the first time.
    """

    month_chosen = pyqtSignal(str)
    layers_wanted = pyqtSignal(object, object)
    bulletin_wanted = pyqtSignal(object)
    atlas_wanted = pyqtSignal(object)
    options_wanted = pyqtSignal()
    faulted = pyqtSignal(object)

    def __init__(self, window: Any = None, parent: Optional[QWidget] = None) -> None:
        super().__init__(say("dock.title"), parent)
        self.setObjectName("AudanSituationDock")
        open_desk()
        canvas: Optional[QgsMapCanvas] = window.mapCanvas() if hasattr(window, "mapCanvas") else window
        self._release: Optional[Release] = None
        self._choice: Optional[Choice] = None
        self._wish: Optional[Choice] = None
        self._figures: dict[tuple, Figures] = {}
        self._outdated = ""
        self._seen = False
        self.chooser, self.actions = Chooser(), Actions()
        self.busy, self.notice = Busy(), Notice()
        self.ranked, self.evidence = RankList(), EvidencePanel()
        self._loads = Asking(self.busy, self.notice, self._fault)
        self._looking = Looking(self.evidence, self.notice, canvas, self._fault)
        self.status = QLabel()
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        self.status.setWordWrap(True)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.ranked)
        self.splitter.addWidget(self.evidence)
        inside = QWidget()
        inside.setMinimumWidth(280)
        box = QVBoxLayout(inside)
        box.setContentsMargins(8, 6, 8, 6)
        box.setSpacing(5)
        for widget in (self.chooser, self.actions, self.status, self.busy, self.notice):
            box.addWidget(widget)
        box.addWidget(self.splitter, 1)
        self.setWidget(inside)

    def _connect(self) -> None:
        self.chooser.wanted.connect(self._wanted)
        self.chooser.server_wanted.connect(self._server_wanted)
        self.chooser.refresh_wanted.connect(self._load_release)
        self.actions.layers_wanted.connect(lambda asked: self.layers_wanted.emit(self._choice.server, asked))
        self.actions.bulletin_wanted.connect(lambda: self.bulletin_wanted.emit(self._choice))
        self.actions.atlas_wanted.connect(lambda: self.atlas_wanted.emit(self._choice))
        self.ranked.picked.connect(self._picked)
        self.ranked.moved.connect(self._moved)
        self.evidence.closed.connect(self._leave)
        self.evidence.zoom_wanted.connect(self._looking.point_out)
        self.evidence.month_chosen.connect(lambda month: self._wanted(self._choice.but(month=month)))

    # What others call

    @property
    def choice(self) -> Optional[Choice]:
        """What is shown; None until a release has come."""
        return self._choice

    def refresh(self) -> None:
        """Offer the known servers anew, and ask the chosen one if the dock has been seen."""
        known = servers.servers()
        wish = self._wish or self._choice
        names = [one.name for one in known]
        wanted = wish.server.name if wish else str(QgsSettings().value(_LAST_SERVER, "") or "")
        chosen = wanted if wanted in names else (names[0] if names else None)
        self.chooser.show_servers(names, chosen)
        if self._release is None or self._release.server not in known or self._release.server.name != chosen:
            self._empty()
        if not names:
            self.notice.tell(say("dock.no_server"), say("dock.options"), self.options_wanted.emit)
        elif self._seen:
            self._load_release()

    def choose(self, choice: Choice) -> None:
        """Show a slice, of another server if need be."""
        if self._release is not None and self._release.server == choice.server and self._release.layers:
            self._take(choice)
        else:
            self._wish, self._seen = choice, True
            self.refresh()

    def show_month(self, month: str) -> None:
        """Show a month that the map has gone to; nothing is said of it."""
        if self._choice is None or self._release is None or self._choice.month is None:
            return
        known = nearest(month, self._release.layer(self._choice.layer).months)
        if known != self._choice.month:
            self._take(self._choice.but(month=known))

    def close_down(self) -> None:
        """Cancel what runs; nothing is told any more."""
        self._loads.close()
        self._looking.close()

    def showEvent(self, event: Any) -> None:
        """Ask the server when the dock is seen for the first time."""
        super().showEvent(event)
        if not self._seen:
            self._seen = True
            if self.chooser.server.code:
                self._load_release()

    # Release

    def _server_wanted(self, name: str) -> None:
        QgsSettings().setValue(_LAST_SERVER, name)
        self._wish = None
        self._empty()
        self._load_release()

    def _load_release(self) -> None:
        server = servers.find(self.chooser.server.code or "")
        if server is None:
            return
        title = say("dock.task.release", server=server.name)
        self._looking.stop()
        self._loads.ask(title, server, load_release, self._released)

    def _fault(self, fault: Fault) -> None:
        """Tell a fault; a new release is loaded at once, unless that has just been tried."""
        held = self._release.catalogue.release if self._release else ""
        if fault.code == "new_release" and self._outdated != held:
            self._outdated = held
            self._load_release()
        else:
            self.faulted.emit(fault)

    def _released(self, release: Release) -> None:
        self._release = release
        self._figures = {
            key: one for key, one in self._figures.items() if key[0] == release.catalogue.release
        }
        about = release.catalogue
        edition = capital(edition_name(about.edition))
        day = writing.day_text(about.released)
        self.status.setText(plain(say("dock.release", area=of(about.area["name"]), edition=edition, day=day)))
        self.status.setToolTip(f"{about.release}\n{release.server.url}")
        if not release.layers:
            self._leave()
            self._choice = self._wish = None
            self.chooser.show_choice(None, None)
            self.actions.show_choice(None, None)
            self.ranked.tell(plain(say("dock.nothing_ranks", edition=edition)))
            return
        wish, self._wish = self._wish or self._choice, None
        self._take(wish or Choice(release.server, release.layers[0].id))

    # Choice

    def _wanted(self, choice: Choice) -> None:
        before = self._choice.month if self._choice else None
        self._take(choice)
        if self._choice is not None and self._choice.month not in (None, before):
            self.month_chosen.emit(self._choice.month)

    def _take(self, choice: Choice) -> None:
        if self._release is None:
            return
        self._choice = resolved(self._release, choice)
        self.chooser.show_choice(self._release, self._choice)
        self.actions.show_choice(self._release, self._choice)
        if self._here is None:
            self._load_figures()
        else:
            self._show()

    @property
    def _key(self) -> tuple:
        one = self._choice
        return (self._release.catalogue.release, one.server, one.layer, one.offence, one.attribute)

    @property
    def _here(self) -> Optional[Figures]:
        return self._figures.get(self._key) if self._release and self._choice else None

    def _load_figures(self) -> None:
        release, choice, key = self._release, self._choice, self._key

        def keep(figures: Figures) -> None:
            while len(self._figures) >= _KEPT:
                self._figures.pop(next(iter(self._figures)))
            self._figures[key] = figures
            self._show()

        title = say("dock.task.figures", server=choice.server.name)
        self.ranked.tell("")
        self._looking.stop()
        self._loads.ask(title, choice.server, lambda client: load_figures(client, release, choice), keep)

    # List and evidence

    def _show(self) -> None:
        figures, choice, release = self._here, self._choice, self._release
        layer = release.layer(choice.layer)
        sections = rank(layer, figures.values, choice.month, figures.counts)
        self._loads.drop()
        self.notice.hide()
        self.ranked.show_sections(layer, sections, release.places, choice.month)
        if self._looking.district is not None:
            self.ranked.mark(self._looking.district)
            self._look(self._looking.district)

    def _moved(self, district: str) -> None:
        if district != self._looking.district or self.evidence.isHidden():
            self._look(district)

    def _picked(self, district: str) -> None:
        self._moved(district)
        self._looking.point_out()

    def _look(self, district: str) -> None:
        if self._here is None or district not in self._release.places:
            self._leave()
            return
        hidden = self.evidence.isHidden()
        self._looking.look(self._release, self._choice, self._here, district)
        if hidden:
            whole = self.splitter.height()
            above = max(110, min(self.ranked.content_height, whole * 45 // 100))
            self.splitter.setSizes([above, max(1, whole - above)])

    def _leave(self) -> None:
        self._looking.leave()
        self.ranked.mark(None)

    def _empty(self) -> None:
        self._leave()
        self._loads.drop()
        self._release = self._choice = None
        self.chooser.show_choice(None, None)
        self.actions.show_choice(None, None)
        self.status.setText("")
        self.ranked.tell("")
