"""The plugin's help: pages in the language of the window, beside it and never in its way."""

from pathlib import Path
from typing import Any, Optional

from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ..core.words import language, say
from .icons import icon

FOLDER = Path(__file__).resolve().parent.parent / "help"
PAGES = ("start", "servers", "tree", "dock", "layers", "processing", "bulletin")
_open: Optional["HelpWindow"] = None


def page_text(page: str) -> str:
    """Return a page as Markdown: in the language of the window, else in English."""
    for folder in (FOLDER / language(), FOLDER / "en"):
        file = folder / f"{page}.md"
        if file.exists():
            return file.read_text(encoding="utf-8")
    return say("help.missing", page=page)


class HelpWindow(QDialog):
    """The pages and the one that is read."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("AudanHelp")
        self.setWindowTitle(say("help.title"))
        self.setWindowIcon(icon("audan"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.pages = QListWidget()
        for page in PAGES:
            line = QListWidgetItem(say(f"help.page.{page}"), self.pages)
            line.setData(Qt.ItemDataRole.UserRole, page)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(16)
        self.text.anchorClicked.connect(self._follow)
        self.pages.currentItemChanged.connect(self._read)
        both = QSplitter()
        both.addWidget(self.pages)
        both.addWidget(self.text)
        both.setStretchFactor(1, 1)
        both.setSizes([200, 560])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(
            say("help.close")
        )  # Qt speaks no Kazakh
        buttons.rejected.connect(self.close)
        whole = QVBoxLayout(self)
        whole.addWidget(both)
        whole.addWidget(buttons)
        self.resize(800, 560)

    def show_page(self, page: str) -> None:
        """Turn to a page; the first if there is none of that name."""
        self.pages.setCurrentRow(PAGES.index(page) if page in PAGES else 0)

    def _read(self, line: Optional[QListWidgetItem], *_: Any) -> None:
        if line is not None:
            self.text.setMarkdown(page_text(line.data(Qt.ItemDataRole.UserRole)))

    def _follow(self, link: QUrl) -> None:
        if link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
        else:
            self.show_page(Path(link.path()).stem)


def show_help(page: str = "start", parent: Optional[QWidget] = None) -> HelpWindow:
    """Show a page of the help in its own window, which is opened once."""
    global _open
    if _open is None or sip.isdeleted(_open):
        _open = HelpWindow(parent)
    _open.show_page(page)
    _open.show()
    _open.raise_()
    return _open


def close_help() -> None:
    """Close the help."""
    global _open
    if _open is not None and not sip.isdeleted(_open):
        _open.close()
    _open = None
