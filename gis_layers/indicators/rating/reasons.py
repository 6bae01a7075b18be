"""Why a cell stands as it does: JSON lists of {code, values}, one text for each distinct list.

Most of a million rows have one of a few dozen lists without any figures (the figures stand in the row's
columns); only rows above the usual carry values. So the lists are made once each, and rows refer to them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...times import Months, label
from ..norm import OwnHalf
from ..norm.own import IN_BREAK, SETTLING, SINCE
from ..norm.own import JUDGED as HAS_OWN
from ..norm.tails import heterogeneity_of, interval
from .halves import BOTH, OWN
from .pooling import Answers, Nodes, Step

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FIRED = ("none", "peers", "own", "both")
"""Names of the halves that have fired."""

FEW = 0.005
"""One-sided p under which a count is called low (for words only; falls are judged in `dynamics`)."""

SHARP = 3.0
"""Magnitude from which a part of an inner node is named."""


@dataclass(frozen=True)
class Verdicts:
    """Everything that a reason may tell; arrays are offence × month × district."""

    codes: list[str]
    steps: list[Step]
    answers: Answers
    count: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    p_fall: Floats
    magnitude: Floats
    level: Floats
    standing: Bools
    pooled_offence: npt.NDArray[np.int16]
    incomplete: Bools
    no_exposure: Bools
    moved: Bools
    has_peers: Bools
    past: OwnHalf
    nodes: Nodes
    members: dict[int, npt.NDArray[np.intp]]
    silent: npt.NDArray[np.int32]
    months: Months
    yearly: bool = False


def reasons(found: Verdicts) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Return the number of each cell's reason, and the reasons as JSON texts.

    Returns
    -------
    (array, list)
        int32, offence × month × district; the distinct texts.
    """
    state = _states(found)
    usual = _usual(found)
    shape = state.shape
    step = found.answers.step.astype(np.int64)
    pooled = found.pooled_offence.astype(np.int64)
    key = state.astype(np.int64)
    for part, width in (
        (step + 1, 8),
        (np.where(step > 0, pooled + 1, 0), len(found.codes) + 1),
        (usual, 2),
        (found.answers.fired, 4),
        (found.standing, 2),
        (found.has_peers, 2),
        (_own_silent(found, state), SINCE + len(found.months)),
    ):
        key = key * width + part
    keys, first, number = np.unique(key.ravel(), return_index=True, return_inverse=True)
    plain = [_plain_parts(found, usual, int(state.ravel()[at]), np.unravel_index(at, shape)) for at in first]
    texts: dict[str, int] = {}
    lookup = np.empty(len(keys), dtype=np.int32)
    for place, parts in enumerate(plain):
        lookup[place] = texts.setdefault("[" + ",".join(parts) + "]", len(texts))
    out = lookup[number.ravel()]
    number = number.ravel()

    spoken = np.flatnonzero((_told(found) & (state == _JUDGED)).ravel())
    count, expected = found.count.ravel(), found.expected.ravel()
    lower, upper = found.lower.ravel(), found.upper.ravel()
    size, level = found.magnitude.ravel(), found.level.ravel()
    low = _low(found).ravel()
    pooled_signal = ((found.answers.fired > 0) & (found.answers.step > 0)).ravel()
    past = _beside_its_past(found)
    parts_of = _sharpest(found)
    for at in spoken.tolist():
        told = []
        if level[at] >= 2 or low[at]:
            code = "rating.high" if level[at] >= 2 else "rating.low"
            told.append(
                f'{{"code":"{code}","values":{{"count":{count[at]:.0f},"expected":{_short(expected[at])},'
                f'"lower":{lower[at]:.0f},"upper":{upper[at]:.0f},"magnitude":{size[at]:.1f}}}}}'
            )
        if at in past:
            told.append(past[at])
        if pooled_signal[at]:
            told.append(_pooled_signal(found, at, shape))
        if at in parts_of:
            told.append(parts_of[at])
        text = "[" + ",".join([*told, *plain[number[at]]]) + "]"
        out[at] = texts.setdefault(text, len(texts))
    return out.reshape(shape), list(texts)


_JUDGED = 0
_STATE_CODES = {
    1: "rating.too_few",
    2: "rating.no_peers",
    3: "rating.no_exposure",
    4: "rating.incomplete",
    5: "rating.not_collected",
    6: "rating.boundaries",
}


def _states(found: Verdicts) -> npt.NDArray[np.int8]:
    state = np.where(found.answers.step >= 0, _JUDGED, 1).astype(np.int8)
    alone = ~found.has_peers & np.isnan(found.past.p_rise)
    state[alone] = 2
    state[alone & found.no_exposure] = 3
    state[found.moved] = 6
    state[found.incomplete] = 4
    state[np.isnan(found.count)] = 5
    return state


def _low(found: Verdicts) -> Bools:
    low: Bools = found.answers.falls_judged & (found.answers.step == 0) & (found.p_fall <= FEW)
    return low


def _usual(found: Verdicts) -> Bools:
    usual: Bools = (np.nan_to_num(found.level) < 2) & ~_low(found)
    return usual


