"""The public layer `safety`: recorded offences that bear on public safety, twelve months, beside the whole area.

The level is set by the 95 % interval of the empirical-Bayes rate alone: 3 where it holds the area's rate, 2 or 4
where it excludes it, 1 or 5 where it lies wholly beyond half or double. The comparison with similar districts is
a second sentence and never the colour. In an area with protected counts the layer moves only at quarter ends and
is rounded to two digits, because the difference of two trailing years is a month.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ..codes import Codebook
from ..errors import InputError, Where
from ..messages import render_all
from ..rates import EmpiricalBayes, empirical_bayes
from ..settings.area import AreaSettings
from ..times import PERIOD_MONTHS, Months, label
from .rating.funnel import SMALLEST_GROUP, rolling_sum

Floats = npt.NDArray[np.float64]

DIMS = ("month", "district")


def judge_safety(panel: xr.Dataset, codebook: Codebook, settings: AreaSettings) -> xr.Dataset:
    """Judge the trailing year of every district beside the whole area.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; `count`, `population`, `incomplete`; coordinates `peer_group` and,
        where there is one, `status` (district).
    codebook
        Its offences; those flagged `public_safety` count.
    settings
        The area: whether counts are protected, who has many visitors, its languages, the gate.

    Returns
    -------
    xarray.Dataset
        Dimensions (month, district): `level` (NaN = no data, 0 = too few), `rate`, `lower`, `upper` (a year, per
        `rate_per` residents) and `text_<lang>`. `month` is the last month of the twelve. If no twelve complete
        months are known, no month is in it.

    Raises
    ------
    InputError
        If the panel has no population, or no offence of the codebook bears on public safety.
    """
    if "population" not in panel:
        raise InputError(
            "the panel has no population, so there are no rates",
            Where(key="population"),
            remedy="add [[population]] to the area file, or leave the layer `safety` out",
        )
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    per = float(panel.attrs.get("rate_per", settings.area.rate_per))
    count, population, moved, months = _years(panel, codebook, step)
    protected = settings.disclosure.counts == "protected"
    if protected:
        at_quarter = (months.astype(np.int64) + 1) % 3 == 0
        count, population, moved, months = (part[at_quarter] for part in (count, population, moved, months))

    # Of ground that was divided anew the parts have no rate of their own, but the whole area has.
    own = np.where(moved, np.nan, population)
    found = empirical_bayes(
        count.T, own.T, per, group=_labels(panel, "peer_group"), status=_labels(panel, "status")
    )
    area = _of_area(count, population) * per
    rate, lower, upper = (_shown(part.T, protected) for part in (found.rate, found.lower, found.upper))
    area = _shown(area, protected)
    level = _levels(rate, lower, upper, area[:, None], area[:, None] * population / per, settings.rating.gate)
    texts = _texts(level, rate, lower, upper, area, _beside_peers(found), moved, months, per, panel, settings)
    data: dict[str, tuple[tuple[str, ...], object]] = {
        "level": (DIMS, level),
        "rate": (DIMS, rate),
        "lower": (DIMS, lower),
        "upper": (DIMS, upper),
        **{f"text_{lang}": (DIMS, said) for lang, said in texts.items()},
    }
    coords = {"month": months.astype("datetime64[s]"), "district": panel["district"].values}
    return xr.Dataset(data, coords=coords, attrs={**panel.attrs, "period": "rolling12"})


def safety_frame(safety: xr.Dataset) -> pd.DataFrame:
    """Turn the result of :func:`judge_safety` into rows sorted by (month, district)."""
    ordered = safety.transpose(*DIMS).sortby(list(DIMS))
    months, districts = ordered.sizes["month"], ordered.sizes["district"]
    columns: dict[str, object] = {
        "district": np.tile(
            np.array([str(code) for code in ordered["district"].values], dtype=object), months
        ),
        "month": np.repeat(ordered["month"].values.astype("datetime64[s]"), districts),
    }
    for name, variable in ordered.data_vars.items():
        values = variable.values.reshape(-1)
        columns[str(name)] = pd.array(values, dtype="Int8") if name == "level" else values
    return pd.DataFrame(columns)


def bears_on_safety(codebook: Codebook) -> bool:
    """Return whether any offence of a codebook is flagged `public_safety`: without one there is no layer."""
    return bool(public_nodes(codebook.codes, codebook))


def public_nodes(codes: Iterable[str], codebook: Codebook) -> list[str]:
    """Return the fewest nodes whose leaves are exactly the additive leaves flagged `public_safety`.

    The highest node that is public as a whole is taken, because a delivered total may hold more than its parts.
    """
    here = set(codes)
    public = {code for code in codebook.leaves if code in codebook.additive and bool(_flag(codebook, code))}
    chosen: list[str] = []
    for code in codebook.codes:
        kind = codebook.nodes["kind"][code]
        if code not in here or code not in codebook.additive or kind == "severity":
            continue
        if any(parent in chosen for parent in codebook.ancestors(code)):
            continue
        members = codebook.members(code)
        if members and all(member in public for member in members):
            chosen.append(code)
    return chosen


def _flag(codebook: Codebook, code: str) -> bool:
    return bool(codebook.nodes["public_safety"][code])


def _years(
    panel: xr.Dataset, codebook: Codebook, step: int
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Months]:
    """Return counts, person-years and changes of ground of trailing years, month × district; last months."""
    codes = [str(code) for code in panel["offence"].values]
    nodes = public_nodes(codes, codebook)
    if not nodes:
        raise InputError(
            "no offence bears on public safety",
            Where(column="public_safety"),
            remedy="set public_safety = true for some offences of the codebook",
        )
    cube = panel["count"].transpose("offence", "month", "district").values.astype(np.float64)
    parts = cube[[codes.index(node) for node in nodes]]
    # an offence that nobody delivers in a month is not in force then; one that a district lacks is missing
    in_force = np.asarray(np.isfinite(parts).any(axis=2))
    parts = np.where(in_force[:, :, None], parts, 0.0)
    count = np.where(np.asarray(in_force.any(axis=0))[:, None], parts.sum(axis=0), np.nan)
    if "incomplete" in panel:
        count[np.asarray(panel["incomplete"].values, dtype=bool)] = np.nan
    residents = panel["population"].transpose("month", "district").values.astype(np.float64) * step / 12
    width = 12 // step
    changed = np.zeros(count.shape)
    if "moved" in panel:
        changed += panel["moved"].transpose("month", "district").values
    count, exposure, changed = (rolling_sum(part, width, axis=0) for part in (count, residents, changed))
    months = panel["month"].values.astype("datetime64[M]") + (step - 1)
    whole = np.asarray(np.isfinite(count).any(axis=1))
    return count[whole], exposure[whole], np.asarray(changed[whole] > 0), months[whole]


def _of_area(count: Floats, population: Floats) -> Floats:
    known = ~np.isnan(count) & (population > 0)
    cases = np.where(known, count, 0.0).sum(axis=1)
    people = np.where(known, population, 0.0).sum(axis=1)
    rate: Floats = np.divide(cases, people, out=np.full(len(cases), np.nan), where=people > 0)
    return rate


def _levels(
    rate: Floats, lower: Floats, upper: Floats, area: Floats, expected: Floats, gate: float
) -> Floats:
    """Return levels; `expected` is what the area's rate gives for the district, and the gate looks at it."""
    level = np.full(rate.shape, 3.0)
    level[lower > area] = 4
    level[upper < area] = 2
    level[lower > 2 * area] = 5
    level[upper < area / 2] = 1
    level[expected < gate] = 0
    level[np.isnan(rate)] = np.nan
    return level


