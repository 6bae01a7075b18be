"""The models of an area file. Each setting is declared here, checked at birth, and computes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from .breaks import BreakSection
from .forms import ControlSection, FormSection, SumSection
from .kinds import (
    CODE,
    Code,
    DayOfYear,
    DayText,
    LocalPath,
    MonthText,
    Names,
    OneOrMore,
    Pattern,
    PeriodFormat,
    TimeFormat,
    Zone,
)
from .places import ClustersSection, DensitySection, SpreadSection
from .section import Section, TableSection

__all__ = ["CODE", "AreaSettings", "Section", "TableSection"]


class AreaSection(Section):
    """`[area]`: what the area is and how its figures are counted."""

    id: Code = Field(description="Short name of the area; a store belongs to one area.")
    name: Names = Field(description="Name by language.")
    invented: bool = Field(False, description="True marks every screen and export as invented.")
    attribution: str = Field(
        min_length=1, description="Who the figures are from, and their licence, as it must be shown."
    )
    languages: tuple[Literal["en", "ru", "kk"], ...] = Field(
        ("en", "ru", "kk"), min_length=1, description="Languages offered, first is the default."
    )
    metric_crs: str = Field(description="A projected CRS in metres for areas and distances, e.g. EPSG:27700.")
    time_zone: Zone = Field("UTC", description="IANA zone in which the months of the area begin.")
    period: Literal["month", "quarter", "year"] = Field("month", description="Finest period delivered.")
    count_by: Literal["registered", "committed"] = Field(
        "registered", description="Which date of a card decides its month."
    )
    complete_until: MonthText | None = Field(
        None,
        description="Last complete month; later rows are shown but not judged. Default: found from the data.",
    )
    absent_row: Literal["zero", "not_collected"] = Field(
        "not_collected", description="What a row that is missing from a table of counts means."
    )
    revision_months: int = Field(2, ge=0, le=24, description="Newest months that are still provisional.")
    rate_per: int = Field(
        10_000, gt=0, le=1_000_000_000, description="Rates are per this many residents and year."
    )
    no_exposure_reason: Names | None = Field(
        None, description="Why the area has no population, said in the catalogue in place of rates."
    )


class DistrictColumns(Section):
    """Columns of the polygon layer. A key `name_<lang>` or `parent_name_<lang>` adds a language."""

    model_config = ConfigDict(extra="allow", frozen=True)
    district: str
    name: str
    parent: str | None = None
    status: str | None = None
    valid_from: str | None = None

    @model_validator(mode="after")
    def _extra_names(self) -> DistrictColumns:
        for key, value in (self.model_extra or {}).items():
            if not re.fullmatch(r"(parent_)?name_(en|ru|kk)", key) or not isinstance(value, str):
                raise ValueError(f"unknown column {key!r}: name_<lang> and parent_name_<lang> may be added")
        return self


class AttributeTable(Section):
    """A further table of district attributes, joined by code (status, valid_from, names)."""

    path: LocalPath
    key: str = "district"
    columns: dict[str, str] = Field(min_length=1, description="district attribute = column of the table")


class DistrictsSection(Section):
    """`[districts]`: the polygons, any format that GDAL reads."""

    path: LocalPath
    layer: str | None = None
    crs: str | None = Field(None, description="CRS of a layer that carries none (or arbitrary units).")
    tolerance: float = Field(
        50.0, gt=0, description="Borders may be moved this far, in metres, to close gaps."
    )
    columns: DistrictColumns
    constants: dict[Literal["status", "parent", "valid_from"], str] = Field(default_factory=dict)
    attributes: AttributeTable | None = None
    crosswalk: LocalPath | None = Field(
        None, description="CSV old,new,valid_from,weight for changed boundaries."
    )
    aliases: LocalPath | None = Field(
        None, description="CSV alias,district: further names by which sources call a district."
    )
    visitors: tuple[Code, ...] = Field((), description="Districts with many visitors; `safety` says so.")


class PopulationColumns(Section):
    district: str
    period: str | None = Field(None, description="Column of the year or month, in a long table.")
    population: str | None = Field(None, description="Column of the number of residents, in a long table.")


class PopulationSection(TableSection):
    """`[[population]]`: residents by year or month, interpolated to months."""

    shape: Literal["long", "wide"] = "long"
    columns: PopulationColumns
    period_format: PeriodFormat = Field(
        "%Y", description="strptime format of the period (of the column names, if wide)."
    )
    reference: DayOfYear = Field("01-01", description="Day of the year that a year's figure is of.")
    day: DayText | None = Field(None, description="Day of which all figures are, in a table without periods.")
    match: Literal["code", "name"] = "code"


class CountColumns(Section):
    district: str
    offence: OneOrMore = Field(description="One column or several, whose values together name the offence.")
    period: str | None = Field(None, description="Column of the period, in a long table.")
    count: str | None = Field(None, description="Column of the count, in a long table.")


class CountsSection(TableSection):
    """`[[counts]]`: tables of counts, long or wide."""

    name: Code
    shape: Literal["long", "wide"] = "long"
    columns: CountColumns
    period_format: PeriodFormat = "%Y-%m"
    district_match: Literal["code", "name"] = "code"
    offence_match: Literal["code", "label"] = "code"
    separator: str = Field(" | ", description="Joins the values of several offence columns to one label.")


class CardColumns(Section):
    """Columns of a card. Either `district` or `x` and `y`; the point decides only where no district is given."""

    card: str | None = None
    district: str | None = None
    x: str | None = None
    y: str | None = None
    offence: OneOrMore
    severity: str | None = None
    committed: str | None = None
    registered: str | None = None
    attributes: dict[Code, str] = Field(
        default_factory=dict, description="attribute = column; kept for profiles and completeness"
    )

    outcome: Code | None = Field(
        None,
        description="The attribute that says how a case ended: `audan check` tells what is left empty by it.",
    )

    @model_validator(mode="after")
    def _enough(self) -> CardColumns:
        if self.outcome is not None and self.outcome not in self.attributes:
            raise ValueError("`outcome` is none of the attributes")
        if self.district is None and (self.x is None or self.y is None):
            raise ValueError("a card needs the column `district`, or both `x` and `y`")
        if self.committed is None and self.registered is None:
            raise ValueError("a card needs the column `committed` or `registered`")
        return self


class CardsSection(TableSection):
    """`[[cards]]`: one row an offence, read in chunks."""

    name: Code
    columns: CardColumns
    crs: str = Field("EPSG:4326", description="CRS of x and y.")
    times: Literal["local", "zoned"] = Field(
        "local",
        description="`local`: wall time, whatever zone a file claims; `zoned`: converted to the area's zone.",
    )
    time_format: TimeFormat = Field("ISO8601", description="strptime format of dates, or ISO8601.")
    district_match: Literal["code", "name"] = "code"
    offence_match: Literal["code", "label"] = "code"
    separator: str = "-"
    chunk_rows: int = Field(200_000, ge=1_000, le=10_000_000)


class CodebookSection(Section):
    """`[codebook]`: the offences and the crosswalk between criminal codes."""

    path: LocalPath = "codes.csv"
    crosswalk: LocalPath | None = None


class FactorsSection(TableSection):
    """`[[factors]]`: declared external factors by month."""

    name: Code
    period: str
    period_format: PeriodFormat = "%Y-%m"
    columns: dict[Code, str] = Field(min_length=1, description="factor = column")


class PeersSection(Section):
    """`[peers]`: how comparable districts are grouped."""

    groups: int = Field(14, ge=1, le=10_000)
    min_size: int = Field(8, ge=2, le=10_000)


class HarmSection(Section):
    """`[rating.harm]`: what an offence weighs in `harm`, the weighted excess. No index is built in."""

    weights: dict[Code, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="Weight of each severity of the codebook."
    )
    offences: dict[Code, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="Weight of single offences, which goes before their severity's."
    )
    source: Names = Field(description="Whose weights these are and in which unit, shown beside the figures.")


class RatingSection(Section):
    """`[rating]`: the cuts of STATISTICS.md, sections 0 to 3."""

    q: float = Field(0.05, gt=0, lt=1, description="False discovery rate of each family.")
    signal_count: int = Field(5, ge=1, le=1_000_000, description="A rise needs at least this many.")
    gate: float = Field(17.0, gt=0, description="`norm` needs this many expected (times the dispersion).")
    fall_gate: float = Field(37.0, gt=0, description="`norm` for falls needs this many expected.")
    standing_months: int = Field(3, ge=1, le=6)
    harm: HarmSection | None = Field(None, description="Weights of `harm`; without them it is null.")


class ThresholdSection(Section):
    """`[[dynamics.thresholds]]`: a value of an attribute that parts a graver offence from a lesser one."""

    attribute: Code = Field(description="Attribute of the cards that holds the value.")
    value: float = Field(gt=0, description="From here on it is the graver offence.")
    above: Code = Field(description="The graver offence.")
    below: Code = Field(description="The lesser offence, under the threshold.")
    share: float = Field(0.1, gt=0, lt=1, description="Just under the threshold is within this share of it.")


class DynamicsSection(Section):
    """`[dynamics]`: what the evidence on a fall looks at besides the counts."""

    lesser: dict[Code, tuple[Code, ...]] = Field(
        default_factory=dict, description="Lesser offences that a record of an offence may be turned into."
    )
    thresholds: tuple[ThresholdSection, ...] = ()


class QuarantineSection(Section):
    """`[quarantine]`: what may be refused without stopping the build."""

    expected: tuple[Pattern, ...] = Field((), description="Patterns `column=value`, * and ? allowed.")
    max_share: float = Field(0.02, ge=0, le=1)


class DisclosureSection(Section):
    """`[disclosure]`: whether small counts are protected in the public edition, and how."""

    counts: Literal["protected", "open"] = Field(
        "protected", description="`open` where the source itself publishes every count."
    )
    method: Literal["suppress", "round"] = Field(
        "suppress",
        description="`suppress` withholds small counts and what would tell them; `round` rounds every count at random "
        "to a multiple of 5, of sensitive offences of 10.",
    )


class MapSection(Section):
    """`[map]`: what the web map adds."""

    basemap: str | None = Field(
        None, pattern=r"^(https?:/)?/", description="Address of a MapLibre style to draw beneath."
    )


class AreaSettings(Section):
    """A whole area file."""

    area: AreaSection
    districts: DistrictsSection
    codebook: CodebookSection = CodebookSection()
    population: tuple[PopulationSection, ...] = ()
    counts: tuple[CountsSection, ...] = ()
    cards: tuple[CardsSection, ...] = ()
    factors: tuple[FactorsSection, ...] = ()
    forms: tuple[FormSection, ...] = ()
    sums: tuple[SumSection, ...] = ()
    controls: tuple[ControlSection, ...] = ()
    breaks: tuple[BreakSection, ...] = ()
    peers: PeersSection = PeersSection()
    proxies: tuple[CountsSection, ...] = Field(
        (), description="Counts of what no keeper of the records touches (calls, claims): evidence on falls."
    )
    rating: RatingSection = RatingSection()
    dynamics: DynamicsSection = DynamicsSection()
    density: DensitySection = DensitySection()
    clusters: ClustersSection = ClustersSection()
    spread: SpreadSection = SpreadSection()
    quarantine: QuarantineSection = QuarantineSection()
    disclosure: DisclosureSection = DisclosureSection()
    map: MapSection = MapSection()
    folder: Path = Field(exclude=True, description="Folder of the area file; set on loading.")

    @model_validator(mode="after")
    def _distinct_sources(self) -> AreaSettings:
        names = [
            *(c.name for c in self.counts),
            *(c.name for c in self.cards),
            *(f.name for f in self.factors),
            *(f.name for f in self.forms),
            *(c.name for c in self.controls),
            *(p.name for p in self.proxies),
        ]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"sources share a name: {sorted(repeated)}")
        return self

    def resolve(self, path: str) -> Path:
        """Return a path of the area file as an absolute one (relative ones start at its folder)."""
        return (self.folder / path).resolve()
