"""Texts of servers where Qt guesses whether they are markup: they are shown as they are written."""

from html import escape


def plain(text: str) -> str:
    """Return a text for a tooltip or a label that may take it for markup.

    Examples
    --------
    >>> plain("North & South"), plain("<b>North</b>")
    ('North & South', '<qt>&lt;b&gt;North&lt;/b&gt;</qt>')
    """
    return f"<qt>{marked_up(text)}</qt>" if "<" in text else text


def marked_up(text: str) -> str:
    """Return a text as markup that shows it as it is written."""
    return escape(text).replace("\n", "<br>")
