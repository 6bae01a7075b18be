"""The help pages, in a window beside QGIS's."""

from pathlib import Path
from typing import Optional

from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from ..core.words import language, say
from .icons import icon

FOLDER = Path(__file__).resolve().parent.parent / "help"


def page(name: str) -> str:
    """Return a help page as Markdown in the window's language, English where it has none."""
    files = [FOLDER / lang / f"{name}.md" for lang in (language(), "en")]
    return next(file for file in files if file.is_file()).read_text(encoding="utf-8")


class Help(QDialog):
    """Shows help pages; links between them are followed here, others in the browser."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say("window.help"))
        self.setWindowIcon(icon("help"))
        self.setModal(False)
        self.resize(640, 720)
        self.text = QTextBrowser(self)
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(16)
        self.text.anchorClicked.connect(self._follow)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, Qt.Orientation.Horizontal, self)
        buttons.rejected.connect(self.hide)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(buttons)

    def show_page(self, name: str) -> None:
        """Show a page and come to the front."""
        self.text.setMarkdown(page(name))
        self.show()
        self.raise_()

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif (FOLDER / "en" / f"{Path(url.path()).stem}.md").is_file():
            self.show_page(Path(url.path()).stem)
