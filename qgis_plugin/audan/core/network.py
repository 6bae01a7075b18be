"""Requests through QGIS's own network manager: its proxy, its certificates, its authentication.

Qt's network objects belong to a thread with an event loop, and a task's thread has none: replies would be lost. So one
`_Desk` in the window's thread sends every request, and whoever asks waits beside it, in a thread of a task or in an
event loop, and can turn away at any moment. `QgsBlockingNetworkRequest` of 3.22 hangs when it is cancelled.
"""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import urlencode

from qgis.core import QgsApplication, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QObject, QThread, QTimer, QUrl, pyqtSignal
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from .fault import Cancelled, Fault

PATIENCE = 60.0
"""Seconds without a byte after which a request is given up."""
LARGEST = 512 * 1024 * 1024
"""Bytes of an answer."""
_LOOK = 0.05


@dataclass
class Reply:
    """What came back: a status of 0 means that nothing did, and `error` says why in the words of Qt."""

    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""
    late: bool = False


class Ear:
    """What a task and QgsFeedback have in common: somebody who can cancel and sees progress."""

    def isCanceled(self) -> bool:
        """Tell whether to stop."""
        return False

    def setProgress(self, percent: float) -> None:
        """Show how far the work is."""


class _Errand:
    def __init__(self, url: str, authcfg: str, accept: str, patience: float) -> None:
        self.url, self.authcfg, self.accept, self.patience = url, authcfg, accept, patience
        self.done = threading.Event()
        self.reply = Reply()
        self.heard: float = time.monotonic()


class _Desk(QObject):
    """Sends requests, in the thread that it was made in."""

    asked = pyqtSignal(object)
    dropped = pyqtSignal(object)
    over = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        # An own manager: the window's answers every 401 with a window that asks for a password.
        self._manager = QgsNetworkAccessManager(self)
        self._manager.setupDefaultProxyAndCache()
        for signal in (self._manager.authenticationRequired, self._manager.sslErrors):
            with contextlib.suppress(TypeError):  # nobody was connected
                signal.disconnect()
        self._open: dict[_Errand, QNetworkReply] = {}
        self.closed = False
        self.asked.connect(self._send)
        self.dropped.connect(self._drop)
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self._look)

    def _send(self, errand: _Errand) -> None:
        request = QNetworkRequest(QUrl(errand.url))
        request.setRawHeader(b"Accept", errand.accept.encode())
        # A redirect to another host would carry the token there.
        request.setAttribute(
            QNetworkRequest.Attribute.RedirectPolicyAttribute,
            QNetworkRequest.RedirectPolicy.SameOriginRedirectPolicy,
        )
        if errand.authcfg:
            known, request = QgsApplication.authManager().updateNetworkRequest(request, errand.authcfg)
            if not known:
                errand.reply.error = "authentication"
                self._finish(errand)
                return
        reply = self._manager.get(request)
        self._open[errand] = reply
        errand.heard = time.monotonic()
        reply.downloadProgress.connect(lambda got, _all: self._heard(errand, got))
        reply.finished.connect(lambda: self._arrived(errand))
        self._clock.start()

    def _heard(self, errand: _Errand, got: int) -> None:
        errand.heard = time.monotonic()
        if got > LARGEST and errand in self._open:
            errand.reply.error = "size"
            self._open[errand].abort()

    def _look(self) -> None:
        now = time.monotonic()
        for errand, reply in list(self._open.items()):
            if now - errand.heard > errand.patience:
                errand.reply.late = True
                reply.abort()
        if not self._open:
            self._clock.stop()

    def _drop(self, errand: _Errand) -> None:
        if errand in self._open:
            self._open[errand].abort()

    def _arrived(self, errand: _Errand) -> None:
        reply = self._open.pop(errand, None)
        if reply is None:
            return
        made = errand.reply
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        made.status = 0 if made.late or made.error else int(status or 0)
        made.body = bytes(reply.readAll())
        made.headers = {
            bytes(name).decode("latin-1").lower(): bytes(reply.rawHeader(name)).decode("latin-1")
            for name in reply.rawHeaderList()
        }
        made.error = made.error or ("" if made.status else reply.errorString())
        reply.deleteLater()
        self._finish(errand)

    def _finish(self, errand: _Errand) -> None:
        errand.done.set()
        self.over.emit(errand)

    def close(self) -> None:
        """Give up what is still open, and what has not been sent yet."""
        self.closed = True
        for errand in list(self._open):
            self._drop(errand)
        self._clock.stop()


_DESK: Optional[_Desk] = None


def open_desk() -> _Desk:
    """Return the desk, made in the window's thread: whoever starts a task opens it first.

    Raises
    ------
    Fault
        ``own`` if another thread asks and nobody has opened it.
    """
    global _DESK
    if _DESK is None:
        if QThread.currentThread() != QCoreApplication.instance().thread():
            raise Fault("own", error="a thread asked before the window had opened the desk of requests")
        _DESK = _Desk()
    return _DESK


def close_desk() -> None:
    """Give up every request and the desk itself."""
    global _DESK
    if _DESK is not None:
        _DESK.close()
        _DESK.deleteLater()
        _DESK = None


def fetch(
    url: str,
    params: Optional[dict[str, str]] = None,
    *,
    authcfg: str = "",
    accept: str = "application/json",
    ear: Optional[Ear] = None,
    patience: float = PATIENCE,
) -> Reply:
    """Ask an address and wait for what it answers.

    Parameters
    ----------
    url, params
        Address and query.
    authcfg
        Id of an authentication configuration of QGIS.
    accept
        Media type asked for.
    ear
        Looked at every twentieth of a second for whether to stop: a task, a QgsFeedback.
    patience
        Seconds of silence after which the request is given up.

    Raises
    ------
    Cancelled
        If the ear says so.
    Fault
        ``own`` if a thread asks and nobody has opened the desk.
    """
    desk = open_desk()
    address = f"{url}?{urlencode(params)}" if params else url
    errand = _Errand(address, authcfg, accept, patience)
    if QThread.currentThread() == desk.thread():
        _wait_in_loop(desk, errand, ear)
    else:
        desk.asked.emit(errand)
        while not errand.done.wait(_LOOK):
            if desk.closed:
                raise Cancelled
            if ear is not None and ear.isCanceled():
                desk.dropped.emit(errand)
                raise Cancelled
    if ear is not None and ear.isCanceled():
        raise Cancelled
    return errand.reply


def _wait_in_loop(desk: _Desk, errand: _Errand, ear: Optional[Ear]) -> None:
    loop = QEventLoop()
    looks = QTimer()
    looks.setInterval(int(_LOOK * 1000))

    def look() -> None:
        if ear is not None and ear.isCanceled():
            desk.dropped.emit(errand)
            loop.quit()

    def ended(one: _Errand) -> None:
        if one is errand:
            loop.quit()

    looks.timeout.connect(look)
    desk.over.connect(ended)
    looks.start()
    desk.asked.emit(errand)
    if not errand.done.is_set():
        loop.exec()
    looks.stop()
    desk.over.disconnect(ended)
