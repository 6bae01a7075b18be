"""Breaks: days from which figures cannot be compared with those before, and spans that nothing is learnt from."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from .kinds import Code, Names
from .section import Section


def _a_start(text: str) -> str:
    try:
        dt.date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        raise ValueError("no such day: write it as YYYY-MM or YYYY-MM-DD") from None
    return text


BreakDate: TypeAlias = Annotated[
    str, Field(pattern=r"^(1[89]|2[01])\d\d-\d\d(-\d\d)?$"), AfterValidator(_a_start)
]


class BreakSection(Section):
    """`[[breaks]]`: a change that is not crime; its date or span, what it touches, and why.

    `level` starts a new level: months before are no history of months after, and the months of a span `from` to
    `to` are neither. `excluded` leaves a span out: nothing is learnt from it, and the level before it goes on
    after it. `boundaries` changes the ground: in a period that holds the day, counts and residents are of
    different ground, so districts named get no rate.
    """

    id: Code
    kind: Literal["level", "excluded", "boundaries"] = "level"
    offences: tuple[Code, ...] = Field(
        ("all",), min_length=1, description="Nodes; all below them are touched."
    )
    districts: tuple[Code, ...] = Field((), description="Districts touched; none named is every one.")
    start: BreakDate = Field(alias="from", description="First month or day of the new state, or of the span.")
    end: BreakDate | None = Field(
        None, alias="to", description="Last month of the span or of the transition."
    )
    name: Names = Field(description="What happened, in a few words, by language.")
    reason: Names | None = Field(None, description="More about it, by language.")

    @model_validator(mode="after")
    def _in_order(self) -> BreakSection:
        if self.end is not None and self.end[:7] < self.start[:7]:
            raise ValueError("`to` is before `from`")
        if self.kind == "excluded" and self.end is None:
            raise ValueError("a span that is excluded needs `to`")
        if self.kind == "boundaries" and (self.end is not None or not self.districts):
            raise ValueError("boundaries change on one day, in the districts named in `districts`")
        return self
