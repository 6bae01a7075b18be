"""The report of an evaluation as one page: tables and plots, readable without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .plots import bars, lines

NAMES = {
    "ours": "this norm",
    "truth": "true mean and dispersion (the bound)",
    "surveillance": "R surveillance, Noufaily",
    "seasonal_naive": "seasonal-naive",
    "farrington": "Farrington–Noufaily",
}

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.6rem 0 1.4rem;font-size:13px}
th,td{border-bottom:1px solid #ddd;padding:.2rem .6rem;text-align:right}
th:first-child,td:first-child{text-align:left}
svg{max-width:36rem;display:block;margin:.4rem 0 1.2rem;font:12px system-ui,sans-serif}
details{margin:.4rem 0 1.2rem}
"""


def page(results: Mapping[str, Any]) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    results
        As :func:`gis_layers.evaluate.evaluate` returns them.
    """
    parts = [
        f"<h1>Evaluation</h1><p>audan {escape(str(results['version']))}, method {results['method']}. "
        "What each figure means stands in <code>docs/methods/evaluation.md</code>.</p>"
    ]
    for part, title in (("weekly", "42 invented series by week"), ("monthly", "42 invented series by month")):
        if part in results:
            parts.append(_invented(title, results[part]))
    if "calibration" in results:
        parts.append(_calibration(results["calibration"]))
    if "walk_forward" in results:
        parts.append(_walk_forward(results["walk_forward"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Audan: evaluation</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _invented(title: str, table: Mapping[str, Any]) -> str:
    detectors = table["detectors"]
    falls = bool(table["kept"])
    sizes, kept = [f"{size:g}" for size in table["sizes"]], [f"{share:g}" for share in table["kept"]]
    head = ["detector", "runs", "false rises", "(worst)"] + [f"k = {size}" for size in sizes]
    if falls:
        head += ["false falls", "(worst)"] + [f"−{1 - float(share):.0%}" for share in kept]
    rows = []
    for name, of in detectors.items():
        row = [NAMES[name], str(of["runs"]), _rate(of["false_rises"]), _rate(of["false_rises_worst"])]
        row += [_share(of["found_outbreaks"][size]) for size in sizes]
        if falls:
            row += [_rate(of.get("false_falls")), _rate(of.get("false_falls_worst"))]
            row += [_share(of["found_falls"][share]) for share in kept]
        rows.append(row)
    plots = lines(
        sizes, {NAMES[name]: [of["found_outbreaks"][size] for size in sizes] for name, of in detectors.items()},
        title="Share of outbreaks found", across="size of the outbreak, in standard deviations", top=1.0,
    )  # fmt: skip
    worst = lines(
        [str(place + 1) if place % 6 == 0 else "" for place in range(42)],
        {NAMES[name]: [row["false_rises"] for row in of["scenarios"]] for name, of in detectors.items()},
        title="False positive rate by scenario", across="scenario", marks={"α": table["alpha"]},
    )  # fmt: skip
    detail_head = [
        "scenario",
        "false rises",
        *(["false falls"] if falls else []),
        *(f"k = {size}" for size in sizes),
    ]
    detail = [
        [
            f"{row['scenario']}. {row['name']}", _rate(row["false_rises"]),
            *([_rate(row["false_falls"])] if falls else []), *(_share(row["found_outbreaks"][size]) for size in sizes),
        ]
        for row in detectors["ours"]["scenarios"]
    ]  # fmt: skip
    return (
        f"<h2>{escape(title)}</h2><p>α {table['alpha']:g}, {table['runs']} runs of each scenario, "
        f"seed {table['seed']}; nothing is gated.</p>{_table(head, rows)}{plots}{worst}"
        f"<details><summary>By scenario</summary>{_table(detail_head, detail)}</details>"
    )


def _calibration(table: Mapping[str, Any]) -> str:
    parts = [
        "<h2>False alarms on clean counts of the demo</h2>"
        f"<p>{table['worlds']} worlds, seed {table['seed']}; {table['all']['cells']:,} cells, nothing planted.</p>"
    ]
    cuts = list(table["all"]["rises"])
    head = ["class", "cells", *(f"rises ≤ {cut}" for cut in cuts), *(f"falls ≤ {cut}" for cut in cuts)]

    def row(name: str, of: Mapping[str, Any]) -> list[str]:
        return [
            name,
            f"{of['cells']:,}",
            *(_rate(of[side][cut]) for side in ("rises", "falls") for cut in cuts),
        ]

    for key, title in (
        ("by_cards", "Cards a month of the series"),
        ("by_residents", "Residents of the district"),
    ):
        classes = table[key]
        parts.append(f"<h3>{title}</h3>")
        parts.append(
            _table(head, [row(name, of) for name, of in classes.items()] + [row("all", table["all"])])
        )
        parts += [
            lines(
                list(classes), {"rises": [of["rises"][cut] for of in classes.values()],
                                "falls": [of["falls"][cut] for of in classes.values()]},
                title=f"Share of p ≤ {cut}", across=title.lower(), marks={f"{cut}": float(cut)},
            )
            for cut in cuts[:2]
        ]  # fmt: skip
    return "".join(parts)


def _walk_forward(table: Mapping[str, Any]) -> str:
    span = f"{table['months'][0]} to {table['months'][-1]}" if table["months"] else "no month"
    parts = [f"<h2>Walk-forward: {escape(table['area'])}</h2><p>One step ahead, {span}"]
    for key, what in (("without", "without the months"), ("left_out", "without the offences")):
        if table[key]:
            parts.append(f", {what} {escape(', '.join(table[key]))}")
    parts.append(". CRPS is over the cells that every forecast has; less is better.</p>")
    head = ["", "cells", "50 %", "80 %", "95 %", "M ≥ 3", "count / expected", "width of 80 %", "CRPS"]

    def row(name: str, of: Mapping[str, Any]) -> list[str]:
        covered = [f"{100 * of['coverage'][share]:.1f}" for share in ("50", "80", "95")]
        crps = "" if of["crps"] is None else f"{of['crps']:.3f}"
        return [
            name, f"{of['cells']:,}", *covered, _rate(of["share_magnitude_3"]), f"{of['bias']:.3f}",
            f"{of['width_80']:.1f}", crps,
        ]  # fmt: skip

    for title, forecasts in table["kinds"].items():
        parts.append(f"<h3>District × {title}</h3>")
        rows = []
        for name, of in forecasts.items():
            rows.append(row(NAMES[name], of["all"]))
            if of["expected_17"]:
                rows.append(row(f"{NAMES[name]}, E ≥ 17", of["expected_17"]))
        parts.append(_table(head, rows))
        for name, of in forecasts.items():
            drawn = bars(
                of["ranks"], title=f"Ranks, {NAMES[name]}", across=f"randomised rank, {NAMES[name]}",
                mark=sum(of["ranks"]) / len(of["ranks"]),
            )  # fmt: skip
            tables = [
                _table(
                    ["by year" if key == "by_year" else "by expected count", *head[1:]],
                    [row(*one) for one in of[key].items()],
                )
                for key in ("by_year", "by_size")
            ]
            inside = "".join(tables) + drawn
            opened = " open" if name == "ours" else ""
            parts.append(
                f"<details{opened}><summary>{escape(NAMES[name])}, by year and size</summary>{inside}</details>"
            )
    return "".join(parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _share(value: float) -> str:
    return f"{value:.3f}"
