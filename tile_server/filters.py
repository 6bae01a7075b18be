"""CQL2 filters over columns: pygeofilter reads the text, Arrow compares, districts answer for shapes.

What a layer cannot honour is a 400: an unknown column or function is never ignored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from pygeofilter import ast, values
from pygeofilter.parsers import cql2_json, cql2_text

from .errors import ApiError, bad_request
from .places import CRS, CRS84
from .query import ItemsQuery
from .table import Rows, Table

_COMPARE: dict[type, Callable[..., Any]] = {
    ast.Equal: pc.equal,
    ast.NotEqual: pc.not_equal,
    ast.LessThan: pc.less,
    ast.LessEqual: pc.less_equal,
    ast.GreaterThan: pc.greater,
    ast.GreaterEqual: pc.greater_equal,
}
_ARITHMETIC: dict[type, Callable[..., Any]] = {
    ast.Add: pc.add, ast.Sub: pc.subtract, ast.Mul: pc.multiply, ast.Div: pc.divide,
}  # fmt: skip
_SPATIAL: dict[type, str] = {
    ast.GeometryIntersects: "intersects",
    ast.GeometryWithin: "within",
    ast.GeometryContains: "contains",
    ast.GeometryDisjoint: "disjoint",
    ast.GeometryTouches: "touches",
    ast.GeometryOverlaps: "overlaps",
    ast.GeometryCrosses: "crosses",
    ast.GeometryEquals: "equals",
}
_MOST_CORNERS = 2000
_MOST_CONDITIONS = 64
_MOST_CONSTANTS = 400
_DEEPEST = 80
_COUNTED = (ast.Predicate, ast.Arithmetic, ast.Function)


def evaluate(query: ItemsQuery, table: Table, rows: Rows) -> npt.NDArray[np.bool_]:
    """Tell for each row whether the query's filter holds; what is unknown (null) does not hold."""
    assert query.filter is not None
    try:
        parse = cql2_text.parse if query.filter_lang == "cql2-text" else cql2_json.parse
        _require_nesting(query.filter)
        tree = parse(query.filter)
        _require_size(tree)
        mask = _Rows(table, rows, query.filter_crs).truth(tree)
    except ApiError:
        raise
    except RecursionError:
        raise bad_request("the filter is nested too deeply") from None
    except (pa.ArrowException, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise bad_request(f"the filter compares what cannot be compared: {reason}") from None
    except Exception:
        # The parsers raise their grammar's own errors; whatever they are, the text is at fault.
        raise bad_request(f"the filter is no {query.filter_lang}") from None
    if isinstance(mask, bool):
        return np.full(len(rows), mask)
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=bool)


