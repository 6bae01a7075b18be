"""Write `reference/errors.md`: what `audan` says of every fault of the catalogue in `tests/bad_input`, and its bounds.

Not compared by `generate.py --check`: some messages quote libraries, whose words change with their version. A
test holds that the page has every fault.
"""

from __future__ import annotations

import ast
import sys
import tempfile
import warnings
from itertools import pairwise
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "reference" / "errors.md"

HEAD = """\
# Errors

Made by `make errors` from the catalogue in `tests/bad_input`: every fault there is made in a small good area, and
this is what `audan check` says. Search the page for the words that you were shown.

A fault **refuses** the input (exit code 1, nothing is published, the release before stays) or, where a row is well
formed but cannot be placed, **quarantines** the row: it is listed with its reason, the ledger balances, and `build`
goes on unless more are quarantined than `[quarantine] max_share` allows. Rows are numbered as in the file, a header
and blank lines among them; features of a layer are numbered from 1.
"""


def bounds() -> list[str]:
    """Return the table of the limits with their meaning, from the source."""
    from gis_layers import limits

    body = ast.parse(Path(limits.__file__).read_text(encoding="utf-8")).body
    rows = []
    for name, text in pairwise(body):
        if isinstance(name, ast.Assign) and isinstance(text, ast.Expr):
            label = name.targets[0].id  # type: ignore[attr-defined]
            meaning = " ".join(ast.literal_eval(text.value).split())
            rows.append(f"| `{label}` | {getattr(limits, label):,} | {meaning} |")
    return ["| bound | value | of |", "|---|---|---|", *rows]


def page() -> str:
    """Return the page."""
    sys.path.insert(0, str(DOCS.parent / "tests"))
    from bad_input.command import audan
    from bad_input.good_area import write_area
    from bad_input.test_catalogue import CATALOGUE

    warnings.simplefilter("ignore")
    parts = [HEAD, "## How large an input may be\n", *bounds()]
    section = ""
    for name, broken in CATALOGUE.items():
        part, fault = name.split(": ", 1)
        if part != section:
            section = part
            parts += [f"\n## Faults of {part}\n", "| fault | what `audan` says |", "|---|---|"]
        with tempfile.TemporaryDirectory() as folder:
            area = write_area(Path(folder) / "area")
            broken.change(area.parent)
            if broken.fate == "refused":
                # `check` refuses what cannot be read, `build` what is too much in the quarantine.
                said = audan("build", area, "--store", Path(folder) / "store").refusal
                said = said.removeprefix("audan: ").replace(f"{area.parent}/", "").replace(folder, "...")
            elif broken.fate == "quarantined":
                said = f"*quarantined:* {broken.says[0]}"
            else:
                said = "*read whole*"
        parts.append(f"| {_cell(fault)} | {_cell(said)} |")
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
