"""What a source delivered under earlier codes, said in those of today."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..codes import Translator
from .coverage import KEYS, Part, counts_frame, revised_frame, unplaced_frame
from .ledger import SourceLedger


def in_codes_of_today(
    part: Part, translator: Translator, ledger: SourceLedger
) -> tuple[Part, frozenset[str]]:
    """Translate what a source gives, and book how much of it.

    Rows stay counted where they were; only the node changes that they are counted in, and the sum is held.

    Returns
    -------
    (Part, frozenset)
        The part, and the nodes of the families that were called for.
    """
    counts, told = translator.translate(part.counts)
    unplaced, lost = translator.translate(part.unplaced)
    if told.how:
        ledger.translated = {"how": dict(sorted(told.how.items()))}
        ledger.translated["confidence"] = dict(sorted(told.confidence.items()))
    revised = part.revised.assign(offence=_names(part.revised, translator))
    blanks = part.coverage.blanks.assign(offence=_names(part.coverage.blanks, translator))
    filled = pd.MultiIndex.from_frame(counts[KEYS])
    blanks = blanks.drop_duplicates(ignore_index=True)
    coverage = replace(
        part.coverage,
        offences=np.array(sorted(set(counts["offence"])), dtype=object),
        blanks=blanks[~pd.MultiIndex.from_frame(blanks[KEYS]).isin(filled)].reset_index(drop=True),
    )
    found = Part(
        counts_frame(counts.sort_values(KEYS)), coverage, unplaced_frame(unplaced), revised_frame(revised),
        part.quarantine,
    )  # fmt: skip
    return found, told.families | lost.families


def _names(frame: pd.DataFrame, translator: Translator) -> npt.NDArray[np.object_]:
    return translator.single(frame["offence"].astype(str).tolist(), frame["month"].to_numpy())