def _told(found: Verdicts) -> Bools:
    sharp = np.zeros(found.level.shape, dtype=bool)
    for node in found.members:
        sharp[node] = found.magnitude[node] >= SHARP
    told: Bools = ~_usual(found) | (found.answers.fired > 0) | sharp
    return told


def _plain_parts(found: Verdicts, usual: Bools, state: int, cell: tuple[np.intp, ...]) -> list[str]:
    """Return the parts without figures, as JSON texts."""
    own = _own_parts(found, state, cell)
    if state != _JUDGED:
        return [_json(_STATE_CODES[state]), *own]
    step = int(found.answers.step[cell])
    parts = []
    fired = int(found.answers.fired[cell])
    if not found.has_peers[cell]:
        parts.append(_json("rating.own_alone"))
    elif usual[cell]:
        parts.append(_json("rating.usual"))
    if fired and step == 0:
        parts.append(_json("rating.signal", fired=FIRED[fired]))
    return parts + _ladder_parts(found, step, cell) + own


_OWN_ASKED = (_JUDGED, 1, 2, 3)
"""States in which an own half would have been asked, had there been one."""


def _own_silent(found: Verdicts, state: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    """Return why there is no own half, HAS_OWN where there is one or the state says enough."""
    asked = np.isin(state, _OWN_ASKED) & np.isnan(found.past.p_rise)
    return np.where(asked, found.silent, HAS_OWN).astype(np.int64)


def _own_parts(found: Verdicts, state: int, cell: tuple[np.intp, ...]) -> list[str]:
    """Return why a cell has no own half: the years are too few, a break, or a short history."""
    why = int(found.silent[cell])
    if state not in _OWN_ASKED or why == HAS_OWN or not np.isnan(found.past.p_rise[cell]):
        return []
    if why == IN_BREAK:
        return [_json("own.break")]
    if why == SETTLING:
        return [_json("own.settling")]
    if why >= SINCE:
        return [_json("own.since_break", month=label(found.months[why - SINCE]))]
    if found.yearly:
        return [_json("rating.yearly" if state == _JUDGED else "own.yearly")]
    return [_json("own.short_history")]


def _ladder_parts(found: Verdicts, step: int, cell: tuple[np.intp, ...]) -> list[str]:
    parts = []
    if step > 0 and not found.answers.fired[cell]:
        rung = found.steps[step]
        if rung.own:
            parts.append(_json("rating.pooled", period=rung.period))
        else:
            offence = found.codes[int(found.pooled_offence[cell])]
            parts.append(_json("rating.pooled_category", period=rung.period, offence=offence))
    if found.standing[cell]:
        parts.append(_json("rating.standing"))
    return parts


def _pooled_signal(found: Verdicts, at: int, shape: tuple[int, ...]) -> str:
    cell = np.unravel_index(at, shape)
    rung = found.steps[int(found.answers.step[cell])]
    fired = int(found.answers.fired[cell])
    expected = rung.expected_own if fired == OWN else rung.expected
    return (
        f'{{"code":"rating.pooled_signal","values":{{"period":"{rung.period}","count":{rung.count[cell]:.0f},'
        f'"expected":{_short(expected[cell])},"fired":"{FIRED[fired]}"}}}}'
    )


def _beside_its_past(found: Verdicts) -> dict[int, str]:
    """Return, by flat cell, the part that sets a month beside its own past where that half has fired."""
    fired = found.answers.fired
    cells = np.flatnonzero((((fired == OWN) | (fired == BOTH)) & (found.answers.step == 0)).ravel())
    expected, phi = found.past.expected.ravel()[cells], found.past.phi.ravel()[cells]
    lower, upper = interval(expected, heterogeneity_of(expected, phi))
    return {
        int(at): f'{{"code":"rating.own_high","values":{{"count":{count:.0f},"expected":{_short(mean)},'
        f'"lower":{low:.0f},"upper":{high:.0f}}}}}'
        for at, count, mean, low, high in zip(
            cells, found.count.ravel()[cells], expected, lower, upper, strict=True
        )
    }


def _sharpest(found: Verdicts) -> dict[int, str]:
    """Return, by flat cell of an inner node, the part that names its most unusual leaf."""
    shape = found.level.shape
    named: dict[int, str] = {}
    for node, leaves in found.members.items():
        sizes = np.nan_to_num(found.magnitude[leaves], nan=-1.0)
        best = sizes.argmax(axis=0)
        top = np.take_along_axis(sizes, best[None], axis=0)[0]
        for month, district in np.argwhere(top >= SHARP).tolist():
            leaf = int(leaves[best[month, district]])
            at = int(np.ravel_multi_index((node, month, district), shape))
            named[at] = (
                f'{{"code":"rating.part","values":{{"offence":"{found.codes[leaf]}",'
                f'"magnitude":{top[month, district]:.1f},"count":{found.count[leaf, month, district]:.0f},'
                f'"expected":{_short(found.expected[leaf, month, district])}}}}}'
            )
    return named


def _json(code: str, **values: object) -> str:
    return json.dumps({"code": code, "values": values}, separators=(",", ":"), ensure_ascii=False)


def _short(value: float) -> str:
    """Write an expected count with two decimals below ten, one below a hundred, none above."""
    places = 2 if value < 10 else 1 if value < 100 else 0
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
