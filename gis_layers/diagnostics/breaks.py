"""Breaks in the series of an area: the declared ones put to the test, and those that nobody declared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..codes import ROOT, Codebook, breaks_for
from ..settings import AreaSettings
from ..settings.breaks import BreakSection
from ..times import label
from .levels import Shift, level_shift, shifts
from .model import Finding

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NEAR = 3
"""Months by which a break may be found beside the one declared."""

SEEN = 0.01
"""p under which a district is said to show a break of the whole area."""

OWN = (1e-6, 0.35)
"""Largest p, and least change of log level, of a break that one district has by itself."""

MOST = 20
"""Breaks of single districts that are listed, the sharpest first."""


@dataclass(frozen=True)
class _Series:
    """The panel as the tests take it: one list of months, `count` is offence × district × month."""

    months: npt.NDArray[np.datetime64]
    number: npt.NDArray[np.int64]
    count: Floats
    area: Floats
    use: Bools
    districts: list[str]


def check_breaks(settings: AreaSettings, codebook: Codebook, panel: xr.Dataset) -> list[Finding]:
    """Test the declared breaks of an area, and look for others: in the whole area, then in single districts.

    Parameters
    ----------
    settings, codebook, panel
        The area; `codebook` is that of the panel. Figures of quarters and years are too few and give nothing.
    """
    if settings.area.period != "month" or panel.sizes["month"] < 24:
        return []
    series = _prepare(settings, codebook, panel)
    found = _declared(settings, codebook, series)
    found += _undeclared(settings, codebook, series)
    return found + _of_districts(codebook, series)


def _prepare(settings: AreaSettings, codebook: Codebook, panel: xr.Dataset) -> _Series:
    cube = panel["count"].transpose("offence", "district", "month").values.astype(np.float64)
    cube[:, :, np.asarray(panel["incomplete"].values, dtype=bool)] = np.nan
    months = panel["month"].values.astype("datetime64[M]")
    root = cube[codebook.row_of[ROOT]]
    # A district that joined late would look like a rise of the area.
    whole = np.asarray((~np.isnan(root)).mean(axis=1) >= 0.9)
    count = cube[:, whole]
    stretch = breaks_for(settings, codebook, months)
    return _Series(
        months=months,
        number=months.astype(np.int64),
        count=count,
        area=count.sum(axis=1) if whole.any() else np.full((len(cube), len(months)), np.nan),
        use=np.asarray(stretch >= 0),
        districts=[str(code) for code in panel["district"].values[whole]],
    )


def _declared(settings: AreaSettings, codebook: Codebook, series: _Series) -> list[Finding]:
    found = []
    for section in settings.breaks:
        if section.kind != "level" or section.districts:
            continue
        at = int(np.searchsorted(series.months, _after(section)))
        for code in section.offences:
            row = codebook.row_of[code]
            shift = level_shift(series.area[row], series.number, at, use=series.use[row])
            values: dict[str, object] = {"break": section.id, "name": _named(section), "offence": code}
            values |= {"month": section.start[:7], "months": section.start[:7]}
            if section.end is not None and section.end[:7] != section.start[:7]:
                values["months"] = f"{section.start[:7]} – {section.end[:7]}"
            if shift is None or shift.p > SEEN:
                found.append(Finding("breaks", "check.break_unseen", values))
                continue
            seen, of = _districts(series, row, shift)
            values |= _figures(shift) | {"n": seen, "of": of}
            found.append(Finding("breaks", "check.break_declared", values, alarm=False))
    return found


def _undeclared(settings: AreaSettings, codebook: Codebook, series: _Series) -> list[Finding]:
    found = []
    for code, row in codebook.row_of.items():
        children = codebook.children(code)
        if any(
            np.array_equal(series.area[row], series.area[codebook.row_of[c]], equal_nan=True)
            for c in children
        ):
            continue
        for shift in shifts(series.area[row], series.number, use=series.use[row]):
            month = series.months[shift.at]
            values = {"offence": code, "month": label(month), **_figures(shift)}
            if (span := _span(settings, codebook, code, month)) is not None:
                values |= {"break": span.id, "name": _named(span)}
                if span.kind == "excluded":
                    found.append(Finding("breaks", "check.break_after_span", values, alarm=False))
                elif code not in span.offences and not set(span.offences) & set(codebook.ancestors(code)):
                    found.append(Finding("breaks", "check.break_follows", values, alarm=False))
                continue
            seen, of = _districts(series, row, shift)
            found.append(Finding("breaks", "check.break_found", values | {"n": seen, "of": of}))
    return sorted(found, key=lambda one: -abs(float(one.values["z"])))


def _of_districts(codebook: Codebook, series: _Series) -> list[Finding]:
    """Find breaks that one district has by itself: its share in the area changes."""
    if len(series.districts) < 4:
        return []
    kinds = codebook.nodes["kind"]
    found = []
    for code, row in codebook.row_of.items():
        if kinds[code] not in ("root", "category"):
            continue
        area = series.area[row]
        with np.errstate(invalid="ignore", divide="ignore"):
            height = np.where(area > 0, np.nanmean(area) / area, np.nan)
        for place, district in enumerate(series.districts):
            own = series.count[row, place]
            if np.nanmean(own) < 10:
                continue
            for shift in shifts(own * height, series.number, use=series.use[row], p=OWN[0], least=OWN[1]):
                values = {"district": district, "offence": code, "month": label(series.months[shift.at])}
                found.append(Finding("breaks", "check.break_district", values | _figures(shift)))
    sharpest = sorted(found, key=lambda one: -abs(float(one.values["z"])))
    more = len(sharpest) - MOST
    if more > 0:
        return [*sharpest[:MOST], Finding("breaks", "check.break_more", {"n": more}, alarm=False)]
    return sharpest


def _districts(series: _Series, row: int, shift: Shift) -> tuple[int, int]:
    """Return how many districts show a break of the whole area in the same direction, and how many could."""
    seen = of = 0
    for own in series.count[row]:
        one = level_shift(own, series.number, shift.at, use=series.use[row]) if np.nanmean(own) >= 5 else None
        if one is not None:
            of += 1
            seen += one.p <= SEEN and (one.ratio > 1) == (shift.ratio > 1)
    return int(seen), of


def _span(settings: AreaSettings, codebook: Codebook, code: str, month: np.datetime64) -> BreakSection | None:
    """Return the declared break that a found one belongs to: near in time, and of the same branch."""
    branch = {code, *codebook.ancestors(code)}
    below = {other for other in codebook.codes if code in codebook.ancestors(other)}
    for section in settings.breaks:
        if section.kind == "boundaries" or section.districts:
            continue
        touched = set(section.offences) & (branch | below) or section.offences == (ROOT,)
        first, last = (
            np.datetime64(section.start[:7], "M"),
            np.datetime64((section.end or section.start)[:7], "M"),
        )
        if touched and first - NEAR <= month <= last + NEAR:
            return section
    return None


def _after(section: BreakSection) -> np.datetime64:
    """Return the first month of the new level."""
    if section.end is not None:
        return np.datetime64(section.end[:7], "M") + 1
    return np.datetime64(section.start[:7], "M")


def _figures(shift: Shift) -> dict[str, float | str]:
    tiny = 1e-6
    p = float(f"{max(shift.p, tiny):.1g}")
    return {
        "ratio": max(round(shift.ratio, 2), 0.01)
        if shift.ratio >= 0.01
        else max(round(shift.ratio, 4), 0.001),
        "z": round(shift.z, 1),
        "p": p,
        "p_text": f"{p:.6f}".rstrip("0"),
        "below": "yes" if shift.p < tiny else "no",
    }


def _named(section: BreakSection) -> str:
    return section.name.get("en") or next(iter(section.name.values()))
