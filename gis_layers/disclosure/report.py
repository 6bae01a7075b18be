"""What was withheld and why, as figures: counts and shares by reason, kind of node, offence and margin."""

from __future__ import annotations

from typing import Any

import numpy as np

from .block import WHY
from .protect import Protection


def disclosure_report(found: Protection) -> dict[str, Any]:
    """Return what was withheld of a panel and why; shares are of the counts collected.

    Returns
    -------
    dict
        `cells`, `withheld` and `reasons` of the rows of the layer `rating`; the same in `kinds` (root, category,
        leaf, severity), `offences` and `months`; `regions`: totals of regions that may not be told;
        `frozen`: region and month whose revision is not shown; `rounded`: true if counts were rounded instead.

    Examples
    --------
    ``disclosure_report(protect(panel, codebook, parents))["reasons"]["small"]["share"]``
    """
    offences = found.panel.sizes["offence"]
    why = np.where(np.isfinite(found.truth), found.why, -1)[:, :offences, :]
    kinds = np.array(found.tree.kinds[:offences])
    months = found.panel["month"].values.astype("datetime64[M]")
    totals = np.where(np.isfinite(found.totals), found.why_regions, -1)
    frozen = [
        {"region": found.regions[region].code, "month": str(months[month])}
        for region, month in np.argwhere(found.frozen).tolist()
    ]
    return {
        **_tally(why),
        "kinds": {kind: _tally(why[:, kinds == kind, :]) for kind in dict.fromkeys(kinds.tolist())},
        "offences": {
            code: _tally(why[:, place, :]) for place, code in enumerate(found.tree.codes[:offences])
        },
        "months": {str(month): _tally(why[:, :, place]) for place, month in enumerate(months)},
        "regions": _tally(totals),
        "frozen": frozen,
        "rounded": found.rounded,
    }


def _tally(why: np.ndarray[Any, np.dtype[np.int8]]) -> dict[str, Any]:
    cells = int((why >= 0).sum())
    numbers = {name: int((why == place).sum()) for place, name in enumerate(WHY) if place}
    withheld = sum(numbers.values())
    return {
        "cells": cells,
        "withheld": withheld,
        "share": round(withheld / cells, 4) if cells else 0.0,
        "reasons": {
            name: {"cells": number, "share": round(number / cells, 4) if cells else 0.0}
            for name, number in numbers.items()
        },
    }
