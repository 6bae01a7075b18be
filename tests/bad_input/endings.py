"""How a run may end: each function returns what is otherwise, in words, and nothing if all is as it should be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from .command import Said, audan, in_words, releases
from .model import Broken

MOST_LETTERS = 1500


def failing(held: Mapping[str, bool], story: object = "") -> list[str]:
    """Return the names of what does not hold, each with its story."""
    return [f"{what}: {story}" for what, holds in held.items() if not holds]


def not_plain(said: Said) -> list[str]:
    """Say where a run shows its inside."""
    held = {
        "a traceback": "Traceback" not in said.out + said.err,
        "an unforeseen error": "unforeseen" not in said.err,
        "control characters": "\x1b" not in said.err,
    }
    return failing(held, said)


def no_refusal(said: Said, words: Sequence[str] = (), *, longest: float = float("inf")) -> list[str]:
    """Say why a run is no refusal: exit 1 and one line that names the fault and its remedy."""
    held = {
        "not refused": said.code == 1,
        "not one line": len(said.refusal.splitlines()) == 1,
        "no remedy": "To mend it: " in said.refusal,
        "too long": len(said.refusal) < longest,
    } | {f"{text!r} is not said": text in said.refusal for text in words}
    return not_plain(said) + failing(held, said)


def not_untouched(store: Path) -> list[str]:
    """Say what a refused run left in the store."""
    return failing({"a release": releases(store) == [], "a current": not (store / "current").exists()}, store)


def ledger_of(store: Path) -> dict[str, Any]:
    """Return the ledger of the only release of a store."""
    (release,) = releases(store)
    path = store / "releases" / release / "ledger.json"
    ledger: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return ledger


def unbalanced(store: Path) -> list[str]:
    """Say if a store does not hold one release whose ledger balances."""
    made = releases(store)
    return failing({"not one release": len(made) == 1}, made) or failing(
        {"the ledger does not balance": ledger_of(store)["balances"] is True}, made
    )


def check_faults(broken: Broken, area: Path) -> list[str]:
    """Say why `check` neither refuses the input nor lists what it leaves out."""
    checked = audan("check", area)
    if broken.fate == "refused" and "quarantined unexpectedly" in checked.refusal:
        # Too much for `build`, which names it in its refusal; `check` lists it in a table.
        held = {f"{text} is not listed": text.strip("'") in in_words(checked) for text in broken.says}
        return no_refusal(checked, longest=MOST_LETTERS) + failing(held, checked)
    if broken.fate == "refused":
        return no_refusal(checked, broken.says, longest=MOST_LETTERS)
    held = {f"{text!r} is not said": text in in_words(checked) for text in broken.says}
    held["another exit"] = checked.code == (0 if broken.fate == "read" else 1)
    return not_plain(checked) + failing(held, checked)


def build_faults(broken: Broken, area: Path, store: Path) -> list[str]:
    """Say why `build` neither refuses the input and publishes nothing, nor publishes with a ledger that balances."""
    built = audan("build", area, "--store", store)
    if broken.fate == "refused":
        return no_refusal(built, broken.says, longest=MOST_LETTERS) + not_untouched(store)
    found = not_plain(built) + failing({"not built": built.code == 0}, built)
    if found or (found := unbalanced(store)) or broken.fate != "quarantined":
        return found
    (release,) = releases(store)
    rows = pq.read_table(store / "releases" / release / "quarantine.parquet").to_pylist()
    sources = ledger_of(store)["sources"]
    held = {
        "not one row": len(rows) == 1,
        "no number of a row": all(row["row"] > 0 for row in rows),
        "no file": {row["file"] for row in rows} <= {path.name for path in area.parent.iterdir()},
        "not in the ledger": sum(source["unexpected"]["rows"] for source in sources) >= 1,
    }
    return failing(held, rows)
