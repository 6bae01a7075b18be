"""Published tables held against the forms that they were made from: which figures are wrong, and what they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..settings import AreaSettings
from ..settings.forms import ControlSection
from ..sources.files import find_files
from ..sources.forms import ReadForm
from ..sources.intake import Intake
from ..sources.places import Places
from ..tables import open_table
from ..tables.columns import numbers, texts
from .model import Finding


@dataclass(frozen=True)
class _Row:
    row: int
    named: str
    district: str | None
    published: float
    part: float


def check_controls(settings: AreaSettings, places: Places, intake: Intake) -> list[Finding]:
    """Hold every `[[controls]]` table against the figures read.

    A figure that differs is looked for: in another graph of the same form, then in the forms of other
    districts, so that the report says not only that it is wrong but what it is.

    Raises
    ------
    InputError
        If the table cannot be read, or names no form of the area.
    """
    found: list[Finding] = []
    for number, section in enumerate(settings.controls):
        forms = {form.district: form for form in intake.forms if form.source == section.form}
        for file in find_files(settings, section, f"controls[{number}].path"):
            rows = _read(section, file, places)
            found += _compare(section, file, rows, forms)
    return found


def _read(section: ControlSection, file: Path, places: Places) -> list[_Row]:
    table = open_table(section, file)
    names = section.columns
    roles = {"district": names.district, "count": names.count, "part": names.part}
    table.require({role: name for role, name in roles.items() if name is not None})
    read = table.read([name for name in roles.values() if name is not None])
    labels = texts(read.cells[names.district]).to_pylist()
    columns = {}
    for role in ("count", "part"):
        name = roles[role]
        if name is None:
            columns[role] = np.full(len(labels), np.nan)
            continue
        columns[role], unreadable = numbers(read.cells[name], section.decimal)
        if unreadable.any():
            at = int(np.flatnonzero(unreadable)[0])
            where = table.where(row=int(read.number[at]), column=name, value=read.cells[name][at].as_py())
            raise InputError("a cell is no number", where, remedy="correct the cell, or the column")
    match = places.match(labels, by=section.match)
    return [
        _Row(
            int(read.number[at]), label or "", str(places.codes[place]) if place >= 0 else None,
            float(columns["count"][at]), float(columns["part"][at]),
        )
        for at, (label, place) in enumerate(zip(labels, match, strict=True))
    ]  # fmt: skip


def _compare(
    section: ControlSection, file: Path, rows: list[_Row], forms: dict[str, ReadForm]
) -> list[Finding]:
    said = {"table": section.name, "file": file.name}
    found = [
        Finding("controls", "check.control_unknown", said | {"row": row.row, "value": row.named})
        for row in rows
        if row.district not in forms
    ]
    known = [row for row in rows if row.district in forms and not np.isnan(row.published)]
    if not known:
        return found
    graphs = {form.graph for form in forms.values()}
    fits = {
        graph: sum(
            _figure(forms[row.district or ""], section.offence, graph) == row.published for row in known
        )
        for graph in range(max(len(form.form.graphs) for form in forms.values()))
    }
    declared = next(iter(graphs))
    best = max(fits, key=lambda graph: (fits[graph], graph == declared))
    taken = best if fits[best] > len(known) / 2 else declared
    if taken != declared:
        found.append(_other_graph(section, said, known, forms, taken, declared))
    wrong = [
        row for row in known if _figure(forms[row.district or ""], section.offence, taken) != row.published
    ]
    found += [_explain(section, said, row, forms, taken) for row in wrong]
    for row in known:
        if row.part > row.published:
            values = said | {"row": row.row, "district": row.district, "published": row.published}
            values |= {"part": row.part, "column": section.columns.part or ""}
            found.append(Finding("controls", "check.control_part", values))
    values = said | {"n": len(known), "wrong": len(wrong)}
    return [*found, Finding("controls", "check.control_done", values, alarm=False)]


def _figure(form: ReadForm, offence: str, graph: int) -> float:
    at = np.flatnonzero(form.offences == offence)
    if not len(at) or graph >= len(form.form.graphs):
        return float("nan")
    return float(form.form.figures[at[0], graph])


def _cell(form: ReadForm, offence: str, graph: int) -> str:
    at = np.flatnonzero(form.offences == offence)
    return form.form.cell(int(at[0]), graph) if len(at) else ""


def _other_graph(
    section: ControlSection,
    said: dict[str, str],
    rows: list[_Row],
    forms: dict[str, ReadForm],
    taken: int,
    declared: int,
) -> Finding:
    """Say that the table as a whole was made from another graph than the one that is counted here."""
    some = next(iter(forms.values())).form
    sums = {
        name: int(sum(_figure(forms[row.district or ""], section.offence, graph) for row in rows))
        for name, graph in (("their_sum", taken), ("our_sum", declared))
    }
    matching = sum(
        _figure(forms[row.district or ""], section.offence, taken) == row.published for row in rows
    )
    values = said | sums | {
        "n": len(rows), "matching": matching, "their_graph": some.graphs[taken],
        "their_label": some.headers[taken], "our_graph": some.graphs[declared], "our_label": some.headers[declared],
    }  # fmt: skip
    return Finding("controls", "check.control_graph", values)


def _explain(
    section: ControlSection, said: dict[str, str], row: _Row, forms: dict[str, ReadForm], taken: int
) -> Finding:
    own = forms[row.district or ""]
    truth = _figure(own, section.offence, taken)
    values: dict[str, object] = said | {
        "row": row.row, "district": row.district, "published": int(row.published), "true": int(truth),
        "graph": own.form.graphs[taken], "own_file": own.file.name, "sheet": own.sheet,
        "own_cell": _cell(own, section.offence, taken),
    }  # fmt: skip
    for other in forms.values():
        if other is not own and _figure(other, section.offence, taken) == row.published:
            values |= {"other": other.district, "other_file": other.file.name}
            values |= {"other_cell": _cell(other, section.offence, taken)}
            return Finding("controls", "check.control_other", values)
    for graph, number in enumerate(own.form.graphs):
        if _figure(own, section.offence, graph) == row.published:
            values |= {"their_graph": number}
            return Finding("controls", "check.control_own_graph", values)
    return Finding("controls", "check.control_wrong", values)
