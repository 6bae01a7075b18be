"""An end to a conversation: the line is cut when its time is over, however slowly the other side goes on talking.

A socket's own timeout counts anew with every byte, so a receiver that sends one now and then would hold a run for ever.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType


class Deadline:
    """Seconds that a conversation may take in all, from now; used as a context manager.

    Parameters
    ----------
    seconds
        How many.

    Examples
    --------
    >>> here, there = socket.socketpair()
    >>> with here, there, Deadline(0.05) as deadline:
    ...     deadline.watch(here)
    ...     here.recv(1), deadline.over
    (b'', True)
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for one in self._held:
                one.close()
            self._held.clear()

    @property
    def left(self) -> float:
        """Seconds that are left: never nothing, for a socket takes 0 as `do not wait`."""
        return max(self._end - time.monotonic(), 0.001)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def watch(self, line: socket.socket) -> None:
        """Cut this line at the end. It is held by a number of its own, so that TLS may wrap it and take it away."""
        own = line.dup()
        with self._lock:
            self._held.append(own)
        if self.over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            for one in self._held:
                # The other side may have gone first.
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
