"""Harm, the second number: recorded offences beyond the expected, weighted by how grave they are.

Rarity and harm are not mixed: `magnitude` asks how unusual a month is, `harm` how much it weighs. The weights
are the area's choice and stand in its file, by severity or, before that, by offence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ...codes import Codebook
from ...errors import InputError, Where
from ...settings.area import HarmSection

Floats = npt.NDArray[np.float64]


def require_known(harm: HarmSection | None, codebook: Codebook) -> None:
    """Refuse weights of severities or offences that the codebook lacks.

    Raises
    ------
    InputError
        If there is one: it would silently weigh nothing.
    """
    if harm is None:
        return
    severities = {str(value) for value in codebook.nodes["severity"].dropna()}
    for name, weights, known in (
        ("weights", harm.weights, severities),
        ("offences", harm.offences, set(codebook.leaves)),
    ):
        if strange := sorted(set(weights) - known):
            raise InputError(
                "the codebook has no such " + ("severity" if name == "weights" else "offence without parts"),
                Where(key=f"rating.harm.{name}.{strange[0]}", value=strange[0]),
                remedy=f"use those of the codebook: {', '.join(sorted(known)[:12]) or 'it has none'}",
            )


def weights_of(codes: Sequence[str], codebook: Codebook, harm: HarmSection | None) -> Floats:
    """Return the weight of each offence, NaN where the area file gives none.

    Examples
    --------
    >>> from gis_layers.codes.load import codebook_from
    >>> book = codebook_from([{"code": "theft", "severity": "minor"}, {"code": "fraud"}])
    >>> weights_of(["all", "theft", "fraud"], book, HarmSection(weights={"minor": 2.0}, source={"en": "-"}))
    array([nan,  2., nan])
    """
    if harm is None:
        return np.full(len(codes), np.nan)
    severity = codebook.nodes["severity"]
    return np.array(
        [harm.offences.get(code, harm.weights.get(str(severity.get(code)), np.nan)) for code in codes]
    )


def harm_of(
    count: Floats, expected: Floats, weight: Floats, members: Mapping[int, npt.NDArray[np.intp]]
) -> Floats:
    """Return the weighted excess, weight × (count − expected); of a node, the sum of its leaves'.

    Parameters
    ----------
    count, expected
        Offence × month × district; NaN is not collected, or not judged.
    weight
        Weight of each offence, NaN where it has none.
    members
        Rows of the leaves of each inner node.

    Returns
    -------
    array of the shape of `count`
        Below zero where less was recorded than expected. NaN where an offence has no weight, no count or no
        expected count. A leaf without a weight leaves its node's sum, and so does one that nobody judged in
        the month (not in force); one that only this district lacks leaves the district's sum unknown.

    Examples
    --------
    >>> import numpy as np
    >>> found = harm_of(np.array([[[9.0]], [[6.0]], [[3.0]]]), np.array([[[5.0]], [[4.0]], [[1.0]]]),
    ...                 np.array([np.nan, 10.0, np.nan]), {0: np.array([1, 2])})
    >>> found.ravel()
    array([20., 20., nan])
    """
    harm: Floats = weight[:, None, None] * (count - expected)
    for node, leaves in members.items():
        weighted = leaves[~np.isnan(weight[leaves])]
        parts = harm[weighted]
        known = ~np.isnan(parts)
        lacks = known.any(axis=2, keepdims=True) & ~known
        whole = known.any(axis=0) & ~lacks.any(axis=0)
        harm[node] = np.where(whole, np.where(known, parts, 0.0).sum(axis=0), np.nan)
    return harm
