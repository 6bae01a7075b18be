"""Statistical forms, sums that must hold in them, and published figures that they are held against."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from .kinds import Code, LocalPaths
from .section import Section, TableSection

FormPeriod: TypeAlias = Annotated[str, Field(pattern=r"^(1[89]|2[01])\d\d(-(0[1-9]|1[0-2]))?$")]


class FormSection(Section):
    """`[[forms]]`: statistical forms as they are filled in, one workbook a district, their graphs numbered.

    The district stands in no cell: it is taken from the file's name, from the title among the workbook's
    properties, or from both, which then must agree.
    """

    name: Code
    path: LocalPaths = Field(description="File or glob, or a list of them: XLSX workbooks.")
    sheet: str = Field("R1", description="Sheet of the section that is counted.")
    graph: str = Field(
        "1", pattern=r"^\d{1,3}$", description="Number of the graph counted, as in the row `А Б 1 2 3`."
    )
    graph_label: str | None = Field(
        None, description="Words that the header of the graph must hold: forms of other years number anew."
    )
    period: FormPeriod = Field(description="Year or month that the figures are of; it stands in no cell.")
    file_name: str | None = Field(
        None, pattern=r"\{district\}", description="How files are named, for example `{district}.xlsx`."
    )
    title: str | None = Field(
        None, pattern=r"\{district\}", description="How workbooks are titled, `1-M {district} (Свод)`."
    )
    unlisted: Literal["in_total", "quarantine"] = Field(
        "in_total",
        description="Articles that the codebook lacks: part of their chapter's total, or quarantined.",
    )

    @model_validator(mode="after")
    def _names_its_district(self) -> FormSection:
        if self.file_name is None and self.title is None:
            raise ValueError("a form needs `file_name` or `title`, to know whose it is")
        return self


class SumSection(Section):
    """`[[sums]]`: figures that must add up in every district and period; `audan check` names those that do not."""

    total: Code
    parts: tuple[Code, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> SumSection:
        if self.total in self.parts or len(set(self.parts)) < len(self.parts):
            raise ValueError("the parts of a sum are different, and none of them is the total")
        return self


class ControlColumns(Section):
    district: str
    count: str = Field(description="Column of the published count.")
    part: str | None = Field(None, description="Column of a part of it, which cannot be more than it.")


class ControlSection(TableSection):
    """`[[controls]]`: a table published elsewhere, held against the figures that are counted here."""

    name: Code
    form: Code = Field(description="Name of the form that it was made from.")
    offence: Code = Field("all", description="Offence that its counts are of.")
    columns: ControlColumns
    match: Literal["code", "name"] = "name"
