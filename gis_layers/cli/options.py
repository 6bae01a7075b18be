"""Options that several verbs share, and JSON for machines."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
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
