"""The catalogue of an edition: everything that a client needs to know before it asks for a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ..settings import AreaSettings
from ..times import label
from .legend import columns_with_legend, legend
from .model import INTERVAL, Layer
from .texts import known, texts


@dataclass(frozen=True)
class Absent:
    """A layer that is not there, and why.

    Parameters
    ----------
    id
        The layer.
    code, values
        The reason as a message of the message files.
    text
        The reason by language where the area file words it itself.
    """

    id: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[Any, str] | None = None

    def as_dict(self, languages: Sequence[str]) -> dict[str, Any]:
        """Return the entry of the catalogue."""
        said = dict(self.text) if self.text else texts(languages, self.code, self.values)
        return {"id": self.id, "reason": {"code": self.code, "values": dict(self.values)}, "text": said}


def area_entry(
    settings: AreaSettings,
    *,
    bbox: Sequence[float] | None = None,
    complete_until: str | None = None,
    breaks: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what the catalogue says about the area.

    Parameters
    ----------
    settings
        The area file.
    bbox
        West, south, east, north in degrees; None is filled in from the districts when the release is written.
    complete_until
        Last complete month as ``YYYY-MM``, if the data and not the area file decided it.
    breaks
        Where series may not be followed; see :func:`gis_layers.codes.break_lines`.
    """
    area = settings.area
    return {
        "id": area.id,
        "name": dict(area.name),
        "invented": area.invented,
        "attribution": area.attribution,
        "languages": list(area.languages),
        "bbox": None if bbox is None else [float(edge) for edge in bbox],
        "rate_per": area.rate_per,
        "period": area.period,
        "metric_crs": area.metric_crs,
        "complete_until": complete_until or area.complete_until,
        "breaks": [dict(one) for one in breaks],
    }


def catalogue(
    area: Mapping[str, Any],
    edition: str,
    created: datetime,
    layers: Sequence[Layer],
    absent: Sequence[Absent] = (),
) -> dict[str, Any]:
    """Describe an edition. It holds no release id: that is the name of the release's folder.

    Parameters
    ----------
    area
        From :func:`area_entry`.
    edition
        ``public`` or ``analyst``.
    created
        When the release was made; written as UTC with ``Z``.
    layers, absent
        What the edition holds, and what it cannot.
    """
    languages = list(area["languages"])
    described = dict(area)
    if described.get("bbox") is None:
        shapes = next(layer.frame for layer in layers if layer.id == "districts")
        described["bbox"] = [round(float(edge), 7) for edge in shapes.total_bounds]
    book = next((layer.frame["offence"] for layer in layers if layer.id == "offences"), ())
    rank = {str(code): place for place, code in enumerate(book)}
    return {
        "area": described,
        "edition": edition,
        "created": created.isoformat().replace("+00:00", "Z"),
        "layers": [_entry(layer, languages, described, rank, edition) for layer in layers],
        "absent": [one.as_dict(languages) for one in absent],
    }


def _months(layer: Layer) -> list[str]:
    """Return the months that a layer has rows of; of rows that last, every month from the first to the last."""
    columns = INTERVAL if layer.has_interval else ("month",) if "month" in layer.keys else ()
    if layer.judged is not None:
        ends = np.array([layer.judged.first_month, layer.judged.last_month], dtype="datetime64[M]")
    elif len(layer.frame) and columns:
        known = pd.concat([layer.frame[name].drop_duplicates() for name in columns])
        ends = np.unique(pd.to_datetime(known).to_numpy().astype("datetime64[M]"))
    else:
        return []
    months = np.arange(ends[0], ends[-1] + 1) if layer.has_interval else ends
    return [label(month) for month in months]


def _offences(layer: Layer) -> list[str]:
    if layer.judged is not None:
        return list(layer.judged.offences)
    if layer.id == "offences" or "offence" not in layer.frame.columns:
        return []
    return [str(code) for code in layer.frame["offence"].drop_duplicates()]


def _rasters(layer: Layer) -> list[dict[str, Any]]:
    """Return the rows of a layer of rasters, months as YYYY-MM: few, and a map must know them to ask for one."""
    rows = layer.frame.assign(month=pd.to_datetime(layer.frame["month"]).dt.strftime("%Y-%m"))
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _entry(
    layer: Layer, languages: Sequence[str], area: Mapping[str, Any], rank: Mapping[str, int], edition: str
) -> dict[str, Any]:
    offences = sorted(_offences(layer), key=lambda code: rank.get(code, len(rank)))
    legends = {
        column: legend(layer, column, languages, edition=edition) for column in columns_with_legend(layer)
    }
    drawn = {column: [one.as_dict() for one in classes] for column, classes in legends.items() if classes}
    default = layer.default_column if layer.default_column in drawn else next(iter(drawn), None)
    values = {"rate_per": area["rate_per"]}
    told = f"layer.{layer.id}.description"
    public = f"{told}_public"
    attributes = sorted(set(layer.frame["attribute"])) if "attribute" in layer.keys else []
    return {
        "id": layer.id,
        "title": texts(languages, f"layer.{layer.id}.title", values),
        "description": texts(languages, public if edition == "public" and known(public) else told, values),
        "geometry": layer.geometry,
        **({"own_shapes": True} if layer.has_own_shapes else {}),
        **({"rasters": _rasters(layer)} if layer.geometry == "raster" else {}),
        **({"interval": list(INTERVAL)} if layer.has_interval else {}),
        "keys": list(layer.keys),
        "columns": [column.as_dict() for column in layer.columns],
        "period": layer.period,
        "months": _months(layer),
        "offences": offences,
        **({"attributes": [str(name) for name in attributes]} if attributes else {}),
        "default_column": default,
        "classes": drawn.get(default or "", []),
        "legends": drawn,
        "rows": len(layer.frame),
    }