def _require_nesting(text: str) -> None:
    """Refuse brackets in brackets in brackets before a parser goes down into them."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST * 2 + 2:
        raise bad_request("the filter is nested too deeply")


def _require_size(tree: Any) -> None:
    """Refuse what would be compared too often: each condition is a pass over all rows."""
    conditions, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, ast.Node):
            continue
        if depth > _DEEPEST:
            raise bad_request("the filter is nested too deeply")
        constants = len(node.sub_nodes) if isinstance(node, ast.In) else 0
        conditions += 1 + constants // 8 if isinstance(node, _COUNTED) else 0
        if conditions > _MOST_CONDITIONS or constants > _MOST_CONSTANTS:
            raise bad_request(
                f"the filter asks too much: at most {_MOST_CONDITIONS} conditions, lists of {_MOST_CONSTANTS}"
            )
        for child in vars(node).values():
            waiting += [(one, depth + 1) for one in (child if isinstance(child, list) else [child])]


class _Rows:
    """The rows that a filter is asked about."""

    def __init__(self, table: Table, rows: Rows, crs: str) -> None:
        self.table, self.places, self.rows, self.crs = table, table.places, rows, crs

    def truth(self, node: Any) -> Any:
        """Evaluate a condition to a boolean array."""
        if isinstance(node, bool):
            return node
        if isinstance(node, ast.Not):
            return pc.invert(self._array(self.truth(node.sub_node)))
        if isinstance(node, ast.And):
            return pc.and_kleene(self._array(self.truth(node.lhs)), self._array(self.truth(node.rhs)))
        if isinstance(node, ast.Or):
            return pc.or_kleene(self._array(self.truth(node.lhs)), self._array(self.truth(node.rhs)))
        if type(node) in _COMPARE:
            return _COMPARE[type(node)](*_alike(self.value(node.lhs), self.value(node.rhs)))
        if isinstance(node, ast.Between):
            low = pc.greater_equal(*_alike(self.value(node.lhs), self.value(node.low)))
            high = pc.less_equal(*_alike(self.value(node.lhs), self.value(node.high)))
            return self._signed(pc.and_kleene(low, high), node.not_)
        if isinstance(node, ast.In):
            value = self.value(node.lhs)
            found: Any = pa.array(np.zeros(len(self.rows), dtype=bool))
            for one in node.sub_nodes:
                found = pc.or_kleene(found, pc.equal(*_alike(value, self.value(one))))
            return self._signed(found, node.not_)
        if isinstance(node, ast.Like):
            matched = pc.match_like(self.value(node.lhs), str(node.pattern), ignore_case=bool(node.nocase))
            return self._signed(matched, node.not_)
        if isinstance(node, ast.IsNull):
            return self._signed(pc.is_null(self.value(node.lhs)), node.not_)
        if type(node) in _SPATIAL:
            return self._spatial(node)
        if isinstance(node, ast.Attribute):
            value = self.value(node)
            if pa.types.is_boolean(value.type):
                return value
        raise bad_request(f"the filter uses {type(node).__name__}, which is not served here")

    def value(self, node: Any) -> Any:
        """Evaluate an expression to an array or a scalar."""
        if isinstance(node, ast.Attribute):
            if self.table.types.get(node.name, "json") == "json":
                raise bad_request(f"the filter names {node.name[:64]!r}, which is no column to filter by")
            return self.table.column(node.name, self.rows)
        if type(node) in _ARITHMETIC:
            sides = [self.value(side) for side in (node.lhs, node.rhs)]
            return _ARITHMETIC[type(node)](*(pc.cast(side, pa.float64()) for side in sides))
        folds = isinstance(node, ast.Function) and node.name.lower() in ("lower", "casei")
        if folds and len(node.arguments) == 1:
            return pc.utf8_lower(self.value(node.arguments[0]))
        if isinstance(node, dt.datetime):
            return pa.scalar(node.date())
        if isinstance(node, (bool, int, float, str, dt.date)):
            return pa.scalar(node)
        raise bad_request(f"the filter uses {type(node).__name__}, which is not served here")

    def _spatial(self, node: Any) -> Any:
        if self.table.place is None or not self.table.has_geometry:
            raise bad_request("the filter asks for shapes, which this collection has not")
        if not isinstance(node.lhs, ast.Attribute) or node.lhs.name not in ("geometry", "geom"):
            raise bad_request("a spatial condition names the column geometry first, then a shape")
        shape = self._shape(node.rhs)
        predicate = _SPATIAL[type(node)]
        if predicate in ("disjoint", "equals"):
            meets = getattr(shapely, predicate)(self.places.shapes, shape)
        else:
            # The tree asks "shape PREDICATE row's shape"; the filter asks it the other way round.
            turned = {"within": "contains", "contains": "within"}.get(predicate, predicate)
            meets = np.zeros(len(self.places.codes), dtype=bool)
            meets[self.places.tree.query(shape, predicate=turned)] = True  # type: ignore[call-overload]
        return pa.array(np.append(meets, False)[self.table.place[self.rows]])

    def _shape(self, node: Any) -> shapely.Geometry:
        if isinstance(node, values.Geometry):
            shape = shapely.geometry.shape(node.geometry)
        elif isinstance(node, values.Envelope):
            shape = shapely.box(node.x1, node.y1, node.x2, node.y2)
        elif isinstance(node, ast.Function) and node.name.lower() == "bbox" and len(node.arguments) == 4:
            west, south, east, north = map(float, node.arguments)
            shape = shapely.box(west, south, east, north)
        else:
            raise bad_request("a spatial condition needs a shape")
        corners = shapely.get_coordinates(shape)
        if len(corners) > _MOST_CORNERS or not np.isfinite(corners).all():
            raise bad_request("the filter's shape has too many corners, or one that is no number")
        if self.crs == CRS84:
            return shape
        move = pyproj.Transformer.from_crs(CRS[self.crs], "OGC:CRS84").transform
        return shapely.transform(shape, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))

    def _array(self, mask: Any) -> Any:
        return pa.array(np.full(len(self.rows), mask)) if isinstance(mask, bool) else mask

    @staticmethod
    def _signed(mask: Any, negated: bool) -> Any:
        return pc.invert(mask) if negated else mask


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Bring a text and a date to dates, numbers to one kind; codes stay texts."""
    if pa.types.is_date(left.type) and pa.types.is_string(right.type):
        return left, _date(right)
    if pa.types.is_date(right.type) and pa.types.is_string(left.type):
        return _date(left), right
    kinds = [pa.types.is_integer(side.type) or pa.types.is_floating(side.type) for side in (left, right)]
    if all(kinds):
        return pc.cast(left, pa.float64()), pc.cast(right, pa.float64())
    if {left.type, right.type} == {pa.bool_(), pa.int64()}:
        # SQL clients write a truth as 1 and 0.
        return pc.cast(left, pa.int64()), pc.cast(right, pa.int64())
    if left.type != right.type:
        raise bad_request(f"the filter compares {left.type} with {right.type}")
    return left, right


def _date(text: Any) -> Any:
    plain = text.as_py()
    return pa.scalar(
        dt.date.fromisoformat(f"{plain}-01" if len(plain) == 7 else plain.replace("/", "-")[:10])
    )
