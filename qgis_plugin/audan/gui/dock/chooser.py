"""The form at the top of the dock: server, indicator, offence or card field, and month."""

import functools
from typing import Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QStyle, QToolButton, QWidget

from ...core.choice import Choice
from ...core.names import attribute_name
from ...core.words import language, of, say
from . import writing
from .combos import Combo, SearchCombo
from .release import Release


class Chooser(QWidget):
    """Shows a choice and says when a person wants another."""

    wanted = pyqtSignal(object)
    """A choice that differs in one part; others may have to follow."""
    server_wanted = pyqtSignal(str)
    refresh_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._choice: Optional[Choice] = None
        self.server = Combo(say("dock.server"))
        self.layer = Combo(say("dock.layer"))
        self.offence = SearchCombo(say("dock.offence"), say("dock.search"))
        self.attribute = Combo(say("dock.attribute"))
        self.month = Combo(say("dock.month"))
        self.month.setMaxVisibleItems(18)
        self.month.setMinimumContentsLength(13)
        self.refresh = self._button(
            QStyle.StandardPixmap.SP_BrowserReload, "dock.refresh", self.refresh_wanted.emit
        )
        self.earlier = self._button(Qt.ArrowType.LeftArrow, "dock.earlier", lambda: self._step(1))
        self.later = self._button(Qt.ArrowType.RightArrow, "dock.later", lambda: self._step(-1))
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setHorizontalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(say("dock.server"), _row(self.server, self.refresh))
        form.addRow(say("dock.layer"), self.layer)
        self._offence_label, self._attribute_label = (
            QLabel(say("dock.offence")),
            QLabel(say("dock.attribute")),
        )
        form.addRow(self._offence_label, self.offence)
        form.addRow(self._attribute_label, self.attribute)
        form.addRow(say("dock.month"), _row(self.earlier, self.month, self.later))
        self.server.currentIndexChanged.connect(lambda _: self.server_wanted.emit(self.server.code or ""))
        for combo, part in (
            (self.layer, "layer"),
            (self.offence, "offence"),
            (self.attribute, "attribute"),
            (self.month, "month"),
        ):
            combo.currentIndexChanged.connect(lambda _, combo=combo, part=part: self._changed(part, combo))
        self.show_choice(None, None)

    def show_servers(self, names: list[str], chosen: Optional[str]) -> None:
        """Offer servers by name."""
        self.server.offer(((name, name, 0) for name in names), chosen)
        self.server.setEnabled(bool(names))
        self.refresh.setEnabled(bool(names))

    def show_choice(self, release: Optional[Release], choice: Optional[Choice]) -> None:
        """Offer what a release has and show a choice that it can satisfy; None empties the form."""
        self._choice = choice
        layer = release.layer(choice.layer) if release and choice else None
        for widget in (self.layer, self.offence, self.attribute, self.month):
            widget.setEnabled(layer is not None)
        has_attributes = bool(layer and layer.attributes)
        for widget in (self.offence, self._offence_label):
            widget.setVisible(not has_attributes)
        for widget in (self.attribute, self._attribute_label):
            widget.setVisible(has_attributes)
        if release is None or choice is None or layer is None:
            for combo in (self.layer, self.offence, self.attribute, self.month):
                combo.offer((), None)
            self.earlier.setEnabled(False)
            self.later.setEnabled(False)
            return
        self.layer.offer(((one.id, of(one.title), 0) for one in release.layers), choice.layer)
        codes = set(layer.offences)
        known = [one for one in release.offences.values() if one.code in codes]
        named = {one.code for one in known}
        offences = [(one.code, one.name, one.depth) for one in known]
        self.offence.offer(
            [*offences, *((code, code, 0) for code in layer.offences if code not in named)],
            choice.offence,
        )
        self.attribute.offer(((one, attribute_name(one), 0) for one in layer.attributes), choice.attribute)
        self.month.offer(_months(tuple(layer.months), layer.period, language()), choice.month)
        self.earlier.setEnabled(self.month.currentIndex() < self.month.count() - 1)
        self.later.setEnabled(self.month.currentIndex() > 0)

    def _changed(self, part: str, combo: Combo) -> None:
        if self._choice is not None and combo.code is not None:
            self.wanted.emit(self._choice.but(**{part: combo.code}))

    def _step(self, by: int) -> None:
        at = self.month.currentIndex() + by
        if 0 <= at < self.month.count():
            self.month.setCurrentIndex(at)

    def _button(self, picture: object, key: str, clicked: object) -> QToolButton:
        button = QToolButton(self)
        if isinstance(picture, Qt.ArrowType):
            button.setArrowType(picture)
            button.setMaximumWidth(20)
        else:
            button.setIcon(self.style().standardIcon(picture))
        button.setAutoRaise(True)
        button.setToolTip(say(key))
        button.setAccessibleName(say(key))
        button.clicked.connect(lambda _=False: clicked())
        return button


@functools.lru_cache(maxsize=8)
def _months(months: tuple[str, ...], period: Optional[str], _: str) -> tuple[tuple[str, str, int], ...]:
    """Return months as they are offered in a language, the newest first; kept, for every step asks for them."""
    return tuple((one, writing.month_text(one, period, bare=True), 0) for one in reversed(months))


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(2)
    for one in widgets:
        box.addWidget(one)
    return row
