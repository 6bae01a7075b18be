"""What a diagnosis says: a code and its values; sentences are made from the message files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from ..messages import render
from ..times import label

Kind: TypeAlias = Literal[
    "sums", "controls", "breaks", "duplicates", "dates", "heaping", "delay", "place", "crosswalk", "outcome"
]
Names: TypeAlias = Callable[[str], str]


def period_label(month: np.datetime64, period: str) -> str:
    """Return what a row covers as people write it: the year of a yearly one.

    Examples
    --------
    >>> period_label(np.datetime64("2022-01"), "year"), period_label(np.datetime64("2022-01"), "month")
    ('2022', '2022-01')
    """
    return label(month)[:4] if period == "year" else label(month)


@dataclass(frozen=True)
class Finding:
    """One thing that was found in the data.

    Parameters
    ----------
    kind
        What was looked at.
    code
        Key of the message files.
    values
        What the sentence is filled with, and more for machines.
    alarm
        True where people should look; False for what is as it should be, or was declared.
    """

    kind: Kind
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    alarm: bool = True

    def text(self, lang: str = "en", names: Names | None = None) -> str:
        """Return the sentence in a language.

        Examples
        --------
        >>> Finding("sums", "check.sums_hold", {"n": 3}, alarm=False).text()
        'All 3 sums that were checked hold.'
        """
        return render(lang, self.code, self.values, names=names)

    def as_dict(self, lang: str = "en", names: Names | None = None) -> dict[str, Any]:
        """Return the finding as plain values, with its sentence."""
        return {
            "kind": self.kind,
            "code": self.code,
            "alarm": self.alarm,
            "values": dict(self.values),
            "text": self.text(lang, names),
        }
