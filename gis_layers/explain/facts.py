"""The story of a cell as facts, read from an edition of a release."""

from __future__ import annotations

import json
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..messages import LANGUAGES
from ..times import label
from .changes import changes_of, mix_of
from .find import by_name, find_district, find_month, unknown
from .plain import plain_value

_TOLD = ("count", "expected", "lower", "upper", "rate", "magnitude", "level", "fired", "standing")
_YEAR = 12


class Edition(Protocol):
    """What of a release's edition the story is told from."""

    @property
    def catalogue(self) -> dict[str, Any]: ...

    @property
    def layer_ids(self) -> tuple[str, ...]: ...

    def districts(self) -> Any: ...

    def read(
        self, layer: str, months: Any = ..., offences: Any = ..., columns: Any = ...
    ) -> pd.DataFrame: ...


def explain(
    edition: Edition, district: str, offence: str = "all", month: str | None = None
) -> dict[str, Any]:
    """Return the story of one cell of the rating, ready for JSON.

    Parameters
    ----------
    edition
        An edition of a release that holds `rating`.
    district
        Code of the district, or its name in any language where that is unique.
    offence
        Code of the offence.
    month
        ``YYYY-MM``, a month of the rating; by default the newest judged one.

    Returns
    -------
    dict
        `area`, `edition`, `district`, `offence`, `month`, `cell` (every column of the row; null is None), `peers` (the
        group's rule and its members' figures), `history` (up to twelve months before), `parts` (the nodes right
        below, most unusual first), `reasons`, `dynamics` (signal, changes and evidence; None where the edition has no
        such row), `structure` (imbalance, share and the parts out of line; None likewise) and `named` (names of the
        offences that they mention).

    Raises
    ------
    UsageError
        If there is no such district, offence or month; the message names what comes near.
    """
    places = pd.DataFrame(edition.districts().drop(columns="geometry"))
    place = find_district(places, district)
    book = edition.read("offences")
    known = set(book["offence"])
    if offence not in known:
        raise unknown("offence", offence, by_name(book, "offence"))
    rows = edition.read("rating", offences=[offence])
    rows = rows.assign(month=rows["month"].to_numpy().astype("datetime64[M]"))
    chosen = find_month(rows, place["district"], month)
    at_month = rows[rows["month"] == chosen]
    own = rows[rows["district"] == place["district"]].sort_values("month")
    cell = _plain(own[own["month"] == chosen].iloc[0])
    before = own[(own["month"] < chosen) & (own["month"] >= chosen - _YEAR)]
    area = edition.catalogue["area"]
    reasons = json.loads(cell["reason"]) if cell.get("reason") else []
    changes = changes_of(edition, place["district"], offence, chosen)
    mix = mix_of(edition, place["district"], offence, chosen)
    told = [
        *(changes or {}).get("evidence", []),
        *({"values": part} for part in (mix or {}).get("parts", [])),
    ]
    return {
        "area": {
            key: area.get(key) for key in ("id", "name", "invented", "attribution", "rate_per", "period")
        },
        "edition": edition.catalogue.get("edition"),
        "district": {**_plain(place), "names": _names(place)},
        "offence": _offence(book, offence),
        "month": label(chosen),
        "cell": {**cell, "month": label(chosen)},
        "peers": _peers(edition, places, place, at_month),
        "history": [{"month": str(row["month"])[:7], **_told(row)} for _, row in before.iterrows()],
        "parts": _parts(edition, book, offence, place["district"], chosen),
        "reasons": reasons,
        "dynamics": changes,
        "structure": mix,
        "named": {
            code: _offence(book, code)["names"] for code in _mentioned([*reasons, *told]) if code in known
        },
    }


def _peers(
    edition: Edition, places: pd.DataFrame, place: pd.Series, at_month: pd.DataFrame
) -> dict[str, Any] | None:
    group = place.get("peer_group")
    if not isinstance(group, str) or not group:
        return None
    sentence: list[Any] = []
    if "peer_groups" in edition.layer_ids:
        table = edition.read("peer_groups")
        said = table.loc[table["peer_group"] == group, "sentence"]
        sentence = json.loads(said.iloc[0]) if len(said) else []
    members = places[(places["peer_group"] == group) & (places["district"] != place["district"])]
    figures = at_month.set_index("district")
    listed = []
    for _, member in members.iterrows():
        code = member["district"]
        told = _told(figures.loc[code]) if code in figures.index else {}
        listed.append({"district": code, "names": _names(member), **told})
    return {"peer_group": group, "sentence": sentence, "districts": listed}


def _parts(
    edition: Edition, book: pd.DataFrame, offence: str, district: str, month: np.datetime64
) -> list[dict[str, Any]]:
    below = book[book["parent"] == offence]
    if offence.startswith("severity-"):
        below = book[
            (book["severity"] == offence.removeprefix("severity-")) & book["kind"].isin(["leaf", "other"])
        ]
    if below.empty:
        return []
    rows = edition.read("rating", months=(month, month), offences=list(below["offence"]))
    rows = rows[rows["district"] == district].set_index("offence")
    parts = [
        {"offence": row["offence"], "names": _names(row), **_told(rows.loc[row["offence"]])}
        for _, row in below.iterrows()
        if row["offence"] in rows.index
    ]
    return sorted(parts, key=lambda part: -(part.get("magnitude") or 0.0))


def _offence(book: pd.DataFrame, code: str) -> dict[str, Any]:
    row = book[book["offence"] == code].iloc[0]
    return {"offence": code, "names": _names(row), "kind": row.get("kind")}


def _mentioned(reasons: list[dict[str, Any]]) -> list[str]:
    told = (part.get("values", {}).get("offence") for part in reasons)
    return [code for code in dict.fromkeys(told) if code]


def _told(row: pd.Series) -> dict[str, Any]:
    plain = _plain(row)
    return {name: plain[name] for name in _TOLD if name in plain}


def _names(row: pd.Series) -> dict[str, str]:
    found = {lang: row.get(f"name_{lang}") for lang in LANGUAGES}
    plain = row.get("name")
    if isinstance(plain, str):
        found = {lang: name if isinstance(name, str) else plain for lang, name in found.items()}
    return {lang: name for lang, name in found.items() if isinstance(name, str)}


def _plain(row: pd.Series) -> dict[str, Any]:
    """Return a row as values that JSON knows; null is None."""
    return {str(name): plain_value(value) for name, value in row.items()}
