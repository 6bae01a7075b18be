"""Small plots as SVG inside the page: lines with a legend, and bars. No library, no network, no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 560, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 150, 14, 44
COLOURS = ("#0b5394", "#c55a11", "#38761d", "#7f6000", "#741b47")


def lines(
    places: Sequence[str],
    curves: Mapping[str, Sequence[float | None]],
    *,
    title: str,
    across: str,
    top: float | None = None,
    marks: Mapping[str, float] | None = None,
) -> str:
    """Return a plot of curves over named places.

    Parameters
    ----------
    places
        Names along the bottom.
    curves
        Values by the name of the curve; None leaves a gap.
    title, across
        What is shown, and what runs along the bottom.
    top
        Upper end of the scale; None is the largest value. The lower end is 0.
    marks
        Level dashed lines by name.

    Examples
    --------
    >>> drawn = lines(["3", "5"], {"ours": [0.2, 0.5]}, title="found", across="k")
    >>> drawn.startswith("<svg"), drawn.count("<circle")
    (True, 2)
    """
    asked = dict(marks or {})
    highest = top or max(
        [value for curve in curves.values() for value in curve if value is not None] + list(asked.values()),
        default=1.0,
    )
    highest = highest or 1.0
    inner, tall = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(place: int) -> float:
        return _LEFT + inner * (place + 0.5) / max(len(places), 1)

    def y(value: float) -> float:
        return _TOP + tall * (1 - min(value / highest, 1.0))

    parts = _frame(title, across, highest, y)
    for place, name in enumerate(places):
        parts.append(_text(x(place), HEIGHT - _BOTTOM + 16, name, "middle"))
    for name, value in asked.items():
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#888" '
            'stroke-dasharray="4 3"/>'
        )
        parts.append(_text(WIDTH - _RIGHT + 6, y(value) + 4, name, "start"))
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        known = [(x(place), y(value)) for place, value in enumerate(curve) if value is not None]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in known)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in known]
        parts.append(
            f'<rect x="{WIDTH - _RIGHT + 10}" y="{_TOP + 18 * number + 2}" width="12" height="4" fill="{colour}"/>'
        )
        parts.append(_text(WIDTH - _RIGHT + 28, _TOP + 18 * number + 8, name, "start"))
    return _whole(parts, title)


def bars(values: Sequence[float], *, title: str, across: str, mark: float | None = None) -> str:
    """Return a plot of bars of equal width from 0 to 1, as of ranks.

    Examples
    --------
    >>> bars([1, 2, 3], title="ranks", across="rank").count("<rect")
    3
    """
    highest = max([*values, mark or 0.0, 1e-9]) * 1.05
    inner, tall = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def y(value: float) -> float:
        return _TOP + tall * (1 - value / highest)

    parts = _frame(title, across, highest, y)
    wide = inner / max(len(values), 1)
    for place, value in enumerate(values):
        parts.append(
            f'<rect x="{_LEFT + wide * place:.1f}" y="{y(value):.1f}" width="{wide - 1:.1f}" '
            f'height="{_TOP + tall - y(value):.1f}" fill="{COLOURS[0]}"/>'
        )
    for at in (0.0, 0.5, 1.0):
        parts.append(_text(_LEFT + inner * at, HEIGHT - _BOTTOM + 16, f"{at:g}", "middle"))
    if mark is not None:
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="#c55a11"/>'
        )
    return _whole(parts, title)


def _frame(title: str, across: str, highest: float, y: Callable[[float], float]) -> list[str]:
    parts = [f"<title>{escape(title)}</title>"]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = highest * share
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
        )
        parts.append(_text(_LEFT - 6, y(value) + 4, f"{value:.3g}", "end"))
    parts.append(_text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 8, across, "middle"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _whole(parts: list[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title, quote=True)}">{"".join(parts)}</svg>'
    )
