"""A pygeoapi provider over a collection in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from pygeoapi.provider.base import BaseProvider, ProviderInvalidQueryError, ProviderItemNotFoundError

from ..collections import Collection
from ..errors import ApiError
from ..features import geojson_features
from ..places import CRS84
from ..query import read_items_query
from ..select import select
from .registry import source_of

_FIELDS: dict[str, dict[str, str]] = {
    "text": {"type": "string"},
    "json": {"type": "array"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}


def fields_of(collection: Collection, *, queryable: bool = False) -> dict[str, dict[str, str]]:
    """Return the columns as JSON Schema; `queryable` leaves out those that cannot be filtered by."""
    described = collection.table.meta["columns"]
    made = {}
    for column in described:
        if queryable and column["type"] == "json":
            continue
        made[column["name"]] = {**_FIELDS[column["type"]]}
    return made


class LayerProvider(BaseProvider):  # type: ignore[misc]
    """Answers pygeoapi from the release that the registry holds under `data`."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        source = source_of(provider_def["data"])
        self.collection = source.collections[provider_def["collection"]]
        # pygeoapi drops property filters silently unless the fields stand here after construction.
        self.get_fields()

    def get_fields(self) -> dict[str, dict[str, str]]:
        self._fields = fields_of(self.collection, queryable=True)
        return self._fields

    def query(
        self,
        offset: int = 0,
        limit: int = 100,
        resulttype: str = "results",
        bbox: list[float] | None = None,
        datetime_: str | None = None,
        properties: list[tuple[str, str]] | None = None,
        sortby: list[dict[str, str]] | None = None,
        select_properties: list[str] | None = None,
        skip_geometry: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        """Answer a query as a GeoJSON feature collection."""
        params = {"offset": str(offset), "limit": str(limit), **dict(properties or [])}
        if bbox:
            params["bbox"] = ",".join(map(str, bbox))
        if datetime_:
            params["datetime"] = datetime_
        if sortby:
            params["sortby"] = ",".join(part["order"] + part["property"] for part in sortby)
        if select_properties:
            params["properties"] = ",".join(select_properties)
        try:
            query = read_items_query(self.collection, params)
            page = select(self.collection, query)
        except ApiError as error:
            raise ProviderInvalidQueryError(error.description, user_msg=error.description) from None
        rows = page.rows if resulttype == "results" else page.rows[:0]
        features = [
            orjson.loads(text) for text in geojson_features(self.collection, rows, query.columns, CRS84)
        ]
        if skip_geometry:
            features = [feature | {"geometry": None} for feature in features]
        return {
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": page.matched,
            "numberReturned": len(features),
        }

    def get(self, identifier: str, **_: Any) -> dict[str, Any]:
        """Return one feature by its id."""
        row = self.collection.find(identifier)
        if row is None:
            raise ProviderItemNotFoundError(f"item {identifier} not found")
        types = tuple(self.collection.table.types)
        text = geojson_features(self.collection, np.array([row]), types, CRS84)[0]
        return dict(orjson.loads(text))
