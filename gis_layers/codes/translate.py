"""Read figures under the codes of their day: each is said in today's articles, or counted to its family.

An article with one successor is that one. One that was divided by shares that are all known is divided by them; one of
unknown shares goes whole to its family, for a guess would look like a series. Totals are what they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, SystemFault, Where
from ..times import Months, parse_month
from .codebook import OTHER, Codebook
from .families import Families
from .family_nodes import family_place, with_families, with_former

How: TypeAlias = Literal["whole", "weight", "family"]

_GOLDEN = (5**0.5 - 1) / 2
_KEYS = ["district", "offence", "month"]


@dataclass(frozen=True)
class Reading:
    """What an article of an earlier code is today.

    Parameters
    ----------
    how
        `whole`: one article of today; `weight`: several, by known shares; `family`: of unknown shares.
    shares
        Codes and their shares, which make one.
    family
        Name of the family, where it was divided; else the code of today.
    confidence
        The least confident of the rows that say so; empty where none has a word on it.
    """

    how: How
    shares: tuple[tuple[str, float], ...]
    family: str
    confidence: str


@dataclass(frozen=True)
class Translated:
    """How much of a source was read through the crosswalk, in offences.

    Parameters
    ----------
    how, confidence
        Offences by the way of reading, and by the confidence of its rows.
    families
        Nodes of the families that were divided.
    """

    how: dict[str, int] = field(default_factory=dict)
    confidence: dict[str, int] = field(default_factory=dict)
    families: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        return sum(self.how.values())


@dataclass(frozen=True)
class Translator:
    """Says figures in the codes of today.

    Parameters
    ----------
    codebook
        Today's codebook.
    changes
        The crosswalk; see :func:`gis_layers.codes.load_crosswalk`.
    leaves
        Whether a category of today stands for its remainder, as where single cards are counted.

    Raises
    ------
    InputError
        If the weights of an article make more than one.

    Examples
    --------
    >>> from gis_layers.codes.load import codebook_from
    >>> book = codebook_from([{"code": "188"}, {"code": "188-1"}, {"code": "99"}])
    >>> changes = pd.DataFrame({"old": ["175", "175", "96"], "new": ["188", "188-1", "99"],
    ...                         "valid_from": pd.Timestamp("2015-01-01").date(), "weight": [None, None, 1.0],
    ...                         "confidence": ["B", "C", "A"]})
    >>> translator = Translator(book, changes)
    >>> translator.read("96", np.datetime64("2014-12")).shares
    (('99', 1.0),)
    >>> translator.read("175", np.datetime64("2014-12"))
    Reading(how='family', shares=(('188_188-1-other', 1.0),), family='188_188-1-other', confidence='C')
    """

    codebook: Codebook
    changes: pd.DataFrame = field(repr=False)
    leaves: bool = False

    def __post_init__(self) -> None:
        for code, weights in self.changes.groupby("old")["weight"]:
            if weights.sum() > 1 + 1e-6:
                raise InputError(
                    f"the weights of {code!r} make more than one",
                    Where(column="weight", value=round(float(weights.sum()), 6)),
                    remedy="let the shares of an article make one, or leave them all empty",
                )

    @cached_property
    def families(self) -> Families:
        """The families of the crosswalk."""
        return Families(self.changes)

    @cached_property
    def reading(self) -> Codebook:
        """The codebook with the articles that are no more, to read sources by."""
        return with_former(self.codebook, self.changes["old"])

    @cached_property
    def _rows(self) -> dict[str, pd.DataFrame]:
        return {str(old): rows for old, rows in self.changes.groupby("old")}

    @cached_property
    def _open(self) -> frozenset[str]:
        """Families of which some share is unknown: all of their articles go to the family."""
        known = {
            code: bool(rows["weight"].notna().all() and np.isclose(rows["weight"].astype(float).sum(), 1))
            for code, rows in self._rows.items()
        }
        members = self.families.members.items()
        return frozenset(name for name, (old, _) in members if not all(known[code] for code in old))

    def former(self, code: str, month: np.datetime64) -> bool:
        """Tell whether a code means, in a month, an article of an earlier code."""
        if code not in self._rows:
            return False
        begun = self.families.side(code, month) == "old"
        return begun and (code not in self.codebook.row_of or bool(month < self._starts[code]))

    @cached_property
    def _starts(self) -> dict[str, np.datetime64]:
        months = {
            code: [parse_month(str(day)[:7]) for day in rows["valid_from"] if not pd.isna(day)]
            for code, rows in self._rows.items()
        }
        # Without a day the old code was never today's.
        return {code: min(found, default=np.datetime64("9999-01", "M")) for code, found in months.items()}

    def read(self, code: str, month: np.datetime64) -> Reading | None:
        """Return what a code of a month is today; None where it is one of today already."""
        # Cards that name a category stand in its remainder; the category is what they named.
        named = code.removesuffix(OTHER) if code not in self._rows else code
        key = named, month.astype("datetime64[M]")
        if key not in self._memo:
            found = _read(self, *key)
            if found is not None and self.leaves:
                shares = tuple((self._leaf(name), share) for name, share in found.shares)
                found = replace(found, shares=shares, family=self._leaf(found.family))
            self._memo[key] = found
        return self._memo[key]

    def _leaf(self, code: str) -> str:
        kind = self.codebook.nodes["kind"].get(code)
        return f"{code}{OTHER}" if kind in ("root", "category") else code

    @cached_property
    def _memo(self) -> dict[tuple[str, np.datetime64], Reading | None]:
        return {}

    def single(self, codes: Sequence[str], months: Months) -> npt.NDArray[np.object_]:
        """Return the one node that each code may be called: its article of today, or its family."""
        pairs, kinds = _pairs(codes, months)
        names = np.empty(len(pairs), dtype=object)
        for place, (code, month) in enumerate(pairs):
            found = self.read(code, month)
            names[place] = code if found is None else found.family
        return names[kinds]

    def translate(self, counts: pd.DataFrame, *, value: str = "count") -> tuple[pd.DataFrame, Translated]:
        """Say counts in the codes of today.

        Parameters
        ----------
        counts
            `district, offence, month` and a column of whole numbers; other columns are keys, too.
        value
            Name of that column.

        Returns
        -------
        (DataFrame, Translated)
            The same columns, unique keys; the total of every district and month is what it was. By weight the
            cards of a cell are dealt out in order, so that shares over many cells are the weights; no cell's
            figures depend on those of another.
        """
        pairs, kinds = _pairs(counts["offence"].astype(str).tolist(), counts["month"].to_numpy())
        found = [self.read(code, month) for code, month in pairs]
        if not any(found):
            return counts, Translated()
        how: dict[str, int] = {}
        confidence: dict[str, int] = {}
        families: set[str] = set()
        parts = []
        for place, reading in enumerate(found):
            rows = counts[kinds == place]
            if reading is None:
                parts.append(rows)
                continue
            if reading.how != "whole":
                # a share may itself be a family: of an article that was divided again
                families |= {reading.family, *(name for name, _ in reading.shares)}
            number = int(rows[value].sum())
            how[reading.how] = how.get(reading.how, 0) + number
            confidence[reading.confidence] = confidence.get(reading.confidence, 0) + number
            dealt = _deal(rows, pairs[place], [share for _, share in reading.shares], value)
            parts += [
                rows.assign(offence=new, **{value: column})[(column > 0) | (rows[value] == 0).to_numpy()]
                for (new, _), column in zip(reading.shares, dealt.T, strict=True)
            ]
        joined = pd.concat(parts, ignore_index=True)
        keys = [name for name in counts.columns if name != value]
        out = joined.groupby(keys, as_index=False, sort=True, dropna=False)[value].sum()[list(counts.columns)]
        if int(out[value].sum()) != int(counts[value].sum()):
            what = "offences were lost between two codes"
            raise SystemFault(what, remedy="report it with the area file and its crosswalk")
        return out.astype(counts.dtypes.to_dict()), Translated(how, confidence, frozenset(families))

    def with_families(self, nodes: Iterable[str], counts: pd.DataFrame | None = None) -> Codebook:
        """Return today's codebook with the nodes of families, as :class:`Translated` names them.

        A member begins on its day, unless `counts` have it before: then its source said today's code all along.
        """
        wanted = set(nodes)
        called = {
            name: new
            for name, (_, new) in self.families.members.items()
            if len(new) > 1 and family_place(self.codebook, name, new) in wanted
        }
        since = {
            str(code): parse_month(str(start)[:7])
            for name, new in called.items()
            if name in self._open
            for code, start in self.changes[self.changes["new"].isin(new)]
            .groupby("new")["valid_from"]
            .min()
            .dropna()
            .items()
        }
        if counts is not None:
            first = counts.groupby("offence")["month"].min().to_dict()
            for code, day in first.items():
                for node in (code, *self.codebook.ancestors(code)) if code in self.codebook.row_of else ():
                    if node in since and np.datetime64(day, "M") < since[node]:
                        del since[node]
        return with_families(self.codebook, called, since)


def _read(self: Translator, code: str, month: np.datetime64) -> Reading | None:
    rows = self._rows.get(code)
    if rows is None or not self.former(code, month):
        return None
    family = str(self.families.of([code], np.array([month]))[0])
    old, new = self.families.members[family]
    if len(new) == 1:
        further = _further(self, code, new[0], month, rows["valid_from"])
        if further is None:
            return Reading("whole", ((new[0], 1.0),), new[0], _least(rows))
        return replace(further, confidence=max(further.confidence, _least(rows)))
    node = family_place(self.codebook, family, new)
    if family in self._open:
        said = pd.concat([self._rows[one] for one in old])
        return Reading("family", ((node, 1.0),), node, _least(said))
    shares: dict[str, float] = {}
    confidence = _least(rows)
    for name, start, weight in zip(
        rows["new"], rows["valid_from"], rows["weight"].astype(float), strict=True
    ):
        further = _further(self, code, str(name), month, [start])
        for final, part in ((str(name), 1.0),) if further is None else further.shares:
            shares[final] = shares.get(final, 0.0) + weight * part
        confidence = max(confidence, "" if further is None else further.confidence)
    shares = _beside_their_parts(self.codebook, shares)
    if len(shares) == 1:
        return Reading("whole", tuple(shares.items()), next(iter(shares)), confidence)
    return Reading("weight", tuple(shares.items()), node, confidence)


def _further(
    self: Translator, code: str, new: str, month: np.datetime64, starts: Iterable[Any]
) -> Reading | None:
    """Return what a successor has become since, however often it was renamed; None where it is today's article."""
    if new == code:  # a code that stays beside what was taken out of it is not taken apart again
        return None
    begun = [month if pd.isna(start) else parse_month(str(start)[:7]) for start in starts]
    return _read(self, new, max(month, min(begun)))


