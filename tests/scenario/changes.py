"""What dynamics, structure and completeness find of what the demo planted, by size class, beside what is false."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from gis_layers.demo import Truth

OWN_FROM = 36
"""Month from which every series of the demo has an own half with its own season."""


@dataclass(frozen=True)
class Judged:
    """The three results of one demo, and what was planted in it."""

    dynamics: xr.Dataset
    structure: xr.Dataset
    completeness: xr.Dataset
    kinds: list[str]
    truth: Truth


def cells(found: Judged) -> pd.DataFrame:
    """Return the planted cells with their rows: `offence_at`, `month_at`, `district_at`; -1 is every offence."""
    frame = found.truth.frame()
    rows = {str(code): at for at, code in enumerate(found.dynamics["offence"].values)}
    places = {str(code): at for at, code in enumerate(found.dynamics["district"].values)}
    months = found.dynamics["month"].values.astype("datetime64[M]")
    return frame.assign(
        offence_at=[rows.get(str(code), -1) for code in frame["offence"]],
        month_at=np.searchsorted(months, np.array(frame["month"], dtype="datetime64[M]")),
        district_at=[places[str(code)] for code in frame["district"]],
    )


def signals_found(found: Judged, kind: str) -> pd.DataFrame:
    """Return, by size class, how many planted events have the signal in one of their months, and in theory could."""
    signal = {"outbreak": "outbreak", "fall": "fall"}[kind]
    code = found.dynamics["signal"].attrs["categories"].index(signal)
    planted = cells(found)
    planted = planted[(planted["kind"] == kind) & (planted["month_at"] >= OWN_FROM)]
    at = tuple(planted[f"{name}_at"].to_numpy() for name in ("offence", "month", "district"))
    tail = "p_rise" if kind == "outbreak" else "p_fall"
    planted = planted.assign(
        found=found.dynamics["signal"].values[at] == code,
        sharp=found.dynamics[tail].values[at] <= 0.001,
        size=np.where(planted["decoy"].notna(), planted["decoy"], planted["class"]),
    )
    events = planted.groupby(["size", "event"])[["found", "sharp"]].any()
    events["power"] = planted.groupby(["size", "event"])["power"].mean()
    table = events.groupby("size").mean()
    return table.assign(events=events.groupby("size").size())


def clean_leaves(found: Judged) -> np.ndarray:
    """Say which cells of leaves hold nothing that was planted, from the months on that have an own half."""
    leaf = np.array([kind in ("leaf", "other") for kind in found.kinds])
    clean = np.broadcast_to(leaf[:, None, None], found.dynamics["signal"].shape).copy()
    touched = found.truth.touched()
    at = tuple(
        pd.Index(found.dynamics[axis].values).get_indexer(touched.get_level_values(axis))
        for axis in ("offence", "month", "district")
    )
    clean[at] = False
    clean[:, :OWN_FROM] = False
    return clean


def false_signals(found: Judged) -> pd.Series:
    """Return false outbreaks and falls of leaves a month, where nothing was planted in the cell."""
    signal, clean = found.dynamics["signal"], clean_leaves(found)
    months = signal.shape[1] - OWN_FROM
    told = signal.attrs["categories"]
    judged = np.isin(
        signal.values, [told.index(name) for name in ("outbreak", "fall", "norm", "norm_rise_only")]
    )
    return pd.Series(
        {
            **{
                name: float((clean & (signal.values == told.index(name))).sum() / months) for name in told[:2]
            },
            "judged cells": float((clean & judged).sum() / months),
        }
    )


def evidence_found(found: Judged) -> pd.DataFrame:
    """Return, by planted trace, the events told as falls and how many of each test hold among them."""
    evidence, signal = found.dynamics["evidence"], found.dynamics["signal"]
    texts, fall = evidence.attrs["categories"], signal.attrs["categories"].index("fall")
    rows: dict[str, dict[str, int]] = {}
    planted = cells(found)
    for event in found.truth.events:
        if event["kind"] != "fall":
            continue
        mine = planted[planted["event"] == event["id"]]
        at = list(mine[["offence_at", "month_at", "district_at"]].itertuples(index=False, name=None))
        at.append((at[-1][0], min(at[-1][1] + 1, signal.shape[1] - 1), at[-1][2]))
        holds = {
            item["code"].removeprefix("evidence.")
            for cell in at
            if evidence.values[cell] >= 0
            for item in json.loads(texts[evidence.values[cell]])
            if item["values"].get("holds") == "yes"
        }
        row = rows.setdefault(
            event["evidence"] or event["decoy"] or event["class"], {"events": 0, "falls": 0}
        )
        row["events"] += 1
        row["falls"] += any(signal.values[cell] == fall for cell in at)
        for name in holds:
            row[name] = row.get(name, 0) + 1
    return pd.DataFrame(rows).T.fillna(0).astype(int)


def mixes_found(found: Judged) -> pd.DataFrame:
    """Return, by size class, how many shifted mixes have p ≤ .001 in a month, and the false a month."""
    p = found.structure["p_value"].sel(offence="all").values
    planted = cells(found)
    mine = planted[(planted["kind"] == "mix") & planted["decoy"].isna()]
    hits = mine.assign(found=p[mine["month_at"], mine["district_at"]] <= 0.001)
    table = (
        hits.groupby(["class", "event"])["found"].any().groupby("class").agg(["mean", "size"]).astype(float)
    )
    moved = planted[~planted["kind"].isin(["completeness", "profile", "near_repeat"])]
    clean = ~np.isnan(p)
    clean[moved["month_at"], moved["district_at"]] = False
    clean[:24] = False
    table.loc["false a month"] = [(clean & (p <= 0.001)).sum() / (len(p) - 24), clean.sum() / (len(p) - 24)]
    return table.rename(columns={"mean": "found", "size": "events"})


def empty_found(found: Judged) -> pd.DataFrame:
    """Return, by size class, how many districts with empty cards are low, and the false ones a month."""
    signal = found.completeness["signal"]
    low = signal.values == signal.attrs["categories"].index("low")
    names = found.completeness["attribute"].values.tolist()
    touched = np.zeros(low.shape, dtype=bool)
    planted = cells(found)
    rows = []
    for event in found.truth.events:
        mine = planted[planted["event"] == event["id"]]
        if event["kind"] == "completeness":
            at = (
                names.index(event["detail"]["attribute"]),
                mine["month_at"].to_numpy(),
                mine["district_at"].to_numpy(),
            )
            rows.append((event["class"], bool(low[at].any())))
            touched[at] = True
        elif event["evidence"] == "completeness_drop" or event["kind"] == "profile":
            touched[:, mine["month_at"], mine["district_at"]] = True
    table = (
        pd.DataFrame(rows, columns=["class", "found"])
        .groupby("class")["found"]
        .agg(["mean", "size"])
        .astype(float)
    )
    judged = ~touched & np.isin(signal.values, [0, 1])
    months = low.shape[1]
    table.loc["false a month"] = [(low & ~touched).sum() / months, judged.sum() / months]
    return table.rename(columns={"mean": "found", "size": "events"})
