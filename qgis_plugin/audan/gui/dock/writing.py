"""How the dock writes months, figures and sentences in the window's language."""

from html import escape
from typing import Optional

from ...core.models import LayerInfo
from ...core.ranking import Row
from ...core.words import capital, language, say
from ...core.writing import DASH, month_name, number


def month_text(month: str, period: Optional[str], bare: bool = False) -> str:
    """Return a month in words, as it stands at the beginning of a sentence, or `bare` in a list of months."""
    return capital(month_name(month, period, bare=bare))


def day_text(day: str) -> str:
    """Return a day YYYY-MM-DD as the language writes it in figures."""
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}" if language() != "en" else day


def amount(value: Optional[float]) -> str:
    """Return an expected count: with a decimal while it is small."""
    if value is None:
        return DASH
    return number(value, 0 if value >= 1000 or float(value).is_integer() else 1)


def share(value: Optional[float], signed: bool = False) -> str:
    """Return a share in per cent."""
    if value is None:
        return DASH
    plus = "+" if signed and value > 0 else ""
    digits = 0 if abs(value) >= 0.1 or value == 0 else 1
    return f"{plus}{number(100.0 * value, digits)}" + ("%" if language() == "en" else "\u00a0%")


def small(value: Optional[float]) -> str:
    """Return a probability; never as a bare zero."""
    if value is None:
        return DASH
    return f"< {number(0.0001, 4)}" if value < 0.0001 else number(value, 4 if value < 0.01 else 2)


def measure(layer: LayerInfo, row: Row) -> str:
    """Return what stands at the right of a row."""
    if layer.has("share_filled"):
        return share(row.measure)
    if layer.is_signalled and not layer.has("gi_star"):
        return share(row.measure, signed=True)
    return number(row.measure, 1)


def measured(layer: LayerInfo) -> str:
    """Return what the figures at the right are."""
    if layer.is_judged:
        return say("dock.magnitude")
    if layer.has("share_filled"):
        return say("dock.filled")
    if layer.has("gi_star"):
        return say("dock.gi_star")
    return say("dock.change") if layer.is_signalled else say("dock.imbalance")


def against(layer: LayerInfo, row: Row) -> str:
    """Return what a row is judged against."""
    if layer.has("share_filled"):
        return say("dock.peers_filled", share=share(row.expected))
    if layer.has("gi_star"):
        return say("dock.chance", q=small(row.q_value))
    if row.count is None and row.expected is None:
        return ""
    return say("dock.against", count=number(row.count), expected=amount(row.expected))


def sentences(text: str, headed: bool = False) -> str:
    """Return a story's paragraphs as rich text.

    Parameters
    ----------
    text
        What the server tells: paragraphs between empty lines, the first one its heading, the last one its caveat.
    headed
        Whether to keep the heading.
    """
    blocks = [block.split("\n") for block in text.strip().split("\n\n") if block.strip()]
    if not headed and len(blocks) > 1:
        blocks = blocks[1:]
    parts = []
    for place, lines in enumerate(blocks):
        written = [escape(line.strip()) for line in lines]
        if (headed and place == 0) or (len(lines) > 1 and lines[1].startswith(" ")):
            written[0] = f"<b>{written[0]}</b>"
        for at, line in enumerate(written):
            below = 3 if at < len(written) - 1 else 11
            indent = 6 * (len(lines[at]) - len(lines[at].lstrip(" ")))
            parts.append(f'<p style="margin:0 0 {below}px {indent}px">{line}</p>')
    return "".join(parts)
