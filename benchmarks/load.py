"""How many requests per second a server answers: a small client that waits for each answer, on a few connections."""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Rate:
    """What a server answered within the time."""

    per_second: float
    bytes: int


class LoadError(RuntimeError):
    """A server that answered something else than what was asked for."""


class _Connection:
    """One connection with one request under way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = bytearray()
        self.need = -1

    def ask(self, request: bytes) -> None:
        self.got.clear()
        self.need = -1
        self.socket.sendall(request)

    def take(self) -> int:
        """Read what is there; return the size of the body once the answer is whole, else -1."""
        read = self.socket.recv(1 << 18)
        if not read:
            raise LoadError("the server closed the connection")
        self.got += read
        if self.need < 0:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return -1
            head = bytes(self.got[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                raise LoadError(head.split(b"\r\n")[0].decode())
            at = head.find(b"content-length:")
            if at < 0:
                raise LoadError("the answer has no Content-Length")
            self.body = int(head[at + 15 :].split(b"\r\n", 1)[0])
            self.need = end + 4 + self.body
        return self.body if len(self.got) >= self.need else -1


def rate(address: str, paths: Iterable[str], *, seconds: float = 2.0, connections: int = 8) -> Rate:
    """Ask for the paths in turn, again and again, for so many seconds.

    Parameters
    ----------
    address
        ``http://host:port``.
    paths
        What to ask for; different ones are asked for in turn.
    connections
        How many requests are under way at once.

    Raises
    ------
    LoadError
        If an answer is no 200 with a Content-Length.
    """
    where = urlsplit(address)
    host, port = where.hostname or "127.0.0.1", where.port or 80
    ask = (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode("ascii")
        for path in itertools.cycle(list(paths))
    )
    answered, size = 0, 0
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(host, port)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(next(ask))
        began = time.perf_counter()
        end = began + seconds
        # A slow server is given the time for one answer.
        while (now := time.perf_counter()) < end or not answered:
            if now > end + 120:
                raise LoadError("no answer within two minutes")
            for key, _ in selector.select(1.0):
                body = key.data.take()
                if body >= 0:
                    answered, size = answered + 1, body
                    last = time.perf_counter()
                    key.data.ask(next(ask))
        took = last - began
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return Rate(answered / took, size)
