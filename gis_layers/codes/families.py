"""Concordance families: articles of all codes that belong together, so that a series may run through a reform.

An article that was divided, or put together of several, cannot be followed by itself without knowing shares.
The connected components of the crosswalk can: what leaves one member arrives at another, so a family's total
is the same before and after, and no weights are needed. Below the family there is a break.

The same number may be two articles: 103 was grievous bodily harm in the code of 1997 and is a rare killing in
that of 2014. So a code is always read together with its month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, Where
from ..times import Months
from .codebook import OTHER

_LONGEST = 64 - len(OTHER)


@dataclass(frozen=True)
class Families:
    """The families of a crosswalk.

    Parameters
    ----------
    changes
        `old, new, valid_from`, and `weight` where shares are known: see
        :func:`gis_layers.codes.load_crosswalk`.

    Examples
    --------
    >>> changes = pd.DataFrame({"old": ["175", "175", "96", "103"], "new": ["188", "188-1", "99", "106"],
    ...                         "valid_from": [pd.Timestamp("2015-01-01").date()] * 4, "weight": np.nan})
    >>> families = Families(changes)
    >>> families.members["188_188-1"]
    (('175',), ('188', '188-1'))
    >>> months = np.array(["2014-12", "2015-01", "2015-01"], dtype="datetime64[M]")
    >>> families.of(["175", "188-1", "7"], months).tolist()
    ['188_188-1', '188_188-1', '7']
    """

    changes: pd.DataFrame = field(repr=False)

    @cached_property
    def _starts(self) -> dict[str, np.datetime64]:
        """First month in which an old code is the new one's; before it the number means the old article."""
        starts: dict[str, np.datetime64] = {}
        for old, start in zip(self.changes["old"], self.changes["valid_from"], strict=True):
            month = np.datetime64("0001-01" if pd.isna(start) else str(start)[:7], "M")
            starts[str(old)] = min(starts.get(str(old), month), month)
        return starts

    @cached_property
    def _component(self) -> dict[tuple[str, str], tuple[str, str]]:
        parent: dict[tuple[str, str], tuple[str, str]] = {}

        def root(node: tuple[str, str]) -> tuple[str, str]:
            parent.setdefault(node, node)
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            return node

        for old, new in zip(self.changes["old"], self.changes["new"], strict=True):
            parent[root(("old", str(old)))] = root(("new", str(new)))
        return {node: root(node) for node in parent}

    @cached_property
    def members(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Old and new codes of each family, by its name: the new codes joined."""
        grouped: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
        for (side, code), top in self._component.items():
            grouped.setdefault(top, ([], []))[side == "new"].append(code)
        return {_name(sorted(new)): (tuple(sorted(old)), tuple(sorted(new))) for old, new in grouped.values()}

    @cached_property
    def _name_of(self) -> dict[tuple[str, str], str]:
        named: dict[tuple[str, str], str] = {}
        for name, (old, new) in self.members.items():
            named |= {("old", code): name for code in old} | {("new", code): name for code in new}
        return named

    def side(self, code: str, month: np.datetime64) -> str:
        """Return `old` or `new`: which code a number belongs to in a month."""
        start = self._starts.get(code)
        if start is None:
            return "new"
        still_old = ("new", code) not in self._name_of
        return "old" if still_old or month < start else "new"

    def of(self, codes: list[str], months: Months) -> npt.NDArray[np.object_]:
        """Return the family of each code in its month; a code of none is its own."""
        found = [
            self._name_of.get((self.side(code, month), code), code)
            for code, month in zip(codes, months, strict=True)
        ]
        out = np.empty(len(found), dtype=object)
        out[:] = found
        return out

    def gather(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Sum counts to families; the total of every district and month stays what it was.

        Parameters
        ----------
        counts
            `district, offence, month, count`; `offence` as written in its month.
        """
        months = counts["month"].to_numpy().astype("datetime64[M]")
        # Most rows repeat a few codes and months.
        kinds, pairs = pd.factorize(pd.MultiIndex.from_arrays([counts["offence"].astype(str), months]))
        codes = [str(code) for code in pairs.get_level_values(0)]
        stamps = pairs.get_level_values(1).to_numpy().astype("datetime64[M]")
        named = counts.assign(offence=self.of(codes, stamps)[kinds])
        return _summed(named)

    def split(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Express counts of old articles in new ones by weight, where every share is known.

        What has no complete weights stays on its family: a guess would look like a series. The total of every
        district and month stays what it was.

        Returns
        -------
        DataFrame
            `district, offence, month, count` (float): new codes, or families.

        Raises
        ------
        InputError
            If the weights of an old code make more than one.
        """
        months = counts["month"].to_numpy().astype("datetime64[M]")
        codes = counts["offence"].astype(str).to_numpy()
        family = self.of(codes.tolist(), months)
        parts = []
        for code in dict.fromkeys(codes):
            mine = codes == code
            old = mine & np.array([self.side(code, month) == "old" for month in months])
            parts.append(counts[mine & ~old].assign(offence=code))
            rows = self.changes[self.changes["old"] == code]
            weight = rows["weight"].to_numpy(dtype=float)
            if old.any() and weight.sum() > 1 + 1e-6:
                raise InputError(f"the weights of {code!r} make more than one", Where(value=weight.sum()))
            if not old.any() or not np.isclose(weight.sum(), 1) or np.isnan(weight).any():
                parts.append(counts[old].assign(offence=family[old]))
                continue
            parts += [
                counts[old].assign(offence=str(new), count=counts.loc[old, "count"] * share)
                for new, share in zip(rows["new"], weight, strict=True)
            ]
        whole = pd.concat(parts).astype({"count": float})
        return _summed(whole)

    def break_lines(self) -> dict[str, tuple[np.datetime64, ...]]:
        """Return, by new code, the months at which its own series breaks although its family's does not.

        An article that is the only one of today in its family has none: it is the family.
        """
        lines: dict[str, set[np.datetime64]] = {}
        for _, new in self.members.values():
            if len(new) == 1:
                continue
            rows = self.changes[self.changes["new"].isin(new)]
            for code, start in zip(rows["new"], rows["valid_from"], strict=True):
                if not pd.isna(start):
                    lines.setdefault(str(code), set()).add(np.datetime64(str(start)[:7], "M"))
            # An article that a later one was taken out of breaks on that day, too.
            starts = {month for code in new for month in lines.get(code, set())}
            for code in new:
                lines.setdefault(code, set()).update(starts)
        return {code: tuple(sorted(months)) for code, months in sorted(lines.items())}


def _summed(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.groupby(["district", "offence", "month"], as_index=False).agg(count=("count", "sum"))


def _name(codes: list[str]) -> str:
    joined = "_".join(codes)
    return joined if len(joined) <= _LONGEST else f"{codes[0]}_and-{len(codes) - 1}"
