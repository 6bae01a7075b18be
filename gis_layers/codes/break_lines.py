"""Break lines: where a series may not be followed, for people; what the area declares and what the crosswalks bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..messages import render
from ..settings import AreaSettings
from ..settings.breaks import BreakSection
from ..times import label
from .breaks import touched_by
from .codebook import OTHER, Codebook
from .families import Families


def with_changes_of_codes(
    settings: AreaSettings,
    codebook: Codebook,
    changes: pd.DataFrame | None,
    *,
    no_data_before: Mapping[str, np.datetime64] | None = None,
) -> AreaSettings:
    """Return the settings with a break wherever the crosswalks divide a series that the data have.

    Parameters
    ----------
    settings
        The area.
    codebook
        With the families that its sources called for: see :meth:`gis_layers.codes.Translator.with_families`.
    changes
        The crosswalk of offences.
    no_data_before
        District and month before which its ground was delivered in other parts.
    """
    made = [*_of_codes(settings, codebook, changes), *_of_ground(settings, no_data_before or {})]
    own = {section.id for section in settings.breaks}
    return settings.model_copy(
        update={"breaks": (*settings.breaks, *(one for one in made if one.id not in own))}
    )


def break_lines(settings: AreaSettings, codebook: Codebook) -> list[dict[str, Any]]:
    """Return the breaks as the catalogue holds them.

    Returns
    -------
    list
        `id, kind, from, to, offences, districts, name, reason`: months as YYYY-MM, the first of the new state, or of
        the span up to `to`; `offences` all nodes touched and `districts` those named, null being every one.
    """
    lines = []
    for number, section in enumerate(settings.breaks):
        rows = touched_by(section, codebook, number)
        every = len(rows) == len(codebook.codes)
        lines.append(
            {
                "id": section.id,
                "kind": section.kind,
                "from": section.start[:7],
                "to": None if section.end is None else section.end[:7],
                "offences": None if every else [codebook.codes[row] for row in rows],
                "districts": list(section.districts) or None,
                "name": dict(section.name),
                "reason": None if section.reason is None else dict(section.reason),
            }
        )
    return sorted(lines, key=lambda one: (str(one["from"]), str(one["id"])))


def _of_codes(
    settings: AreaSettings, codebook: Codebook, changes: pd.DataFrame | None
) -> Iterable[BreakSection]:
    if changes is None or changes.empty:
        return
    families = Families(changes)
    called = {
        name: sides
        for name, sides in families.members.items()
        if len(sides[1]) > 1 and (name in codebook.row_of or _nested(codebook, sides[1]) is not None)
    }
    lines = families.break_lines()
    at: dict[str, tuple[list[str], list[str]]] = {}
    for old, new in called.values():
        whole = _nested(codebook, new)
        for code in new:
            for month in lines.get(code, ()) if code != whole else ():
                told = at.setdefault(label(month), ([], []))
                told[0].append(code)
                told[1].extend(one for one in old if one not in told[1])
    for first, told in sorted(at.items()):
        values = {"old": ", ".join(sorted(told[1])), "new": ", ".join(sorted(told[0]))}
        yield BreakSection.model_validate(
            {
                "id": f"codes-{first}",
                "offences": tuple(sorted(told[0])),
                "from": first,
                "name": {lang: render(lang, "break.codes", values) for lang in _languages(settings)},
            }
        )


def _of_ground(settings: AreaSettings, before: Mapping[str, np.datetime64]) -> Iterable[BreakSection]:
    months: dict[str, list[str]] = {}
    for district, month in before.items():
        months.setdefault(label(month), []).append(district)
    for first, districts in sorted(months.items()):
        yield BreakSection.model_validate(
            {
                "id": f"boundaries-{first}",
                "from": first,
                "districts": tuple(sorted(districts)),
                "name": {lang: render(lang, "break.boundaries", {}) for lang in _languages(settings)},
            }
        )


def _nested(codebook: Codebook, new: tuple[str, ...]) -> str | None:
    """Return the member that holds all others and took in what came before, if there is such a one."""
    for code in new:
        if f"{code}{OTHER}" in codebook.row_of and all(
            one == code or code in codebook.ancestors(one) for one in new
        ):
            return code
    return None


def _languages(settings: AreaSettings) -> list[str]:
    return list(dict.fromkeys(["en", *settings.area.languages]))