def _beside_their_parts(codebook: Codebook, shares: dict[str, float]) -> dict[str, float]:
    """Let the share of a category that stands beside the share of its part be what it has beyond it."""
    above: set[str] = set()
    for name in shares:
        # a share that was read further may be a remainder, or a family, which today's codebook does not have
        whole = name if name in codebook.row_of else name.removesuffix(OTHER)
        if whole in codebook.row_of:
            above |= {*codebook.ancestors(whole), *([whole] if whole != name else [])}
    found: dict[str, float] = {}
    for name, share in shares.items():
        final = f"{name}{OTHER}" if name in above else name
        found[final] = found.get(final, 0.0) + share
    return found


def _least(rows: pd.DataFrame) -> str:
    """Return the least confident word on some rows: A is best."""
    if "confidence" not in rows:
        return ""
    return max((str(word) for word in rows["confidence"].dropna()), default="")


def _pairs(
    codes: Sequence[str], months: npt.ArrayLike
) -> tuple[list[tuple[str, np.datetime64]], npt.NDArray[np.intp]]:
    """Return the different (code, month), and which of them each row has."""
    stamps = np.asarray(months).astype("datetime64[M]")
    kinds, pairs = pd.factorize(pd.MultiIndex.from_arrays([np.asarray(codes, dtype=object), stamps]))
    return [(str(code), np.datetime64(month, "M")) for code, month in pairs], kinds


def _deal(
    rows: pd.DataFrame, pair: tuple[str, np.datetime64], shares: list[float], value: str
) -> npt.NDArray[np.int64]:
    """Deal the cards of each row out by shares, shape (rows, shares); the sum of every row is what it was."""
    count = rows[value].to_numpy(dtype=np.int64)
    if len(shares) == 1:
        return count[:, None]
    # The first card of a cell stands anywhere on the circle, each further one a golden section on.
    key = [f"{pair[0]} {pair[1]} {name}".encode() for name in rows["district"].astype(str)]
    first = np.array([zlib.crc32(one) / 2**32 for one in key])
    row = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    bounds = np.cumsum(shares)[:-1] / np.sum(shares)
    taken = np.searchsorted(bounds, (first[row] + number * _GOLDEN) % 1.0, side="right")
    dealt = np.zeros((len(count), len(shares)), dtype=np.int64)
    np.add.at(dealt, (row, taken), 1)
    return dealt
