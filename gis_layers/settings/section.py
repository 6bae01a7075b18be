"""What the tables of an area file share: unknown keys are errors, values never change."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .kinds import Delimiter, Encoding, LocalPaths


class Section(BaseModel):
    """A table of the area file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class TableSection(Section):
    """What every table shares: where it is and how it is written."""

    path: LocalPaths = Field(
        description="File or glob, or a list of them; a later file replaces the same keys."
    )
    format: Literal["auto", "csv", "xlsx", "parquet", "ndjson", "ogr", "gpkg"] = Field(
        "auto",
        description="By the file's ending, or as named; `ogr` (or `gpkg`) is a GeoJSON, GeoPackage, FlatGeobuf "
        "or shapefile.",
    )
    sheet: str | None = None
    encoding: Encoding = "auto"
    delimiter: Delimiter = "auto"
    decimal: Literal[".", ","] = "."
