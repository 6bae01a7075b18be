"""The page of the documentation that shows what was measured."""

from __future__ import annotations

from typing import Any

HEAD = """# Benchmarks

Made by `make reference` from `benchmarks/results.json`, which `audan bench` writes. A ratio says how many times better
than the peer in the same run, on the same machine; seconds and memory alone say more about the machine.
"""


def page(results: dict[str, Any]) -> str:
    """Return the page as Markdown."""
    return "\n".join([HEAD, *(_part(part) for part in results["parts"])])


def _part(part: dict[str, Any]) -> str:
    figures = part["figures"]
    shown = [
        ("what", "---", lambda figure: figure["name"]),
        ("measured", "--:", lambda figure: quantity(figure["value"], figure["unit"])),
    ]
    if any(figure["peak_mb"] is not None for figure in figures):
        shown.append(("peak memory", "--:", lambda figure: quantity(figure["peak_mb"], "MB")))
    if any(figure["peer"] for figure in figures):
        shown += [
            ("peer", "---", lambda figure: figure["peer"] or ""),
            ("peer measured", "--:", lambda figure: quantity(figure["peer_value"], figure["unit"])),
            ("ratio", "--:", lambda figure: ratio(figure["ratio"])),
        ]
    if any(figure["goal"] is not None for figure in figures):
        shown.append(("goal", "--:", goal))
    if any(figure["note"] for figure in figures):
        shown.append(("note", "---", lambda figure: figure["note"]))
    rows = [[cell(figure) for _, _, cell in shown] for figure in figures]
    table = [[name for name, _, _ in shown], [line for _, line, _ in shown], *rows]
    drawn = "\n".join(f"| {' | '.join(row)} |" for row in table)
    return f"## {part['title']}\n\n{part['note']}\n\n{drawn}\n\n{measured(part)}\n"


def measured(part: dict[str, Any]) -> str:
    """Return the line that says when and on what."""
    on = part["machine"]
    memory = f", {on['memory_gb']} GB" if on["memory_gb"] else ""
    busy = f"; {on['load']:g} processes wanted a processor when it began" if on["load"] is not None else ""
    libraries = ", ".join(f"{name} {version}" for name, version in on["libraries"].items())
    return (
        f"Measured {part['measured']}, audan {part['version']}, on {on['processors']} × {on['processor']}{memory}, "
        f"{on['system']}, Python {on['python']}, {libraries}{busy}."
    )


def quantity(value: float | None, unit: str) -> str:
    """Return a number with its unit, three digits that count.

    Examples
    --------
    >>> quantity(12345.6, "requests/s"), quantity(0.02345, "s"), quantity(None, "s")
    ('12,300 requests/s', '0.0234 s', '')
    """
    if value is None:
        return ""
    if value >= 100:
        digits = len(str(int(value)))
        return f"{round(value, 3 - digits):,.0f} {unit}"
    return f"{value:.3g} {unit}"


def ratio(value: float | None) -> str:
    """Return a ratio as people say it.

    Examples
    --------
    >>> ratio(12.34), ratio(None)
    ('12 ×', '')
    """
    if value is None:
        return ""
    return f"{value:,.0f} ×" if value >= 10 else f"{value:.2g} ×"


def sentence(figure: dict[str, Any]) -> str:
    """Return a figure as a line for a terminal."""
    unit = figure["unit"]
    parts = [f"{figure['name']}: {quantity(figure['value'], unit)}"]
    if figure["peak_mb"] is not None:
        parts.append(f"peak {quantity(figure['peak_mb'], 'MB')}")
    if figure["peer"] and figure["peer_value"] is None:
        parts.append(f"{figure['peer']}: {figure['note']}")
    elif figure["peer"]:
        parts.append(f"{ratio(figure['ratio'])} {figure['peer']} ({quantity(figure['peer_value'], unit)})")
    if figure["goal"] is not None:
        parts.append(goal(figure).replace("*", ""))
    return "; ".join(parts)


def goal(figure: dict[str, Any]) -> str:
    """Return the goal of a figure, and whether it was reached."""
    if figure["goal"] is None:
        return ""
    least = "at least" if figure["higher"] else "at most"
    return f"{least} {quantity(figure['goal'], figure['unit'])}: {'reached' if figure['reached'] else '**missed**'}"
