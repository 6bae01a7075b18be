"""The panel: counts by district, offence and month, every node of the codebook, with its invariants.

"Not collected" is NaN and never zero. A node is the sum of what adds into it; where a total was delivered it
wins, and `<code>-other` holds what it has beyond its parts. A part counts from the first month in which any
district delivered it until its `valid_to`: in between a cell without it has no sum either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from .codes.breaks import boundaries_changed, breaks_for
from .codes.codebook import OTHER, Codebook
from .districts import Districts, PeerGroups
from .errors import SystemFault, Where
from .settings.area import AreaSettings
from .sources.coverage import Coverage
from .sources.intake import Intake
from .times import PERIOD_MONTHS, Months, month_range, parse_month, period_start

Cube = npt.NDArray[np.float64]


def build_panel(
    settings: AreaSettings,
    intake: Intake,
    districts: Districts,
    codebook: Codebook,
    groups: PeerGroups | None = None,
    groups_then: Mapping[int, PeerGroups] | None = None,
) -> xr.Dataset:
    """Build the cube that all statistics take.

    Parameters
    ----------
    settings, intake, districts, codebook
        The area, what its sources deliver, its districts and offences; the remainders of
        `intake.codebook` are added.
    groups
        The peer groups of the districts; without them every `peer_group` is empty.
    groups_then
        The peer groups of each year, by which its months are judged; without them those of today.

    Returns
    -------
    panel
        Dimensions `district` (order of the districts), `offence` (every node, with the remainders that the
        data call for: :func:`panel_codebook` gives the matching codebook) and `month` (first day of the
        period). `count` float64, NaN where not collected; `population(district, month)`, absent without an
        exposure; `incomplete(month)`, `provisional(month)`; `moved(district, month)` where boundaries changed
        within a period: its counts and residents are of different ground; `stretch(offence, month)`, with
        districts where a break names some: see :func:`gis_layers.codes.breaks_for`; coordinates `kind(offence)`,
        `peer_group(district)`, `status(district)` and, if given, `peer_group_then(month, district)`; attributes
        `area, period, rate_per, complete_until, unsettled` (newest complete periods that are still revised) and
        `negative_remainders` (JSON: a total less than its parts).
    """
    others = intake.codebook.nodes[intake.codebook.nodes["kind"] == "other"]
    book = codebook.with_remainders(others["parent"])
    names = districts.frame["district"].to_numpy(dtype=object).astype(str)
    step = PERIOD_MONTHS[settings.area.period]
    fine = _fine_months(intake, settings)
    months = np.unique(period_start(fine, settings.area.period))
    complete = None if intake.complete_until is None else parse_month(intake.complete_until)
    count = _leaf_cube(intake, names, book, fine, months, complete)
    negative = _roll_up(count, book, months, step)
    ends = months + (step - 1)
    incomplete = np.zeros(len(months), bool) if complete is None else ends > complete
    recent = (
        np.zeros(len(months), bool) if complete is None else ends > complete - settings.area.revision_months
    )
    peers = [""] * len(names) if groups is None else groups.of.reindex(names).fillna("").astype(str).tolist()
    panel = xr.Dataset(
        {
            "count": (("district", "offence", "month"), count),
            "incomplete": ("month", incomplete),
            "provisional": ("month", recent),
        },
        coords={
            "district": names.astype(object),
            "offence": np.array(book.codes, dtype=object),
            "month": months.astype("datetime64[s]"),
            "kind": ("offence", book.nodes["kind"].to_numpy(dtype=object)),
            "peer_group": ("district", np.array(peers, dtype=object)),
            "status": ("district", districts.frame["status"].fillna("").astype(str).to_numpy(dtype=object)),
        },
        attrs={
            "area": settings.area.id,
            "period": settings.area.period,
            "rate_per": settings.area.rate_per,
            "complete_until": "" if complete is None else str(complete),
            "unsettled": -(-settings.area.revision_months // step),
            "negative_remainders": json.dumps(
                [
                    {"district": str(names[d]), "offence": code, "month": str(months[m]), "remainder": value}
                    for d, code, m, value in negative
                ]
            ),
        },
    )
    if intake.population is not None:
        panel["population"] = (("district", "month"), _population(intake.population, names, months, step))
    if any(section.kind == "boundaries" for section in settings.breaks):
        panel["moved"] = (("district", "month"), boundaries_changed(settings, names.tolist(), months))
    if settings.breaks:
        some = any(section.districts for section in settings.breaks)
        stretch = breaks_for(settings, book, months, districts=names.tolist() if some else None)
        panel["stretch"] = (("district", "offence", "month")[0 if some else 1 :], stretch)
    if groups_then:
        then = {year: of.of.reindex(names).fillna("").astype(str) for year, of in groups_then.items()}
        years = months.astype("datetime64[Y]").astype(int) + 1970
        # a period may begin before the first month of which residents are known
        rows = [then[max(min(then), min(max(then), int(year)))].to_numpy(dtype=object) for year in years]
        panel = panel.assign_coords(peer_group_then=(("month", "district"), np.array(rows, dtype=object)))
    check_panel(panel, book)
    return panel


def panel_codebook(panel: xr.Dataset, codebook: Codebook) -> Codebook:
    """Return the codebook with the remainders that a panel has: its nodes are the panel's offences."""
    kinds = zip(panel["offence"].values, panel["kind"].values, strict=True)
    return codebook.with_remainders(str(code).removesuffix(OTHER) for code, kind in kinds if kind == "other")


