"""Breaks of the area file as arrays: which months of a series may be compared with which.

A break is a change of the law, of the way of recording or of boundaries: what jumps there is not crime. Months
on the two sides of a level break are numbered as different stretches; nothing is learnt from a month of no
stretch (-1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, Where
from ..settings import AreaSettings
from ..settings.breaks import BreakSection
from ..times import PERIOD_MONTHS, Months, period_start
from .codebook import ROOT, Codebook

Bools = npt.NDArray[np.bool_]
Stretches = npt.NDArray[np.int16]


def breaks_for(
    settings: AreaSettings, codebook: Codebook, months: Months, *, districts: Sequence[str] | None = None
) -> Stretches:
    """Number the stretches of each offence's series between its breaks.

    The history of a month are the earlier months with the same number. Where the number is -1 (an excluded
    span, the months of a transition) the month is no history of any other, and has none itself.

    Parameters
    ----------
    settings
        The area and its `[[breaks]]`. New boundaries are a new level of everything in the districts named: the
        ground before them is another one.
    codebook
        The codebook of the panel, with its remainders.
    months
        First months of the periods, shape (months,), rising.
    districts
        Codes of the districts, for the breaks that name some. Without it those are left out.

    Returns
    -------
    stretches
        int16, shape (offences, months) in the order of the codebook; with `districts`
        (districts, offences, months). All zeros where no break is declared.

    Raises
    ------
    InputError
        If a break names an offence that the codebook lacks, or a district that there is not.
    """
    size = 1 if districts is None else len(districts)
    begin = months.astype("datetime64[D]")
    end = (months + PERIOD_MONTHS[settings.area.period]).astype("datetime64[D]")
    number = np.zeros((size, len(codebook.codes), len(months)), dtype=np.int16)
    nowhere = np.zeros(number.shape, dtype=bool)
    for section, offences, here in _touched(settings, codebook, districts):
        at = np.ix_(here, offences)
        first = _day(section.start)
        over = first if section.end is None else _day(str(np.datetime64(section.end[:7], "M") + 1))
        # A period that the change cuts in two, or that the span reaches into, is of neither level.
        nowhere[at] |= (begin < over) & (end > first)
        if section.kind != "excluded":
            number[at] += (begin >= over).astype(np.int16)
    found: Stretches = np.where(nowhere, np.int16(-1), number)
    return found[0] if districts is None else found


def boundaries_changed(settings: AreaSettings, districts: Sequence[str], months: Months) -> Bools:
    """Tell in which periods a district's ground changed, so that counts and residents are of different ground.

    A period that begins with the change is whole. Of days within a month the month is not.

    Returns
    -------
    array
        Shape (districts, months).

    Raises
    ------
    InputError
        If a break names a district that there is not.

    Examples
    --------
    >>> from pathlib import Path
    >>> from gis_layers.settings import AreaSettings
    >>> settings = AreaSettings.model_validate({
    ...     "area": {"id": "a", "name": {"en": "A"}, "attribution": "-", "metric_crs": "EPSG:3857", "period": "year"},
    ...     "districts": {"path": "a.gpkg", "columns": {"district": "d", "name": "n"}}, "folder": Path("."),
    ...     "breaks": [{"id": "reform", "kind": "boundaries", "from": "2022-06-08", "districts": ["x"],
    ...                 "name": {"en": "Reform"}}]})
    >>> years = np.array(["2021-01", "2022-01", "2023-01"], dtype="datetime64[M]")
    >>> boundaries_changed(settings, ["x", "y"], years).tolist()
    [[False, True, False], [False, False, False]]
    """
    width = PERIOD_MONTHS[settings.area.period]
    codes = [str(code) for code in districts]
    found = np.zeros((len(codes), len(months)), dtype=bool)
    for number, section in enumerate(settings.breaks):
        if section.kind != "boundaries":
            continue
        day = _day(section.start)
        begin = months.astype("datetime64[D]")
        end = (months + width).astype("datetime64[D]")
        for row in _rows(section.districts, codes, number):
            found[row] |= (begin < day) & (day < end)
    return found


def comparable_population(settings: AreaSettings, population: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the residents without the periods in which a district's ground changed.

    Parameters
    ----------
    population
        `district, month, population`; None stays None.
    """
    if population is None or not len(population) or all(b.kind != "boundaries" for b in settings.breaks):
        return population
    months = np.unique(population["month"].to_numpy().astype("datetime64[M]"))
    named = [code for section in settings.breaks for code in section.districts]
    codes = [str(code) for code in population["district"].unique()]
    codes += sorted(set(named) - set(codes))
    starts = period_start(months, settings.area.period)
    changed = boundaries_changed(settings, codes, starts)
    row = pd.Index(codes).get_indexer(pd.Index(population["district"].astype(str)))
    column = np.searchsorted(months, population["month"].to_numpy().astype("datetime64[M]"))
    return population[~changed[row, column]].reset_index(drop=True)


def _touched(
    settings: AreaSettings, codebook: Codebook, districts: Sequence[str] | None
) -> list[tuple[BreakSection, list[int], list[int]]]:
    """Return every break with the rows of the offences and districts that it touches."""
    touched = []
    codes = None if districts is None else [str(code) for code in districts]
    for number, section in enumerate(settings.breaks):
        offences = touched_by(section, codebook, number)
        if codes is None:
            here = [] if section.districts else [0]
        else:
            here = _rows(section.districts, codes, number) if section.districts else list(range(len(codes)))
        if here:
            touched.append((section, offences, here))
    return touched


def touched_by(section: BreakSection, codebook: Codebook, number: int) -> list[int]:
    """Return the rows of the nodes named and of all below them.

    `all` alone is everything, severities too; beside others it is the node itself.
    """
    for code in section.offences:
        if code not in codebook.row_of:
            where = Where(key=f"breaks[{number}].offences", value=code)
            raise InputError("the codebook has no such offence", where, remedy="correct the code")
    if section.offences == (ROOT,):
        return list(range(len(codebook.codes)))
    named = set(section.offences)
    return [
        row
        for code, row in codebook.row_of.items()
        if code in named or (named - {ROOT}) & set(codebook.ancestors(code))
    ]


def _rows(wanted: Sequence[str], codes: list[str], number: int) -> list[int]:
    row = {code: place for place, code in enumerate(codes)}
    for code in wanted:
        if code not in row:
            where = Where(key=f"breaks[{number}].districts", value=code)
            raise InputError("there is no such district", where, remedy="correct the code")
    return [row[code] for code in wanted]


def _day(text: str) -> np.datetime64:
    return np.datetime64(text if len(text) > 7 else f"{text}-01", "D")
