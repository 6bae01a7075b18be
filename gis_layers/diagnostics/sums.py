"""Sums that must hold: those that the area file declares, and every chapter of a form against its articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..codes import Codebook
from ..settings import AreaSettings
from ..sources.forms import ReadForm
from ..sources.intake import Intake
from .model import Finding, period_label


def check_sums(settings: AreaSettings, codebook: Codebook, intake: Intake) -> list[Finding]:
    """Check every declared sum in every district and period, and the chapters of forms.

    A sum of which a part or the total was not delivered is passed over.

    Returns
    -------
    findings
        One for each that does not hold, with file, sheet and cells where the figures come from forms; one more
        says how many hold. Nothing where there is no sum to check.
    """
    checked, found = 0, []
    for good, finding in [
        *_declared(settings, intake),
        *_chapters(settings, codebook, intake.forms),
    ]:
        checked += 1
        if not good:
            found.append(finding)
    if not checked:
        return []
    if not found:
        return [Finding("sums", "check.sums_hold", {"n": checked}, alarm=False)]
    held = {"n": checked, "held": checked - len(found)}
    return [*found, Finding("sums", "check.sums_held", held, alarm=False)]


def _declared(settings: AreaSettings, intake: Intake) -> Iterator[tuple[bool, Finding]]:
    if not settings.sums or not len(intake.counts):
        return
    wide = intake.counts.pivot(index=["district", "month"], columns="offence", values="count")
    forms = {(form.district, form.month): form for form in intake.forms}
    for section in settings.sums:
        wanted = [section.total, *section.parts]
        if any(code not in wide for code in wanted):
            continue
        rows = wide[wanted].dropna()
        parts = rows[list(section.parts)].sum(axis=1)
        stamps = rows.index.get_level_values("month").to_numpy().astype("datetime64[M]")
        districts = rows.index.get_level_values("district").astype(str)
        figures = zip(districts, stamps, rows[section.total], parts, strict=True)
        for district, month, whole, total in figures:
            form = forms.get((district, month))
            cells = [form.cell_of(code) for code in wanted] if form else []
            when = period_label(month, settings.area.period)
            yield (
                int(whole) == int(total),
                _finding(district, when, section.total, int(whole), int(total), form, cells),
            )


def _chapters(
    settings: AreaSettings, codebook: Codebook, forms: tuple[ReadForm, ...]
) -> Iterator[tuple[bool, Finding]]:
    """Hold each chapter of a form against the lines right below it, also those that the codebook lacks."""
    kinds = codebook.nodes["kind"]
    for read in forms:
        lines, figures = read.form.lines, read.form.figures[:, read.graph]
        for place, code in enumerate(read.offences):
            if code is None or kinds[code] != "category":
                continue
            below = [at for at, line in enumerate(lines) if line.parent == place]
            if not below or np.isnan(figures[[place, *below]]).any():
                continue
            when = period_label(read.month, settings.area.period)
            whole, total = int(figures[place]), int(figures[below].sum())
            cells = [read.form.cell(at, read.graph) for at in (place, below[0], below[-1])]
            yield (
                whole == total,
                _finding(read.district, when, code, whole, total, read, cells),
            )


def _finding(
    district: str,
    month: str,
    offence: str,
    whole: int,
    total: int,
    form: ReadForm | None,
    cells: Sequence[str | None],
) -> Finding:
    named = [cell for cell in cells if cell]
    values = {
        "district": district, "month": month, "offence": offence, "whole": whole, "sum": total,
        "difference": total - whole, "file": form.file.name if form else "",
        "sheet": form.sheet if form else "", "cells": named,
    }  # fmt: skip
    where = f"{form.file.name}, {form.sheet}, {', '.join(named[:6])}" if form else ""
    return Finding("sums", "check.sum", values | {"where": where, "has_where": "yes" if where else "no"})
