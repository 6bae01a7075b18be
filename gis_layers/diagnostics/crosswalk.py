"""What a crosswalk between codes leaves open: families that were divided, and rows that nobody has read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..codes import Families
from ..sources.ledger import Ledger, SourceLedger
from ..times import label
from .model import Finding


def check_crosswalk(changes: pd.DataFrame, ledger: Ledger | None = None) -> list[Finding]:
    """Describe a crosswalk: see :func:`gis_layers.codes.load_crosswalk`.

    Parameters
    ----------
    changes
        The crosswalk.
    ledger
        The accounts of the sources that were read by it.

    Returns
    -------
    findings
        How many families there are; each that was divided or put together, with its break lines; the rows that
        were not read in both codes; the numbers that mean another article before the reform than after it; and of
        each source the share that came under earlier codes, how it was read, and how sure the crosswalk is of it.
    """
    if changes.empty:
        return []
    families = Families(changes)
    divided = {
        name: sides for name, sides in families.members.items() if len(sides[0]) > 1 or len(sides[1]) > 1
    }
    size = {"n": len(changes), "families": len(families.members), "divided": len(divided)}
    found = [Finding("crosswalk", "check.families", size, alarm=False)]
    lines = families.break_lines()
    for name, (old, new) in divided.items():
        at = sorted({label(month) for code in new for month in lines.get(code, ())})
        told = {"family": name, "old": ", ".join(old), "new": ", ".join(new), "months": ", ".join(at)}
        found.append(Finding("crosswalk", "check.family", told, alarm=False))
    known = changes["confidence"].dropna()
    if (unread := known[known != "A"]).size:
        rows = changes.loc[unread.index]
        named = zip(rows["old"], rows["new"], rows["confidence"], strict=True)
        listed = ", ".join(f"{old}→{new} ({confidence})" for old, new, confidence in named)
        values = {"n": len(rows), "of": len(known), "codes": listed}
        found.append(Finding("crosswalk", "check.unread", values))
    if turned := _two_articles(changes, families):
        values = {"codes": ", ".join(turned), "n": len(turned)}
        found.append(Finding("crosswalk", "check.two_articles", values, alarm=False))
    read = [source for source in ledger.sources if source.translated] if ledger is not None else []
    found += [Finding("crosswalk", "check.translated", _translated(source), alarm=False) for source in read]
    return found


def _translated(source: SourceLedger) -> dict[str, object]:
    how, said = source.translated["how"], source.translated["confidence"]
    n = sum(how.values())
    words = ", ".join(f"{word or '?'} {100 * number / n:.1f}%" for word, number in said.items()) if n else ""
    values: dict[str, object] = {"source": source.source, "n": n, "of": source.counted.offences}
    values["percent"] = round(100 * n / max(source.counted.offences, 1), 1)
    values |= {name: how.get(name, 0) for name in ("whole", "weight", "family")}
    return values | {"confidence": words, "by_confidence": said}


def _two_articles(changes: pd.DataFrame, families: Families) -> list[str]:
    """Return the numbers that are of one family before the first change and of another after the last."""
    days = pd.to_datetime(changes["valid_from"].dropna())
    if days.empty:
        return []
    ends = np.array([days.min(), days.max()], dtype="datetime64[M]") + np.array([-1, 0])
    same = {str(code) for code in changes["old"]} & {str(code) for code in changes["new"]}
    return [code for code in sorted(same) if len(set(families.of([code, code], ends))) > 1]