def _beside_peers(found: EmpiricalBayes) -> npt.NDArray[np.str_]:
    """Say where a district's interval lies beside the mean of its peers, month × district."""
    more, fewer = found.lower > found.mean, found.upper < found.mean
    return np.where(more, "more", np.where(fewer, "fewer", "same")).T


def _shown(values: Floats, protected: bool) -> Floats:
    """Round to two significant digits where counts are protected."""
    return significant(values, 2) if protected else values


def significant(values: Floats, digits: int) -> Floats:
    """Round to significant digits.

    Examples
    --------
    >>> significant(np.array([1234.0, 0.0567, 0.0, np.nan]), 2)
    array([1.2e+03, 5.7e-02, 0.0e+00,     nan])
    """
    size = np.abs(np.where(values == 0, 1.0, values))
    place = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    rounded: Floats = np.round(values * place) / place
    return rounded


def _labels(panel: xr.Dataset, name: str) -> npt.NDArray[np.object_]:
    if name not in panel.coords:
        return np.full(panel.sizes["district"], None, dtype=object)
    values = np.asarray(panel[name].values, dtype=object)
    return np.array([value if isinstance(value, str) and value else None for value in values], dtype=object)


def _texts(
    level: Floats, rate: Floats, lower: Floats, upper: Floats, area: Floats, peers: npt.NDArray[np.str_],
    moved: npt.NDArray[np.bool_], months: Months, per: float, panel: xr.Dataset, settings: AreaSettings,
) -> dict[str, npt.NDArray[np.object_]]:  # fmt: skip
    """Return the sentences of every cell by language."""
    group = _labels(panel, "peer_group")
    members = pd.Series(group).map(pd.Series(group).value_counts()).fillna(0).to_numpy()
    visitors = {str(code) for code in settings.districts.visitors}
    many = [str(code) in visitors for code in panel["district"].values]
    languages = [str(lang) for lang in settings.area.languages]
    out: dict[str, npt.NDArray[np.object_]] = {
        lang: np.empty(level.shape, dtype=object) for lang in languages
    }
    for row, month in enumerate(months):
        for column in range(level.shape[1]):
            at = (row, column)
            values = {"month": label(month)}
            if moved[at]:
                parts: list[dict[str, object]] = [{"code": "safety.boundaries", "values": values}]
            elif np.isnan(level[at]):
                parts = [{"code": "safety.no_data", "values": values}]
            elif level[at] == 0:
                parts = [{"code": "safety.too_few", "values": values}]
            else:
                told = {"level": int(level[at]), "per": int(per), "rate": _plain(rate[at])}
                told |= {"lower": _plain(lower[at]), "upper": _plain(upper[at]), "area": _plain(area[row])}
                parts = [
                    {"code": "safety.text", "values": {**values, **told}},
                ]
                if members[column] >= SMALLEST_GROUP:
                    parts.append({"code": "safety.peers", "values": {"peers": str(peers[at])}})
                parts.append({"code": "safety.recorded"})
                if many[column]:
                    parts.append({"code": "safety.visitors"})
            for lang in languages:
                out[lang][at] = render_all(lang, parts)
    return out


def _plain(value: float) -> float:
    """Round a rate for a sentence: whole from a hundred on, else three digits."""
    return round(float(value)) if value >= 100 else float(f"{value:.3g}")
