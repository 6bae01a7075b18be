"""Count the forms of an area: whose each is, which line is which offence, and what became of every figure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from ... import limits
from ...errors import InputError, Where
from ...settings.area import AreaSettings, TableSection
from ...settings.forms import FormSection
from ..coverage import KEYS, Coverage, Part, counts_frame, revised_frame, unplaced_frame
from ..files import find_files
from ..ledger import SourceLedger, Tally
from ..places import AMBIGUOUS, REASONS, UNKNOWN, Places
from ..quarantine import Expected, Quarantine
from .layout import Form, lay_out, letters, plain
from .workbook import read_sheet

if TYPE_CHECKING:
    from ...codes import Codebook


@dataclass(frozen=True)
class ReadForm:
    """A form that was read.

    Parameters
    ----------
    source, file, sheet, title
        The source's name, the file, its sheet, the title of the workbook.
    district
        Code of the district that it is of.
    month
        First month of its period.
    graph
        Place of the graph that is counted.
    form
        The sheet.
    offences
        Shape (lines,): code that each line is counted as, None for those that are not.
    """

    source: str
    file: Path
    sheet: str
    title: str
    district: str
    month: np.datetime64
    graph: int
    form: Form = field(repr=False)
    offences: npt.NDArray[np.object_] = field(repr=False)

    def cell_of(self, offence: str) -> str | None:
        """Return the cell that an offence's count stands in, None if it is not in the form."""
        found = np.flatnonzero(self.offences == offence)
        return self.form.cell(int(found[0]), self.graph) if len(found) else None


def read_forms(
    settings: AreaSettings,
    section: FormSection,
    places: Places,
    codebook: Codebook,
    ledger: SourceLedger,
    *,
    key: str = "forms",
) -> tuple[Part, list[ReadForm]]:
    """Read all files of a `[[forms]]` section.

    In its ledger a row is one line of the form; `files` names the cell of every figure counted.

    Raises
    ------
    InputError
        If a file is no such form, its name and its title are of different districts, two files are of one
        district or hold the same figures, a line names no count, or the period is not the area's.
    """
    month, step = _period(settings, section, key)
    quarantine = Quarantine(ledger, Expected.parse(settings.quarantine.expected))
    read: list[ReadForm] = []
    frames: list[pd.DataFrame] = []
    seen: dict[bytes, Path] = {}
    for file in find_files(settings, TableSection(path=section.path), f"{key}.path"):
        sheet = read_sheet(file, section.sheet)
        where = Where(file=file, sheet=section.sheet)
        form = lay_out(sheet.rows, where)
        graph = _graph(form, section, where)
        count = _counts(form, graph, where)
        if (first := seen.setdefault(form.figures.tobytes(), file)) != file:
            remedy = "one of them was saved under a wrong name: fetch it anew"
            raise InputError(f"the file holds the same figures as {first.name!r}", where, remedy=remedy)
        found, named = _district(section, places, file, sheet.title)
        offences = _offences(form, codebook)
        ledger.read += Tally(len(count), int(np.nansum(count)))
        if found < 0:
            _set_aside(quarantine, REASONS[found], "district", file, form, count, np.full(len(count), named))
            continue
        district = str(places.codes[found])
        if twice := [one.file.name for one in read if one.district == district]:
            remedy = "remove one of the two files, or correct their names"
            raise InputError(f"the form of {district} stands in {twice[0]!r} too", where, remedy=remedy)
        made = ReadForm(
            section.name, file, section.sheet, sheet.title, district, month, graph, form, offences
        )
        read.append(made)
        frames.append(_count(made, count, section, codebook, quarantine))
    counts = counts_frame(pd.concat(frames).assign(source=section.name) if frames else None)
    ledger.counted += Tally(len(counts), int(counts["count"].sum()))
    ledger.files = [_provenance(one) for one in read]
    last = month + (step - 1) if len(counts) else None
    coverage = Coverage.of(section.name, counts, step=step, last_complete=last, zeros=False)
    return Part(counts, coverage, unplaced_frame(), revised_frame(), quarantine.frame()), read


def _period(settings: AreaSettings, section: FormSection, key: str) -> tuple[np.datetime64, int]:
    step = 12 if len(section.period) == 4 else 1
    if step == 12 and settings.area.period != "year":
        where = Where(key=f"{key}.period", value=section.period)
        remedy = 'set area.period = "year", or name the month that the form is of'
        raise InputError("figures of years cannot be judged by month or quarter", where, remedy=remedy)
    return np.datetime64(section.period, "M"), step


def _graph(form: Form, section: FormSection, where: Where) -> int:
    if section.graph not in form.graphs:
        here = Where(file=where.file, sheet=where.sheet, value=section.graph)
        remedy = f"choose one of 1 to {form.graphs[-1]}"
        raise InputError("the form has no such graph", here, remedy=remedy)
    graph = form.graphs.index(section.graph)
    wanted = plain(section.graph_label).casefold()
    if wanted not in form.headers[graph].casefold():
        column = letters(form.columns[graph])
        here = Where(file=where.file, sheet=where.sheet, column=column, value=form.headers[graph])
        fitting = [
            number
            for number, text in zip(form.graphs, form.headers, strict=True)
            if wanted in text.casefold()
        ]
        remedy = f"its graphs of that name are {fitting}: set `graph`" if fitting else "choose another graph"
        raise InputError(
            f"the graph {section.graph} is not headed {section.graph_label!r}", here, remedy=remedy
        )
    return graph


