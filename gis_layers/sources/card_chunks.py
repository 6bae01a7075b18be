"""Normalise cards, one chunk after the other: times, offence, district; quarantine the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .. import limits
from ..codes.codebook import OTHER, Codebook
from ..errors import InputError, Where
from ..settings.area import AreaSettings, CardsSection
from ..tables import Rows, Table
from ..tables.columns import codes, numbers, stamps, texts
from .coverage import KEYS
from .ledger import Tally
from .places import DIVIDED, EMPTY, REASONS, Places
from .quarantine import Quarantine

if TYPE_CHECKING:
    from ..districts import Districts

Named: TypeAlias = Callable[[Sequence[str], npt.NDArray[np.datetime64]], npt.NDArray[np.object_]]

_FIRST_DAY = np.datetime64(f"{limits.FIRST_YEAR}-01-01", "s")
_OUTSIDE = -5
_MANY = 1 << 20  # more months than there are
_REASONS = REASONS | {_OUTSIDE: "outside every district"}


@dataclass
class Kept:
    """What is held of each counted card: five small numbers, and its id."""

    district: list[npt.NDArray[np.int32]] = field(default_factory=list)
    offence: list[npt.NDArray[np.int32]] = field(default_factory=list)
    month: list[npt.NDArray[np.int32]] = field(default_factory=list)
    file: list[npt.NDArray[np.int16]] = field(default_factory=list)
    card: list[pa.Array] = field(default_factory=list)
    newest: np.datetime64 | None = None


class Chunks:
    """Normalises one chunk after the other with what stays the same between them."""

    def __init__(
        self,
        settings: AreaSettings,
        section: CardsSection,
        districts: Districts,
        places: Places,
        codebook: Codebook,
        quarantine: Quarantine,
        *,
        named: Named | None = None,
        key: str = "cards",
    ) -> None:
        self.named = named
        self.settings, self.section, self.places, self.quarantine = settings, section, places, quarantine
        self.codebook = codebook
        kinds = codebook.nodes["kind"].to_numpy()
        codes_of = np.array(codebook.codes, dtype=object)
        #: What a card that names a node is counted as.
        self.targets = np.where(np.isin(kinds, ("root", "category")), codes_of + OTHER, codes_of)
        self.carries = (kinds != "severity") & (kinds != "other")
        self.locator = None
        self._to_degrees = None
        if section.columns.x is not None:
            from ..districts import Locator

            self.locator = Locator(districts)
        if section.crs.upper() != "EPSG:4326":
            from pyproj import Transformer
            from pyproj.exceptions import ProjError

            try:
                self._to_degrees = Transformer.from_crs(section.crs, "EPSG:4326", always_xy=True)
            except ProjError:
                where = Where(key=f"{key}.crs", value=section.crs)
                raise InputError("not a CRS", where, remedy="take an EPSG code, as EPSG:4326") from None
        self.tomorrow = np.datetime64("today", "D") + 1

    def take(self, table: Table, part: Rows, kept: Kept, file: int) -> tuple[pa.Table, pd.DataFrame]:
        """Place the cards of one chunk; return (cards for the spool, offences without a district)."""
        section, names = self.section, self.section.columns
        rows, size = part.cells, len(part.number)
        self.quarantine.ledger.read += Tally(size, size)
        state = _State(self.quarantine, table, part.number)
        times: dict[str, npt.NDArray[np.datetime64]] = {}
        for role in ("committed", "registered"):
            column = getattr(names, role)
            if column is None:
                times[role] = np.full(size, np.datetime64("NaT", "s"))
                continue
            zone = self.settings.area.time_zone
            times[role], bad = stamps(
                rows[column], form=section.time_format, zoned=section.times == "zoned", zone=zone
            )
            state.drop(bad, "a date cannot be read", role, column, rows[column])
            with np.errstate(invalid="ignore"):
                odd = (times[role] < _FIRST_DAY) | (times[role].astype("datetime64[D]") > self.tomorrow)
            state.drop(
                odd, f"a date is before {limits.FIRST_YEAR} or in the future", role, column, rows[column]
            )
        by = self.settings.area.count_by
        state.drop(np.isnat(times[by]), "no date", by, getattr(names, by), rows[getattr(names, by)])
        month = times[by].astype("datetime64[M]")
        x, y = self._points(rows, state)
        offence, offence_text = self._offences(table, part)
        district, district_text = self._districts(table, part, month, x, y)
        known = (offence >= 0) & state.ok
        nowhere = known & (district < 0)
        lost = pd.DataFrame(
            {
                "district": np.where(district[nowhere] == _OUTSIDE, "", district_text[nowhere].astype(str)),
                "offence": self.targets[offence[nowhere]],
                "month": month[nowhere].astype("datetime64[s]"),
            }
        )
        for code, reason in _REASONS.items():
            role = "point" if code == _OUTSIDE or names.district is None else "district"
            column = f"{names.x}, {names.y}" if role == "point" else str(names.district)
            values = _point_texts(x, y, district == code) if role == "point" else district_text
            state.drop(district == code, reason, role, column, values, always=code == DIVIDED)
        column = " + ".join(names.offence)
        state.drop(offence == -2, "no offence", "offence", column, offence_text)
        state.drop(offence == -3, "a severity is no offence", "offence", column, offence_text)
        state.drop(offence == -1, "offence is not in the codebook", "offence", column, offence_text)
        ok = state.ok
        kept.district.append(district[ok].astype(np.int32))
        kept.offence.append(offence[ok].astype(np.int32))
        kept.month.append(month[ok].astype(np.int64).astype(np.int32))
        kept.file.append(np.full(int(ok.sum()), file, dtype=np.int16))
        if ok.any():
            newest = times[by][ok].max()
            kept.newest = newest if kept.newest is None else max(kept.newest, newest)
        card = texts(rows[names.card]) if names.card else pa.nulls(size, pa.string())
        mask = pa.array(ok)
        if names.card:
            kept.card.append(card.filter(mask))
        return self._spooled(rows, card, district, offence, month, times, x, y, ok), lost.groupby(
            KEYS
        ).size().rename("count").reset_index()

    def _points(
        self, rows: pa.Table, state: _State
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        names, size = self.section.columns, rows.num_rows
        if names.x is None or names.y is None:
            return np.full(size, np.nan), np.full(size, np.nan)
        out = []
        for column in (names.x, names.y):
            values, bad = numbers(rows[column], self.section.decimal)
            state.drop(bad, "a coordinate cannot be read", "point", column, rows[column])
            out.append(values)
        return out[0], out[1]

    def _offences(self, table: Table, part: Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
        section, rows = self.section, part.cells
        by_code = section.offence_match == "code"
        parts = [
            codes(rows[name], table, name, part.number) if by_code else texts(rows[name])
            for name in section.columns.offence
        ]
        joined = parts[0]
        if len(parts) > 1:
            joined = pc.binary_join_element_wise(*parts, section.separator, null_handling="skip")
            joined = pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)
        kinds, labels = _encoded(joined)
        found = np.array(
            [
                -1 if c is None else self.codebook.row_of[c]
                for c in self.codebook.find(labels, by=section.offence_match)
            ]
        )
        found[-1] = -2
        found[(found >= 0) & ~self.carries[found]] = -3
        return found[kinds], np.array(labels, dtype=object)[kinds]

    def _districts(
        self,
        table: Table,
        part: Rows,
        month: npt.NDArray[np.datetime64],
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
        section, size, rows = self.section, len(part.number), part.cells
        out = np.full(size, EMPTY, dtype=np.int64)
        shown = np.full(size, None, dtype=object)
        name = section.columns.district
        if name is not None:
            by_code = section.district_match == "code"
            kinds, labels = _encoded(
                codes(rows[name], table, name, part.number) if by_code else texts(rows[name])
            )
            out = self.places.place(kinds, labels, month, by=section.district_match)
            shown = np.array(labels, dtype=object)[kinds]
        if self.locator is not None:
            open_ = (out == EMPTY) & ~np.isnan(x) & ~np.isnan(y)
            if open_.any():
                found = np.asarray(self.locator.locate(x[open_], y[open_], section.crs), dtype=np.int64)
                out[open_] = np.where(found < 0, _OUTSIDE, found)
        return out, shown

    def _spooled(
        self,
        rows: pa.Table,
        card: pa.Array,
        district: npt.NDArray[np.int64],
        offence: npt.NDArray[np.int64],
        month: npt.NDArray[np.datetime64],
        times: dict[str, npt.NDArray[np.datetime64]],
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
        ok: npt.NDArray[np.bool_],
    ) -> pa.Table:
        names, mask, size = self.section.columns, pa.array(ok), rows.num_rows
        lon, lat = x[ok], y[ok]
        if self._to_degrees is not None and len(lon):
            lon, lat = self._to_degrees.transform(lon, lat)
        data = {
            "card": card.filter(mask),
            "district": pa.array(self.places.codes, pa.string()).take(pa.array(district[ok])),
            "offence": self._called(offence[ok], month[ok]),
            "severity": (
                texts(rows[names.severity]) if names.severity else pa.nulls(size, pa.string())
            ).filter(mask),
            "month": pa.array(month[ok].astype("datetime64[D]")),
            "committed": pa.array(times["committed"][ok]),
            "registered": pa.array(times["registered"][ok]),
            "x": pa.array(lon, from_pandas=True),
            "y": pa.array(lat, from_pandas=True),
        }
        if names.attributes:
            parts = [texts(rows[column]).filter(mask) for column in names.attributes.values()]
            data["attributes"] = pa.StructArray.from_arrays(parts, names=list(names.attributes))
        return pa.table(data)

    def _called(self, offence: npt.NDArray[np.int64], month: npt.NDArray[np.datetime64]) -> pa.Array:
        """Return what the offence of each card is called today."""
        if self.named is None:
            return pa.array(self.targets, pa.string()).take(pa.array(offence))
        pairs, kinds = np.unique(
            offence * _MANY + month.astype("datetime64[M]").astype(np.int64), return_inverse=True
        )
        codes = self.targets[pairs // _MANY]
        names = self.named([str(code) for code in codes], (pairs % _MANY).astype("datetime64[M]"))
        return pa.array(names, pa.string()).take(pa.array(kinds))


class _State:
    """Which cards of a chunk are still to be counted, and why the others are not."""

    def __init__(self, quarantine: Quarantine, table: Table, number: npt.NDArray[np.int64]) -> None:
        self.ok = np.ones(len(number), dtype=bool)
        self._quarantine, self._table, self._number = quarantine, table, number

    def drop(
        self,
        wrong: npt.NDArray[np.bool_],
        reason: str,
        role: str,
        column: str,
        values: pa.ChunkedArray | npt.NDArray[np.object_],
        *,
        always: bool = False,
    ) -> None:
        """Quarantine cards, each for the first reason found."""
        at = np.flatnonzero(wrong & self.ok)
        if len(at) == 0:
            return
        shown = (
            values[at] if isinstance(values, np.ndarray) else texts(values.take(pa.array(at))).to_numpy(False)
        )
        ones = np.ones(len(at), dtype=np.int64)
        self._quarantine.add(
            reason, file=self._table.file, role=role, column=column, row=self._number[at], value=shown,
            rows=ones, offences=ones, always_expected=always,
        )  # fmt: skip
        self.ok[at] = False


def _encoded(array: pa.Array) -> tuple[npt.NDArray[np.int64], list[str | None]]:
    """Return (which value each row has, the different values); the last value is None, for empty cells."""
    encoded = array.dictionary_encode()
    kinds = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return kinds.astype(np.int64), [*encoded.dictionary.to_pylist(), None]


def _point_texts(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], wanted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    out = np.full(len(x), None, dtype=object)
    out[wanted] = [f"{a:.6g} {b:.6g}" for a, b in zip(x[wanted], y[wanted], strict=True)]
    return out
