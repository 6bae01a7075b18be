"""Real builds in processes of their own that need not import everything first: forked from one that has."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from small_area import ROOT, environment


class Build:
    """One running `audan`, as :class:`subprocess.Popen` would show it."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server
        self.pid = int(self._line())
        self.returncode: int | None = None

    def _line(self) -> bytes:
        assert self._server.stdout is not None
        return self._server.stdout.readline()  # not buffered: `poll` must see what was not read yet

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self.returncode is None and select.select([self._server.stdout], [], [], 0)[0]:
            self.returncode = os.waitstatus_to_exitcode(int(self._line()))
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the build has ended."""
        # The server waits for it and tells nobody's number again before its end was read here.
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(int(self._line()))
        return self.returncode


class Warm:
    """Starts one build after the other."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server

    def start(self, *arguments: str | Path, tmp: Path) -> Build:
        """Start `audan` with a folder of its own for working files, its output thrown away."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps([str(tmp), *map(str, arguments)]).encode() + b"\n")
        return Build(self._server)


@contextmanager
def warm() -> Iterator[Warm]:
    """Start the process that forks; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, __file__],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    ) as server:
        yield Warm(server)
        assert server.stdin is not None
        server.stdin.close()


def serve() -> None:
    """Fork a build for every line on stdin; tell its process id, and how it ended."""
    # Only imports, no work: a library that had started its threads here would hang in the fork.
    import babel.dates  # noqa: F401
    import mapclassify  # noqa: F401
    import pyarrow.csv  # noqa: F401
    import pyicumessageformat  # noqa: F401
    import rich.progress  # noqa: F401

    import gis_layers.cli.app
    import gis_layers.pipeline  # noqa: F401
    from gis_layers.cli import main

    for line in sys.stdin:
        tmp, *arguments = json.loads(line)
        pid = os.fork()
        if not pid:
            tempfile.tempdir = tmp
            sys.argv = ["audan", *arguments]
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            main()
            os._exit(0)
        os.write(1, b"%d\n" % pid)
        os.write(1, b"%d\n" % os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    serve()
