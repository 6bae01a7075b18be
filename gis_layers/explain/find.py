"""Find the district, offence or month that a caller named, or say what comes near."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..errors import UsageError, Where
from ..times import Months, label, parse_month


def find_district(places: pd.DataFrame, wanted: str) -> pd.Series:
    """Return the row of a district by its code, or by its name in any language where that is unique."""
    found = places[places["district"] == wanted]
    if found.empty:
        folded = wanted.casefold().strip()
        same = np.zeros(len(places), dtype=bool)
        for name in (column for column in places.columns if column == "name" or column.startswith("name_")):
            same |= np.array([isinstance(text, str) and text.casefold() == folded for text in places[name]])
        found = places[same]
    if len(found) > 1:
        codes = ", ".join(found["district"])
        raise UsageError(
            "several districts have this name", Where(value=wanted), remedy=f"use a code: {codes}"
        )
    if found.empty:
        raise unknown("district", wanted, by_name(places, "district"))
    return found.iloc[0]


def find_month(rows: pd.DataFrame, district: str, wanted: str | None) -> np.datetime64:
    """Return a month of the rating: the one named (or whose period holds it), else the newest judged one."""
    have: Months = np.unique(rows["month"].to_numpy().astype("datetime64[M]"))
    if not len(have):
        raise UsageError("the rating holds no month of this offence")
    if wanted is None:
        judged = rows.loc[(rows["district"] == district) & rows["level"].notna(), "month"]
        return np.datetime64(
            have[-1] if judged.empty else judged.to_numpy().astype("datetime64[M]").max(), "M"
        )
    month = parse_month(wanted)
    step = int(np.diff(have.astype(np.int64)).min()) if len(have) > 1 else 1
    behind = (month - have).astype(np.int64)
    inside = have[(behind >= 0) & (behind < step)]
    if len(inside):
        return np.datetime64(inside[-1], "M")
    near = have[np.abs(behind).argmin()]
    raise UsageError(
        "the rating has no such month",
        Where(value=wanted),
        remedy=f"it has {label(have[0])} to {label(have[-1])}, the nearest is {label(near)}",
    )


def unknown(what: str, wanted: str, known: Mapping[str, str]) -> UsageError:
    """Make an error that names the codes whose code or name comes nearest to what was asked for.

    Parameters
    ----------
    what
        What was asked for: district or offence.
    known
        Every code and every name, with the code it stands for (:func:`by_name`).
    """
    folded = {text.casefold(): code for text, code in known.items()}
    near = difflib.get_close_matches(wanted.casefold(), folded, n=5, cutoff=0.5)
    near += [text for text in folded if wanted.casefold() in text and text not in near]
    codes = list(dict.fromkeys(folded[text] for text in near))[:5]
    names: dict[str, str] = {}
    for text, code in known.items():
        if text != code:
            names.setdefault(code, text)
    listed = ", ".join(f"{code} ({names[code]})" if code in names else code for code in codes)
    remedy = f"near it are {listed}" if listed else f"the layers `districts` and `offences` list every {what}"
    return UsageError(f"there is no such {what}", Where(value=wanted), remedy=remedy)


def by_name(frame: pd.DataFrame, key: str) -> dict[str, str]:
    """Return every code and every name of a table, with the code it stands for."""
    found = {str(code): str(code) for code in frame[key]}
    columns = sorted((str(column) for column in frame.columns if str(column).startswith("name")), key=len)
    for name in columns:
        for text, code in zip(frame[name], frame[key], strict=True):
            if isinstance(text, str) and text:
                found.setdefault(text, str(code))
    return found