def _counts(form: Form, graph: int, where: Where) -> npt.NDArray[np.float64]:
    count = form.figures[:, graph]
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero((count != np.floor(count)) & ~np.isnan(count) | (count > limits.COUNT))
    if len(wrong):
        line = form.lines[int(wrong[0])]
        column, value = letters(form.columns[graph]), count[wrong[0]]
        here = Where(file=where.file, sheet=where.sheet, row=line.row, column=column, value=value)
        raise InputError("a cell of the form is no count", here, remedy="check `graph` and the cell")
    return count


def _district(section: FormSection, places: Places, file: Path, title: str) -> tuple[int, str]:
    """Return the district (or the reason that there is none) and what was read."""
    named: dict[str, str | None] = {}
    if section.file_name is not None:
        named["name"] = _inner(section.file_name, file.name)
    if section.title is not None:
        named["title"] = _inner(section.title, title)
    found = {kind: int(places.match([text], by="name")[0]) for kind, text in named.items() if text}
    said = {kind: one for kind, one in found.items() if one not in (UNKNOWN, AMBIGUOUS)}
    if len(set(said.values())) > 1:
        first, second = (f"{places.codes[one]} ({named[kind]!r})" for kind, one in said.items())
        remedy = "find out whose figures they are, and correct the other"
        raise InputError(
            f"by its name the file is of {first}, by its title of {second}",
            Where(file=file, value=title),
            remedy=remedy,
        )
    text = next((text for text in named.values() if text), "") or title or file.name
    if said:
        return next(iter(said.values())), text
    return next(iter(found.values()), UNKNOWN), text


def _inner(pattern: str, text: str) -> str | None:
    """Return what stands in the place of `{district}`, None if the text is not of the pattern."""
    before, after = (re.escape(plain(part)) for part in pattern.split("{district}", 1))
    found = re.fullmatch(rf"{before}\s*(.+?)\s*{after}", plain(text), re.IGNORECASE)
    return found[1] if found else None


def _offences(form: Form, codebook: Codebook) -> npt.NDArray[np.object_]:
    """Return the code of each line: by its article, else by its label, else by label and that above."""
    by_article = codebook.find(
        [f"ст.{line.article}" if line.article else None for line in form.lines], by="label"
    )
    by_label = codebook.find([line.label for line in form.lines], by="label")
    found = np.where(by_article == None, by_label, by_article)  # noqa: E711 - element by element
    kinds = codebook.nodes["kind"]
    out = np.empty(len(found), dtype=object)
    for place, code in enumerate(found):
        # A severity that is summed from its articles is never delivered.
        summed = code is not None and kinds[code] == "severity" and code in codebook.additive
        out[place] = None if summed else code
    return out


def _count(
    read: ReadForm,
    count: npt.NDArray[np.float64],
    section: FormSection,
    codebook: Codebook,
    quarantine: Quarantine,
) -> pd.DataFrame:
    """Return the figures that are counted, and book the others."""
    chapters = codebook.nodes["kind"].to_dict()
    known = np.array([code is not None for code in read.offences])
    empty = np.isnan(count)
    ledger = quarantine.ledger
    if (known & empty).any():
        ledger.merge("blank_cell", int((known & empty).sum()), 0)
    lines = read.form.lines
    delivered = known & ~empty & np.array([chapters.get(code) == "category" for code in read.offences])
    held = np.array(
        [
            line.article is not None and line.parent is not None and bool(delivered[line.parent])
            for line in lines
        ]
    )
    in_total = ~known & held & (section.unlisted == "in_total")
    if in_total.any():
        ledger.merge("part_of_a_delivered_total", int(in_total.sum()), int(np.nansum(count[in_total])))
    aside = ~known & ~in_total
    labels = np.array([line.label for line in lines], dtype=object)
    _set_aside(
        quarantine, "offence is not in the codebook", "offence", read.file, read.form,
        np.where(aside, count, np.nan), labels, which=aside,
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "district": read.district,
            "offence": read.offences[known & ~empty],
            "month": read.month.astype("datetime64[s]"),
            "count": count[known & ~empty],
        }
    )
    if (again := frame.duplicated(KEYS)).any():
        code = frame.loc[again, "offence"].iloc[0]
        places = [lines[place].row for place in np.flatnonzero(read.offences == code)]
        where = Where(file=read.file, sheet=read.sheet, value=code)
        raise InputError(
            f"the rows {places} of the form are all {code!r}", where, remedy="give the codebook labels apart"
        )
    return frame


def _set_aside(
    quarantine: Quarantine,
    reason: str,
    role: str,
    file: Path,
    form: Form,
    count: npt.NDArray[np.float64],
    values: npt.NDArray[np.object_] | npt.NDArray[np.str_],
    *,
    which: npt.NDArray[np.bool_] | None = None,
) -> None:
    at = np.arange(len(count)) if which is None else np.flatnonzero(which)
    rows = np.array([form.lines[place].row for place in at], dtype=np.int64)
    quarantine.add(
        reason, file=file, role=role, column="title" if role == "district" else "label", row=rows,
        value=np.asarray(values, dtype=object)[at], rows=np.ones(len(at), dtype=np.int64),
        offences=np.nan_to_num(count[at]).astype(np.int64),
    )  # fmt: skip


def _provenance(read: ReadForm) -> dict[str, object]:
    cells = {
        str(code): read.form.cell(place, read.graph)
        for place, code in enumerate(read.offences)
        if code is not None and not np.isnan(read.form.figures[place, read.graph])
    }
    return {
        "file": read.file.name,
        "sheet": read.sheet,
        "title": read.title,
        "district": read.district,
        "period": str(read.month),
        "graph": f"{read.form.graphs[read.graph]}: {read.form.headers[read.graph]}",
        "cells": cells,
    }
