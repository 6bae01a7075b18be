"""Run the real command line, in this process, and keep all that it says."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from gis_layers.cli import main


@dataclass(frozen=True)
class Said:
    """What a run of `audan` ended with and printed."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The paragraph of the error, empty where there is none."""
        lines = self.err.splitlines()
        starts = [at for at, line in enumerate(lines) if line.startswith("audan: ")]
        return "\n".join(lines[starts[-1] :]) if starts else ""


def audan(*words: str | Path) -> Said:
    """Run `audan` with these words."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["audan", *map(str, words)]),
        mock.patch.dict("os.environ", {"COLUMNS": "200"}),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Said(code, out.getvalue(), err.getvalue())


def in_words(said: Said) -> str:
    """Return what was said with the line breaks of tables and terminals taken out."""
    return " ".join((said.out + said.err).split())


def releases(store: Path) -> list[str]:
    """Return the releases of a store, and whatever else was left where releases stand."""
    folder = store / "releases"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
