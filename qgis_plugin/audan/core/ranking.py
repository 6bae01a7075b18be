"""Which districts a month's figures name first: sections of ranked rows, as the server's map lists them."""

from dataclasses import dataclass
from typing import Any, Callable, Optional

from .client import Values
from .models import QUIET, Catalogue, LayerInfo

LISTED_LEVEL = 3
"""From this level of the rating on a district is listed."""
LISTED_IMBALANCE = 3.0
"""From this imbalance of the structure on a district is listed."""
_KEYS = {"district", "offence", "month", "attribute"}
_FIRST = ("outbreak", "hot_clear", "hot", "low", "fall", "cold_clear", "cold")
"""Signals in the order of their sections; others follow in the order of the legend, the most serious first."""
_USED = (
    *("magnitude", "standing", "count", "expected", "lower", "upper", "q_value"),
    *("gi_star", "share_filled", "expected_share"),
)


@dataclass(frozen=True)
class Row:
    """A district of a ranked list.

    Parameters
    ----------
    district
        Its code.
    value
        Its value in the layer's default column, which its class and colour follow from.
    measure
        What the layer weighs it by: magnitude, imbalance, Gi*, share of filled cards, share above the expected.
    count, expected
        What was recorded and what a norm expects; shares in ``completeness``.
    q_value
        Chance after correction for all that was tested; None where the layer has none.
    """

    district: str
    value: Any
    measure: Optional[float] = None
    count: Optional[float] = None
    expected: Optional[float] = None
    q_value: Optional[float] = None


@dataclass(frozen=True)
class Section:
    """Rows under one heading: ``unusual``, ``standing``, ``imbalance`` or a signal."""

    key: str
    rows: tuple[Row, ...]


def ranks(layer: LayerInfo) -> bool:
    """Tell whether a layer of districts can be ranked.

    If it has no verdicts (counts alone, or a public layer without magnitudes) it cannot.
    """
    told = layer.is_judged or layer.is_signalled or layer.default_column == "imbalance"
    return told and bool(layer.months) and "district" in layer.keys and set(layer.keys) <= _KEYS


def ranked_layers(catalogue: Catalogue) -> list[LayerInfo]:
    """Return the layers of an edition that can be ranked, in its order; none of a public one."""
    if catalogue.is_public:
        return []
    return [one for one in catalogue.layers if ranks(one)]


def needed_columns(layer: LayerInfo) -> list[str]:
    """Return the columns that a layer's list and chart are made of."""
    wanted = (layer.default_column, *_USED)
    return [name for name in wanted if name is not None and layer.has(name)]


def rank(
    layer: LayerInfo, values: Values, month: str, counts: Optional[Values] = None
) -> tuple[Section, ...]:
    """Return the sections of a month; empty if nothing is unusual, or the month is unknown.

    Parameters
    ----------
    layer
        A layer that ranks, see :func:`ranks`.
    values
        Its :func:`needed_columns`.
    month
        The month, YYYY-MM.
    counts
        ``count`` and ``expected`` of the rating, for layers without counts of their own.
    """
    rows = _rows(layer, values, month, counts)
    if layer.is_judged:
        listed = [one for one in rows if (one.value or 0) >= LISTED_LEVEL]
        listed.sort(key=lambda one: (-one.value, -(one.measure or 0.0)))
        standing = _column(values, "standing", month)
        return _sections(
            ("unusual", [one for one in listed if standing.get(one.district) is not True]),
            ("standing", [one for one in listed if standing.get(one.district) is True]),
        )
    if layer.is_signalled:
        weight = _behind if layer.has("share_filled") else _chance
        found: dict[str, list[Row]] = {}
        for one in rows:
            if one.value is not None and one.value not in QUIET:
                found.setdefault(str(one.value), []).append(one)
        return _sections(*((key, sorted(found[key], key=weight)) for key in _order(layer, found)))
    listed = [one for one in rows if (one.value or 0.0) >= LISTED_IMBALANCE]
    return _sections(("imbalance", sorted(listed, key=lambda one: -one.value)))


def _rows(layer: LayerInfo, values: Values, month: str, counts: Optional[Values]) -> list[Row]:
    own = values if layer.has("count") or counts is None else counts
    shares = layer.has("share_filled")
    value = _column(values, layer.default_column or "", month)
    count = _column(values, "share_filled", month) if shares else _column(own, "count", month)
    norm = values if layer.has("expected") else own
    expected = _column(values, "expected_share", month) if shares else _column(norm, "expected", month)
    q_value = _column(values, "q_value", month)
    measure: Callable[[str], Optional[float]]
    if layer.is_judged:
        measure = _column(values, "magnitude", month).get
    elif shares:
        measure = count.get
    elif layer.has("gi_star"):
        measure = _column(values, "gi_star", month).get
    elif layer.is_signalled:

        def measure(code: str) -> Optional[float]:
            recorded, norm = count.get(code), expected.get(code)
            return None if recorded is None or not norm else recorded / norm - 1.0

    else:
        measure = value.get
    return [
        Row(code, value.get(code), measure(code), count.get(code), expected.get(code), q_value.get(code))
        for code in values.districts
    ]


def _column(values: Values, name: str, month: str) -> dict[str, Any]:
    if name not in values.columns or month not in values.months:
        return {}
    return dict(zip(values.districts, values.columns[name][values.months.index(month)]))


def _chance(row: Row) -> tuple[float, float]:
    return (1.0 if row.q_value is None else row.q_value, -abs(row.measure or 0.0))


def _behind(row: Row) -> tuple[float, float]:
    return ((row.count or 0.0) - (row.expected or 0.0), 0.0)


def _order(layer: LayerInfo, found: dict[str, list[Row]]) -> list[str]:
    legend = [str(one.value) for one in reversed(layer.classes)]
    known = [*_FIRST, *(key for key in legend if key not in _FIRST)]
    return [key for key in known if key in found] + [key for key in found if key not in known]


def _sections(*some: tuple[str, list[Row]]) -> tuple[Section, ...]:
    return tuple(Section(key, tuple(rows)) for key, rows in some if rows)
