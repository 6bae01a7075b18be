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
    rows = rating[["district", "offence", "month", "magnitude", "level"]].astype(
        {"district": str, "offence": str}
    )
    rows = rows.assign(month=pd.to_datetime(rows["month"]))
    joined = planted.merge(rows, on=["district", "offence", "month"], how="left")
    found = (joined["magnitude"] >= cut).groupby(joined["class"])
    table = pd.DataFrame({"planted": found.size(), "found": found.sum()})
    table["share"] = table["found"] / table["planted"]
    table["power"] = joined.groupby("class")["power"].mean()
    table["d"] = joined.groupby("class")["d"].mean()
    return table


def clean_above(rating: pd.DataFrame, truth: Truth, cut: float = 3.0) -> float:
    """Return the share of judged leaf cells, touched by no plant, with more than this magnitude."""
    planted = truth.frame().dropna(subset=["offence"])
    touched = pd.MultiIndex.from_arrays(
        [planted["district"], planted["offence"], pd.to_datetime(planted["month"])]
    )
    leaves = rating[rating["offence"].astype(str).isin(set(planted["offence"])) & rating["magnitude"].notna()]
    keys = pd.MultiIndex.from_arrays(
        [leaves["district"].astype(str), leaves["offence"].astype(str), pd.to_datetime(leaves["month"])]
    )
    clean = ~keys.isin(touched)
    return float((leaves["magnitude"].to_numpy()[clean] > cut).mean())
