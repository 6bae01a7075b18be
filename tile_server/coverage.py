"""`/collections/density/coverage`: a raster as a Cloud-Optimized GeoTIFF, whole or by ranges of bytes."""

from __future__ import annotations

import numpy as np

from gis_layers.times import PERIOD_MONTHS

from .answers import Call
from .cache import Answer
from .collections import Collection
from .errors import bad_request, not_found
from .ogc.media import GEOTIFF
from .query import read_datetime
from .ranges import RANGED
from .values import one_offence


def coverage(call: Call) -> Answer:
    """Answer the raster of an offence, month and period: `all`, the newest and the longest by default."""
    collection = call.snapshot.collection(call.path["layer"])
    table = collection.table
    if table.meta["geometry"] != "raster":
        raise not_found(f"{collection.id} is no coverage")
    days = read_datetime(collection, call.params.get("datetime"))
    offence = one_offence(collection, call.params.get("offence"))
    blocks = collection.blocks(None if offence is None else [offence], days)
    if len(blocks) > 1 and days is not None and None not in days:
        raise bad_request("a coverage is of one month; datetime covers several")
    name = _of_period(collection, table.rows(blocks), call.params.get("period"))
    return Answer(
        call.snapshot.edition.raster(name),
        GEOTIFF,
        RANGED | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _of_period(
    collection: Collection, rows: np.ndarray[tuple[int], np.dtype[np.int64]], wanted: str | None
) -> str:
    """Return the newest file of a period among rows of one offence, newest first."""
    if wanted is not None and wanted not in PERIOD_MONTHS:
        raise bad_request(f"period {wanted[:32]!r} is none of {', '.join(PERIOD_MONTHS)}")
    names = collection.table.column("raster", rows).to_pylist()
    periods = collection.table.column("period", rows).to_pylist()
    by = dict(zip(reversed(periods), reversed(names), strict=True))
    found = max(by, key=lambda period: PERIOD_MONTHS[period], default=None) if wanted is None else wanted
    if found not in by:
        raise not_found(f"{collection.id} has no such raster; its items list those there are")
    return str(by[found])
