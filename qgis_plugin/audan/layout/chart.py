"""The chart of a district as a drawing of lines: recorded, expected, and the interval, month by month."""

import base64
import math
from collections.abc import Sequence
from html import escape
from typing import Optional

from ..core.words import say
from ..core.writing import number
from .facts import Facts
from .figures import month_mark
from .paper import FONT, GREY, INK, LEFT, Sheet

_BAND, _EXPECTED, _GRID = "#dbe5ee", "#4f7391", "#d9d9d9"
_DRAWN = ("count", "expected", "lower", "upper")
_LEFT, _RIGHT, _TOP, _BOTTOM = 80.0, 90.0, 22.0, 70.0
_TEXT = 23


def chart(facts: Facts, code: str, width: float, height: float) -> str:
    """Return the course of a district as an address of a picture that holds itself.

    Parameters
    ----------
    facts, code
        Figures, and whose.
    width, height
        Size in millimetres.

    Returns
    -------
    str
        ``base64:…`` of an SVG; empty if there are no figures.
    """
    story = facts.story
    if story is None or code not in story.districts or not story.months:
        return ""
    place = story.districts.index(code)
    # without a norm, as in an area without population, only what was recorded is drawn
    series = {
        name: [month[place] for month in story.columns[name]] if name in story.columns else []
        for name in _DRAWN
    }
    klass = facts.class_of_district(code)
    drawn = _draw(story.months, series, klass.colour if klass else INK, width * 10, height * 10)
    return _address(drawn)


def _draw(
    months: Sequence[str], series: dict[str, list[Optional[float]]], colour: str, width: float, height: float
) -> str:
    top, step = _scale(max((v for some in series.values() for v in some if v is not None), default=1.0))
    wide = (width - _LEFT - _RIGHT) / max(1, len(months) - 1)

    def x(at: int) -> float:
        return _LEFT + at * wide

    def y(value: float) -> float:
        return height - _BOTTOM - (height - _BOTTOM - _TOP) * value / top

    def path(values: Sequence[Optional[float]]) -> list[list[tuple[float, float]]]:
        runs: list[list[tuple[float, float]]] = [[]]
        for at, value in enumerate(values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((x(at), y(value)))
        return [run for run in runs if run]

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / 10:g}mm" height="{height / 10:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{FONT}" font-size="{_TEXT}">'
    ]
    level = 0.0
    while level <= top + step / 2:
        parts.append(_line([(_LEFT, y(level)), (width - _RIGHT, y(level))], _GRID, 2))
        parts.append(_text(number(level, 0 if step >= 1 else 1), _LEFT - 12, y(level) + 8, "end", GREY))
        level += step
    for at, month in enumerate(months):
        if month[5:7] in ("01", "04", "07", "10"):
            parts.append(_line([(x(at), y(0)), (x(at), y(0) + 8)], GREY, 2))
            parts.append(_text(month_mark(month), x(at), y(0) + 34, "middle", GREY))
        if month[5:7] == "01" or (at == 0 and month[5:7] < "10"):
            parts.append(_text(month[:4], x(at), y(0) + 62, "middle", INK))
    upper, lower = path(series["upper"]), path(series["lower"])
    for above, below in zip(upper, lower):
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in [*above, *reversed(below)])
        parts.append(f'<polygon points="{points}" fill="{_BAND}" stroke="none"/>')
    parts += [_line(run, _EXPECTED, 4, "14,9") for run in path(series["expected"])]
    parts += [_line(run, INK, 6) for run in path(series["count"])]
    last = series["count"][-1] if series["count"] else None
    if last is not None:
        at = (x(len(months) - 1), y(last))
        parts.append(
            f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="11" fill="{colour}" stroke="{INK}" stroke-width="4"/>'
        )
        parts.append(_text(number(last, 0), at[0] + 22, at[1] + 9, "start", INK, bold=True))
    return "".join([*parts, "</svg>"])


def _scale(highest: float) -> tuple[float, float]:
    """Return the top of an axis and the step of its lines, both round."""
    rough = max(highest, 1.0) / 3
    power: float = 10 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough)
    step = max(step, 1.0) if highest > 2 else step
    return step * math.ceil(max(highest, 1.0) / step), step


def _line(points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str = "") -> str:
    drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linejoin="round"{dashed}/>'
    )


def _text(text: str, x: float, y: float, anchor: str, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
    )


def put_key(sheet: Sheet, y: float, page: int) -> float:
    """Put the names of the lines of a chart on a page and return where they end."""
    drawings = {
        "recorded": _line([(0, 15), (60, 15)], INK, 6),
        "expected": _line([(0, 15), (60, 15)], _EXPECTED, 4, "14,9"),
        "interval": f'<rect x="0" y="4" width="60" height="22" fill="{_BAND}"/>',
    }
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="6mm" height="3mm" viewBox="0 0 60 30">'
    for at, (name, drawn) in enumerate(drawings.items()):
        x = LEFT + 50 * at
        sheet.picture(_address(f"{head}{drawn}</svg>"), x, y + 0.5, 6, 3, page)
        sheet.text(say(f"layout.key.{name}"), y, x=x + 8, width=42, size=8, colour=GREY, page=page)
    return y + 4


def _address(drawn: str) -> str:
    """Return the address of a picture that holds itself."""
    return "base64:" + base64.b64encode(drawn.encode()).decode()
