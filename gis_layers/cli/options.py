"""Options that several verbs share, and how a stage's progress is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..pipeline import Progress
    from ..release import Edition


class EditionName(StrEnum):
    """The two editions of a release."""

    public = "public"
    analyst = "analyst"


class Language(StrEnum):
    """The languages of messages."""

    en = "en"
    ru = "ru"
    kk = "kk"


AreaFile = Annotated[
    Path, typer.Argument(metavar="AREA.toml", help="The area file, or the folder that holds it.")
]
Store = Annotated[Path, typer.Option("--store", metavar="DIR", help="Folder of the release store.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    sys.stdout.write(orjson.dumps(value, option=options, default=str).decode() + "\n")


def open_edition(store: Path, edition: str) -> Edition:
    """Open one edition of a store's current release."""
    from ..release import open_store

    return open_store(store).current().edition(edition)


@contextmanager
def shown_progress(title: str) -> Iterator[Progress]:
    """Show the stages of a long work on stderr: a spinner on a terminal, a line per stage elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    began = time.monotonic()
    if console.is_terminal:
        with console.status(title) as status:
            yield lambda stage: status.update(f"{title}: {stage} ({time.monotonic() - began:.0f} s)")
    else:
        yield lambda stage: print(
            f"{title}: {stage} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True
        )
