"""What the rating finds of what the demo planted: counted per size class, beside the share of clean cells."""

from __future__ import annotations

import pandas as pd

from gis_layers.demo import Truth


def answered(rating: pd.DataFrame) -> pd.Series:
    """Return the share of district-months with an answer, by offence."""
    settled = rating[rating["level"].notna()]
    return (settled["level"] > 0).groupby(settled["offence"], observed=True).mean().rename("answered")


def outbreaks_found(rating: pd.DataFrame, truth: Truth, cut: float = 3.0) -> pd.DataFrame:
    """Return how many planted outbreaks stand on their own offence's row with at least this magnitude."""
    planted = truth.frame()
    planted = planted[(planted["kind"] == "outbreak") & planted["decoy"].isna()]
    planted = planted.assign(month=pd.to_datetime(planted["month"]))
    rows = rating[["district", "offence", "month", "magnitude", "level", "p_own", "fired"]].astype(
        {"district": str, "offence": str, "fired": object}
    )
    rows = rows.assign(month=pd.to_datetime(rows["month"]))
    joined = planted.merge(rows, on=["district", "offence", "month"], how="left")
    found = (joined["magnitude"] >= cut).groupby(joined["class"])
    table = pd.DataFrame({"planted": found.size(), "found": found.sum()})
    table["share"] = table["found"] / table["planted"]
    table["found_own"] = (joined["p_own"] <= 10.0**-cut).groupby(joined["class"]).sum()
    table["with_own"] = joined["p_own"].notna().groupby(joined["class"]).sum()
    table["share_own"] = table["found_own"] / table["with_own"]
    table["fired"] = joined["fired"].isin(["peers", "own", "both"]).groupby(joined["class"]).sum()
    table["fired_own"] = joined["fired"].isin(["own", "both"]).groupby(joined["class"]).sum()
    table["power"] = joined.groupby("class")["power"].mean()
    table["d"] = joined.groupby("class")["d"].mean()
    return table


def clean_own(rating: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Return how often p_own of leaf cells that no plant touched passes .001, .005 and .05, by size of the cell.

    The size is the mean count of the series over all months: `expected` of the rating is the peers'.
    """
    touched = truth.touched()
    leaves = rating[rating["offence"].astype(str).isin(set(touched.levels[1]))]
    keys = ["district", "offence"]
    leaves = leaves.astype(dict.fromkeys(keys, str)).assign(month=pd.to_datetime(leaves["month"]))
    leaves = leaves.assign(size=leaves.groupby(keys)["count"].transform("mean").astype(float))
    leaves = leaves[
        leaves["p_own"].notna() & ~pd.MultiIndex.from_frame(leaves[[*keys, "month"]]).isin(touched)
    ]
    size = pd.cut(leaves["size"], [0, 0.1, 0.3, 1, 3, 10, 30, 100, 1e6], right=False)
    p = leaves["p_own"]
    rates = {f"p <= {cut}": (p <= cut).groupby(size, observed=True).mean() for cut in (0.001, 0.005, 0.05)}
    table = pd.DataFrame({"cells": p.groupby(size, observed=True).size(), **rates})
    table.loc["all"] = [len(p), *((p <= cut).mean() for cut in (0.001, 0.005, 0.05))]
    return table


def clean_above(rating: pd.DataFrame, truth: Truth, cut: float = 3.0) -> float:
    """Return the share of judged leaf cells, touched by no plant, with more than this magnitude."""
    touched = truth.touched()
    leaves = rating[rating["offence"].astype(str).isin(set(touched.levels[1])) & rating["magnitude"].notna()]
    keys = pd.MultiIndex.from_arrays(
        [leaves["district"].astype(str), leaves["offence"].astype(str), pd.to_datetime(leaves["month"])]
    )
    clean = ~keys.isin(touched)
    return float((leaves["magnitude"].to_numpy()[clean] > cut).mean())