def check_panel(panel: xr.Dataset, codebook: Codebook) -> None:
    """Hold the invariants of a panel.

    Counts are whole, finite and not negative; keys are unique; periods follow one another; every summed node
    is the sum of its parts, unless a delivered total is less than they are (see `negative_remainders`).

    Raises
    ------
    SystemFault
        If one does not hold.
    """
    book = panel_codebook(panel, codebook)

    def hold(fact: bool, what: str, value: object = None) -> None:
        if not fact:
            raise SystemFault(
                f"the panel is broken: {what}", Where(value=value), remedy="report it with the area file"
            )

    hold(panel["count"].dims == ("district", "offence", "month"), "dimensions", panel["count"].dims)
    hold(list(panel["offence"].values) == book.codes, "its offences are not those of the codebook")
    hold(panel.indexes["district"].is_unique, "a district stands twice")
    months = panel["month"].values.astype("datetime64[M]")
    step = PERIOD_MONTHS[panel.attrs["period"]]
    hold(bool((np.diff(months.astype(np.int64)) == step).all()) or _has_gaps(panel), "its periods have gaps")
    count = panel["count"].values
    known = ~np.isnan(count)
    hold(bool((count[known] >= 0).all()), "a count is negative")
    hold(bool((count[known] == np.floor(count[known])).all()), "a count is fractional")
    hold(not np.isinf(count).any(), "a count is infinite")
    if "population" in panel:
        people = panel["population"].values
        hold(bool((people[~np.isnan(people)] > 0).all()), "a population is not positive")
    reported = {
        (r["district"], r["offence"], r["month"]) for r in json.loads(panel.attrs["negative_remainders"])
    }
    for code in book.codes:
        parts = [book.row_of[part] for part in book.children(code)]
        if not parts or code not in book.additive:
            continue
        own = count[:, book.row_of[code], :]
        wrong = (own != np.nansum(count[:, parts, :], axis=1)) & ~np.isnan(own)
        for d, m in zip(*np.nonzero(wrong), strict=True):
            cell = (str(panel["district"].values[d]), code, str(months[m]))
            hold(cell in reported, "a node is not the sum of its parts", cell)


def _has_gaps(panel: xr.Dataset) -> bool:
    """A panel without figures has only the months of which its population is known."""
    return bool(np.isnan(panel["count"].values).all())


def _fine_months(intake: Intake, settings: AreaSettings) -> Months:
    months = intake.months
    if not len(intake.counts):
        return months
    step = PERIOD_MONTHS[settings.area.period]
    first, last = period_start(months[[0, -1]], settings.area.period)
    return month_range(first, last + (step - 1))


def _leaf_cube(
    intake: Intake,
    names: npt.NDArray[np.str_],
    book: Codebook,
    fine: Months,
    months: Months,
    complete: np.datetime64 | None,
) -> Cube:
    """Place what was delivered, shape (districts, offences, months); months are summed to periods."""
    row = {name: at for at, name in enumerate(names)}
    step = len(fine) // max(1, len(months))
    total = np.full((len(names), len(book.codes), len(months)), np.nan)
    for width in sorted({coverage.step for coverage in intake.collected}):
        axis = fine if width == 1 else months
        cube = np.full((len(names), len(book.codes), len(axis)), np.nan)
        sources = [coverage for coverage in intake.collected if coverage.step == width]
        for coverage in sources:
            _fill_zeros(cube, coverage, row, book, axis)
        mine = intake.counts[intake.counts["source"].isin([coverage.source for coverage in sources])]
        at = _places(mine, row, book, axis)
        cube[at] = mine["count"].to_numpy(dtype=np.float64)
        for name, month in intake.no_data_before.items():
            cube[row[name], :, axis < month] = np.nan
        if width == 1 and step > 1:
            cube = _coarse(cube, step, fine, complete)
        total = np.where(np.isnan(total), cube, total + np.nan_to_num(cube))
    return total


