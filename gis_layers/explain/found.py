"""The story of a cluster and of a spread path, and those that a cell is part of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import UsageError, Where
from ..messages import render, retold
from ..readable import Readable
from ..times import label
from .plain import names_in, names_of, plain_value, short

TRACK = "incidents"
"""Kind of the paths whose steps go from incident to incident, mostly within a district."""

MOST = 10
"""Clusters, and paths, that the story of a cell names."""

_LAYERS = {"cluster": "clusters", "path": "spread_paths"}
_JSON = ("districts", "evidence")


def explain_found(edition: Readable, kind: str, name: str) -> dict[str, Any]:
    """Return the story of a cluster or a path, ready for JSON.

    Parameters
    ----------
    edition
        An edition of a release that holds `clusters` or `spread_paths`.
    kind
        ``cluster`` or ``path``.
    name
        Its name: the column `cluster` or `path`.

    Returns
    -------
    dict
        `area`, `kind`, `name`, `offence`, `rows` (the cluster's row, or every step of the path in order), `evidence`
        (why it is there and what would make it vanish) and `named` (names by code and language).

    Raises
    ------
    UsageError
        If the edition has no such layer, or the layer no such row.
    """
    layer = _LAYERS[kind]
    if layer not in edition.layer_ids:
        raise UsageError(f"this edition has no layer {layer!r}", remedy="use the analyst edition")
    frame = edition.read(layer)
    mine = frame[frame[kind] == name]
    if mine.empty:
        raise UsageError(
            f"there is no such {kind}",
            Where(value=name[:200]),
            remedy=f"the layer {layer!r} lists every {kind}",
        )
    mine = mine.sort_values("step") if kind == "path" else mine
    rows = [_plain(row) for _, row in mine.iterrows()]
    evidence = rows[0].pop("evidence")
    return {
        "area": {
            key: edition.catalogue["area"].get(key) for key in ("id", "name", "invented", "attribution")
        },
        "kind": kind,
        "name": name,
        "offence": rows[0]["offence"],
        "rows": [{key: value for key, value in row.items() if key != "evidence"} for row in rows],
        "evidence": evidence,
        "named": _named(edition),
    }


def found_text(story: Mapping[str, Any], lang: str = "en") -> str:
    """Tell the story of :func:`explain_found` in a language, a paragraph a subject."""

    def named(code: str) -> str:
        return names_in(story["named"].get(code, {}), lang, code)

    rows = story["rows"]
    track = rows[0].get("kind") == TRACK
    values = {story["kind"]: story["name"], "offence": named(story["offence"])}
    lines = [render(lang, "explain.track" if track else f"explain.{story['kind']}", values)]
    if track:
        span = {"n": len(rows), "first": rows[0]["first_month"], "last": rows[-1]["last_month"]}
        span["span"] = "month" if span["first"] == span["last"] else "months"
        lines.append(
            render(lang, "explain.track_way", {**span, "names": " → ".join(map(named, _way(rows))) or "—"})
        )
    elif story["kind"] == "cluster":
        listed = ", ".join(map(named, rows[0]["districts"]))
        lines.append(render(lang, "explain.cluster_districts", {"names": listed}))
    else:
        lines += [
            render(
                lang,
                "explain.path_step",
                {
                    "from": named(row["district_from"]),
                    "to": named(row["district_to"]),
                    "lag": row["lag_months"],
                    **{key: short(row[key]) for key in ("strength", "lower", "upper")},
                },
            )
            for row in rows
        ]
    told = retold(lang, story["evidence"], names=named)
    notes = [render(lang, "source.recorded")]
    if story["area"].get("invented"):
        notes.append(render(lang, "source.invented"))
    return "\n\n".join(["\n".join(lines), "\n".join(told), " ".join(notes)])


def part_of(
    edition: Readable, district: str, offence: str, month: np.datetime64
) -> dict[str, list[dict[str, Any]]]:
    """Return the clusters and paths that a cell is part of, the clearest first; of `all` the paths of any offence."""
    found: dict[str, list[dict[str, Any]]] = {"clusters": [], "paths": []}
    offences = None if offence == "all" else [offence]
    when = (label(month), label(month))
    if "clusters" in edition.layer_ids:
        frame = edition.read("clusters", months=when, offences=[offence])
        mine = (
            frame[[district in json.loads(listed) for listed in frame["districts"]]] if len(frame) else frame
        )
        found["clusters"] = _told(mine.sort_values("p_value"))
    if "spread_paths" in edition.layer_ids:
        frame = edition.read("spread_paths", months=when, offences=offences)
        mine = frame[(frame["district_from"] == district) | (frame["district_to"] == district)]
        ways = mine[mine["kind"] != TRACK].sort_values(["q_value", "path", "step"])
        found["paths"] = _told(pd.concat([ways, _tracks(mine[mine["kind"] == TRACK])]))
    return found


def part_text(story: Mapping[str, Any], lang: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """Tell what a cell is part of, a line each.

    Parameters
    ----------
    story
        What :func:`part_of` gave.
    names
        Names of districts and offences, by code and language.
    """

    def named(code: str) -> str:
        return names_in(names.get(code, {}), lang, code)

    lines = []
    for row in story.get("clusters", []):
        values = {key: row[key] for key in ("cluster", "count")} | _span(row)
        values |= {"offence": named(row["offence"]), "expected": short(row["expected"])}
        lines.append(render(lang, "explain.in_cluster", values))
    for row in story.get("paths", []):
        values = {"path": row["path"], "kind": row["kind"], "offence": named(row["offence"])} | _span(row)
        if row["kind"] == TRACK:
            lines.append(render(lang, "explain.on_track", values))
            continue
        values |= {"from": named(row["district_from"]), "to": named(row["district_to"])}
        lines.append(render(lang, "explain.on_path", values))
    return "\n".join(lines)


def _way(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the districts that steps go through, each as often as they come to it."""
    stops = [rows[0]["district_from"], *(row["district_to"] for row in rows)]
    return [str(code) for at, code in enumerate(stops) if code and (at == 0 or code != stops[at - 1])]


def _tracks(steps: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each track instead of one for each step, the newest first."""
    ends = steps.sort_values(["path", "step"]).groupby("path", sort=False)
    rows = ends.head(1).set_index("path")
    last = ends.tail(1).set_index("path")[["district_to", "last_month"]]
    rows = rows.assign(district_to=last["district_to"], last_month=last["last_month"]).reset_index()
    return rows.sort_values(["last_month", "path"], ascending=[False, True])[list(steps.columns)]


def _span(row: Mapping[str, Any]) -> dict[str, str]:
    return {"first": row["first_month"], "last": row["last_month"]}


def _told(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = [_plain(row) for _, row in frame.head(MOST).iterrows()]
    return [{key: value for key, value in row.items() if key != "evidence"} for row in rows]


def _plain(row: pd.Series) -> dict[str, Any]:
    """Return a row as values that JSON knows: months as YYYY-MM, lists as lists."""
    values = {str(name): plain_value(value) for name, value in row.items()}
    values |= {name: json.loads(values[name]) for name in _JSON if values.get(name)}
    return values | {name: str(values[name])[:7] for name in ("first_month", "last_month")}


def _named(edition: Readable) -> dict[str, dict[str, str]]:
    places = pd.DataFrame(edition.districts().drop(columns="geometry"))
    tables = {"district": places, "offence": edition.read("offences")}
    return {str(row[key]): names_of(row) for key, table in tables.items() for _, row in table.iterrows()}
