"""A layout as a PDF: vectors, text as text with its fonts inside, and the file is whole or not there."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Optional, Union

from qgis.core import Qgis, QgsFeedback, QgsLayoutExporter, QgsPrintLayout, QgsRenderContext
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop

from ..core.fault import Cancelled, Fault

_TEXT = (
    Qgis.TextRenderFormat.AlwaysText
    if hasattr(Qgis, "TextRenderFormat")
    else QgsRenderContext.TextRenderFormat.TextFormatAlwaysText
)


def to_pdf(layout: QgsPrintLayout, path: Union[str, Path], feedback: Optional[QgsFeedback] = None) -> None:
    """Write a layout, or every page of its atlas, as a PDF.

    Parameters
    ----------
    layout
        What to write.
    path
        Where; a file that is there is replaced when the new one is whole.
    feedback
        Shows the progress of an atlas.

    Raises
    ------
    Fault
        ``folder`` if the folder is missing or cannot be written to, ``file_held`` if another program holds the
        file, ``no_pages`` if an atlas has lost what it is made of, ``pdf`` if QGIS cannot make it.
    Cancelled
        If the feedback says so.
    """
    target = Path(path)
    try:
        handle, made = tempfile.mkstemp(".pdf", ".audan-", target.parent)
    except OSError as error:
        raise Fault("folder", folder=str(target.parent), said=error.strerror or str(error)) from None
    os.close(handle)
    part = Path(made)
    try:
        _write(layout, made, feedback)
        _open_to_others(part)
        part.replace(target)
    except OSError as error:
        raise Fault("file_held", file=str(target), said=error.strerror or str(error)) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _write(layout: QgsPrintLayout, path: str, feedback: Optional[QgsFeedback]) -> None:
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = 300
    settings.forceVectorOutput = True
    settings.textRenderFormat = _TEXT
    atlas = layout.atlas()
    if atlas.enabled():
        if not atlas.updateFeatures():
            raise Fault("no_pages")
        feedback = feedback or _breathing()
        result, said = QgsLayoutExporter.exportToPdf(atlas, path, settings, feedback)
    else:
        result, said = QgsLayoutExporter(layout).exportToPdf(path, settings), ""
    if feedback is not None and feedback.isCanceled():
        raise Cancelled
    if result != QgsLayoutExporter.ExportResult.Success:
        raise Fault("pdf", said=said or f"QgsLayoutExporter {result}")


def _breathing() -> QgsFeedback:
    """Return a feedback that lets the window draw itself between two pages."""
    made = QgsFeedback()
    made.progressChanged.connect(
        lambda _: QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    )
    return made


def _open_to_others(path: Path) -> None:
    """Give a file the rights that a new file has, which those of a temporary one are narrower than."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)