def _places(
    frame: pd.DataFrame, row: dict[str, int], book: Codebook, axis: Months
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return (
        np.asarray(frame["district"].map(row), dtype=np.intp),
        np.asarray(frame["offence"].map(book.row_of), dtype=np.intp),
        np.searchsorted(axis, frame["month"].to_numpy().astype("datetime64[M]")),
    )


def _fill_zeros(cube: Cube, coverage: Coverage, row: dict[str, int], book: Codebook, axis: Months) -> None:
    if not coverage.zeros or not len(coverage.months):
        return
    here = np.array([row[name] for name in coverage.districts])
    # A total that was not delivered is not zero but the sum of its parts.
    summed = {"root", "category"}
    kinds = book.nodes["kind"]
    codes = [code for code in coverage.offences if kinds[code] not in summed]
    if codes:
        offence = np.array([book.row_of[code] for code in codes])
        month = np.searchsorted(axis, coverage.months)
        block = np.zeros((len(here), len(offence), len(month)))
        force = _own_force(book, axis, coverage.step)[offence][:, month]
        block[:, ~force] = np.nan
        late = coverage.months[None, :] < coverage.since[:, None]
        block[np.broadcast_to(late[:, None, :], block.shape)] = np.nan
        cell = np.ix_(here, offence, month)
        cube[cell] = np.where(np.isnan(block), cube[cell], block)
    if len(coverage.blanks):
        blanks = coverage.blanks[coverage.blanks["district"].isin(set(coverage.districts))]
        blanks = blanks[blanks["month"].isin(coverage.months.astype("datetime64[s]"))]
        cube[_places(blanks, row, book, axis)] = np.nan


def _coarse(cube: Cube, step: int, fine: Months, complete: np.datetime64 | None) -> Cube:
    """Sum months to periods: NaN unless every month was collected, but for the periods not yet complete."""
    parts = cube.reshape(*cube.shape[:2], -1, step)
    sums = parts.sum(axis=-1)
    ends = fine.reshape(-1, step)[:, -1]
    open_ = np.zeros(len(ends), bool) if complete is None else ends > complete
    some = np.where(np.isnan(parts).all(axis=-1), np.nan, np.nansum(parts, axis=-1))
    return np.where(open_, some, sums)


def _own_force(book: Codebook, months: Months, step: int = 1) -> npt.NDArray[np.bool_]:
    """Return which node is in force in which month by its own dates, shape (offences, months)."""
    start = book.nodes["valid_from"].to_numpy().astype("datetime64[M]")[:, None]
    end = book.nodes["valid_to"].to_numpy().astype("datetime64[M]")[:, None]
    begun = np.isnat(start) | (months[None, :] + (step - 1) >= start)
    return np.asarray(begun & (np.isnat(end) | (months[None, :] <= end)))


def _roll_up(count: Cube, book: Codebook, months: Months, step: int) -> list[tuple[int, str, int, int]]:
    """Fill the summed nodes in place, deepest first; return the negative remainders."""
    force = _own_force(book, months, step)
    negative: list[tuple[int, str, int, int]] = []
    kinds = book.nodes["kind"]
    # Severities last: a remainder that they hold is known only when its category is.
    order = list(reversed(book.codes))
    order.sort(key=lambda one: bool(kinds[one] == "severity"))
    for code in order:
        children = book.children(code)
        if not children:
            continue
        at = book.row_of[code]
        parts = [book.row_of[child] for child in children]
        force[at] &= force[parts].any(axis=0)
        values = count[:, parts, :]
        collected = ~np.isnan(values)
        begun = np.maximum.accumulate(collected.any(axis=0), axis=1)
        is_other = np.array([child.endswith(OTHER) for child in children])
        needed = begun & force[parts] & ~is_other[:, None]
        complete = ~(needed[None] & ~collected).any(axis=1) & collected.any(axis=1)
        sums = np.where(complete, np.nansum(values, axis=1), np.nan)
        delivered = count[:, at, :].copy()
        has = ~np.isnan(delivered)
        if has.any() and is_other.any():
            other = parts[int(np.flatnonzero(is_other)[0])]
            rest = delivered - np.nansum(values[:, ~is_other, :], axis=1)
            for d, m in zip(*np.nonzero(has & (rest < 0)), strict=True):
                negative.append((int(d), code, int(m), int(rest[d, m])))
            count[:, other, :] = np.where(has, np.maximum(rest, 0), count[:, other, :])
        count[:, at, :] = np.where(has, delivered, sums)
    return negative


def _population(frame: pd.DataFrame, names: npt.NDArray[np.str_], months: Months, step: int) -> Cube:
    """Return mean residents of each period, shape (districts, months); no residents are unknown residents."""
    table = frame.assign(month=frame["month"].dt.to_period("M")).pivot(
        index="district", columns="month", values="population"
    )
    fine = (months[:, None] + np.arange(step)[None, :]).ravel()
    wanted = pd.PeriodIndex(fine.astype(str), freq="M")
    people = table.reindex(index=names, columns=wanted).to_numpy(dtype=np.float64)
    parts = people.reshape(len(names), len(months), step)
    with np.errstate(invalid="ignore"):
        known = ~np.isnan(parts)
        mean = np.where(
            known.any(axis=-1), np.nansum(parts, axis=-1) / np.maximum(known.sum(axis=-1), 1), np.nan
        )
    return np.where(mean > 0, mean, np.nan)
