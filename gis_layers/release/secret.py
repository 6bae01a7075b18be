"""The store's secret for rounding, and which way of protecting counts its releases have used."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from ..errors import InputError, Where
from .files import disk_faults, flush

KEY = "rounding.key"
BYTES = 32


def rounding_key(store: Path | None, *, withheld: bool = False) -> bytes:
    """Return the secret that the draws of a store depend on; made when it is first asked for.

    Without a store (`audan check`) it is one of this run alone. Losing it does not tell counts, but the next release
    would round the same ones another way, and the two together tell more than one.

    Raises
    ------
    InputError
        If a release of the store has `withheld` counts: beside it, rounded ones would tell some.
    """
    if store is None:
        return secrets.token_bytes(BYTES)
    if withheld:
        raise InputError(
            "a release of this store has withheld counts; rounding the same ones would tell some of them",
            Where(file=store),
            remedy='keep [disclosure] method = "suppress", or publish into a new store if none of this one was public',
        )
    path = store / KEY
    with disk_faults(store):
        if not path.is_file():
            store.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{KEY}.{os.getpid()}.new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(BYTES))
            flush(fresh)
            # a link is made only if there is no file yet: of two first builds at once both use the same secret
            with suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        return path.read_bytes()


def refuse_after_rounding(store: Path) -> None:
    """Refuse to withhold counts of which a release of a store has told rounded ones.

    Raises
    ------
    InputError
        If one has.
    """
    for path in (store / "releases").glob("*/manifest.json"):
        try:
            text = path.read_text(encoding="utf-8")
            said = json.loads(text)["settings"].get("disclosure", {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if said.get("counts") != "open" and said.get("method") == "round":
            raise InputError(
                "a release of this store has rounded counts; beside it, withholding the small ones would tell some",
                Where(file=store, value=path.parent.name),
                remedy='keep [disclosure] method = "round", or publish into a new store if this one was not public',
            )
