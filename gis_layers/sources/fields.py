"""What the fields of cards hold, counted from the spool: filled or empty, and values just under a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..times import Months

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Near:
    """A threshold of an attribute: cards of the offence under it are counted, and those just under it.

    Parameters
    ----------
    attribute, offence
        The attribute, and the lesser offence whose cards lie under the threshold.
    value, share
        The threshold; just under it is from (1 − share) × value on.
    """

    attribute: str
    offence: str
    value: float
    share: float


@dataclass(frozen=True)
class Fields:
    """Counts of cards by what their fields hold.

    Parameters
    ----------
    attributes
        Names of the attributes.
    cards
        Cards, offence × month × district.
    filled
        Cards whose attribute is filled, attribute × offence × month × district.
    near
        By threshold, cards just under it and cards with a known value under it, month × district each.
    """

    attributes: tuple[str, ...]
    cards: npt.NDArray[np.int32] = field(repr=False)
    filled: npt.NDArray[np.int32] = field(repr=False)
    near: Mapping[Near, tuple[Ints, Ints]] = field(default_factory=dict, repr=False)


def read_fields(
    spool: Path,
    *,
    offences: Sequence[str],
    months: Months,
    districts: Sequence[str],
    thresholds: Sequence[Near] = (),
    rows: int = 200_000,
) -> Fields | None:
    """Count the cards of a spool by what their fields hold.

    Parameters
    ----------
    spool
        Folder of the spool.
    offences, months, districts
        What the counts are laid out by; a card of any other is left out. A month is the first of its period, and
        holds the cards up to the next one.
    thresholds
        Thresholds that cards are counted under.
    rows
        Cards read at a time.

    Returns
    -------
    Fields or None
        None where no source of cards has attributes.
    """
    files = [file for file in sorted(spool.glob("*.parquet")) if "attributes" in pq.read_schema(file).names]
    names = sorted({name for file in files for name in _attributes(file)})
    if not names:
        return None
    shape = (len(offences), len(months), len(districts))
    cards = np.zeros(shape, dtype=np.int32)
    filled = np.zeros((len(names), *shape), dtype=np.int32)
    near = {one: (np.zeros(shape[1:], np.int64), np.zeros(shape[1:], np.int64)) for one in thresholds}
    for file in files:
        here = _attributes(file)
        with pq.ParquetFile(file) as parquet:
            wanted = ["district", "offence", "month", "attributes"]
            for batch in parquet.iter_batches(batch_size=rows, columns=wanted):
                place, known = _places(batch, offences, months, districts)
                size = int(np.prod(shape))
                cards += np.bincount(place[known], minlength=size).reshape(shape).astype(np.int32)
                held = batch.column("attributes")
                for name in here:
                    values = held.field(name)
                    there = known & _filled(values)
                    at = names.index(name)
                    filled[at] += np.bincount(place[there], minlength=size).reshape(shape).astype(np.int32)
                    for one in thresholds:
                        if one.attribute == name and one.offence in offences:
                            _count_near(near[one], one, values, place, there, shape, list(offences))
    return Fields(tuple(names), cards, filled, near)


def _attributes(file: Path) -> list[str]:
    return [one.name for one in pq.read_schema(file).field("attributes").type]


def _places(
    batch: pa.RecordBatch, offences: Sequence[str], months: Months, districts: Sequence[str]
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the flat place of each card, and which cards have one."""
    parts = []
    for name, codes in (("offence", offences), ("district", districts)):
        found = pc.index_in(batch.column(name), value_set=pa.array(list(codes), pa.string()))
        parts.append(pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64))
    when = batch.column("month").to_numpy(zero_copy_only=False).astype("datetime64[M]")
    month = np.searchsorted(months.astype("datetime64[M]"), when, side="right") - 1
    known = (parts[0] >= 0) & (parts[1] >= 0) & (month >= 0)
    place = (parts[0] * len(months) + month) * len(districts) + parts[1]
    return np.where(known, place, 0), np.asarray(known, dtype=bool)


def _filled(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which values are there: neither missing nor blank."""
    if not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    told = pc.and_kleene(pc.is_valid(values), pc.not_equal(pc.utf8_trim_whitespace(values), ""))
    return np.asarray(pc.fill_null(told, False).to_numpy(zero_copy_only=False), dtype=bool)


def _count_near(
    counted: tuple[Ints, Ints], one: Near, values: pa.Array, place: Ints, there: npt.NDArray[np.bool_],
    shape: tuple[int, int, int], offences: list[str],
) -> None:  # fmt: skip
    cells = shape[1] * shape[2]
    mine = there & (place // cells == offences.index(one.offence))
    if not mine.any():
        return
    texts = values.filter(pa.array(mine)).cast(pa.string())
    plain = pc.replace_substring(texts, ",", ".")
    number = pc.match_substring_regex(plain, r"^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$")
    value = pc.if_else(number, pc.utf8_trim_whitespace(plain), pa.scalar(None, pa.string())).cast(
        pa.float64()
    )
    figures = value.to_numpy(zero_copy_only=False)
    at = place[mine] % cells
    with np.errstate(invalid="ignore"):
        under = figures < one.value
        close = under & (figures >= one.value * (1 - one.share))
    for total, which in zip(counted, (close, under), strict=True):
        total += np.bincount(at[which], minlength=cells).reshape(shape[1:])
