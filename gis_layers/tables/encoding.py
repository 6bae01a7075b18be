"""What a text file is made of: its encoding, whether it has blank lines, whether its quotes are in pairs."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, Where

_BLOCK = 1 << 22
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANK = re.compile(rb'\n[ \t,;|"]*\r?\n|\r[ \t,;|"]*\r')


def find_encoding(file: Path) -> str:
    """Return the encoding of a text file: by its mark, else strict UTF-8, else the likeliest.

    Raises
    ------
    InputError
        If no encoding fits.
    """
    with file.open("rb") as stream:
        head = stream.read(_BLOCK)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")()
        block = head
        try:
            while block:
                decoder.decode(block)
                block = stream.read(_BLOCK)
            decoder.decode(b"", final=True)
            return "utf-8"
        except UnicodeDecodeError as error:
            sample = (error.object[max(0, error.start - 200_000) : error.start + 200_000]) or head
    from charset_normalizer import from_bytes

    best = from_bytes(bytes(sample), cp_exclusion=["utf_16", "utf_32", "utf_7"]).best()
    if best is None:
        remedy = "set `encoding` of the source in the area file, or save the file in UTF-8"
        raise InputError("the encoding of the file cannot be told", Where(file=file), remedy=remedy)
    return best.encoding


@dataclass(frozen=True)
class Look:
    """What a first look at a file shows; both may be true where the file is sound.

    Parameters
    ----------
    blank_lines
        It may have lines with nothing but blanks and delimiters.
    odd_quotes
        Its double quotes may not be in pairs.
    """

    blank_lines: bool
    odd_quotes: bool


def look_through(file: Path, encoding: str) -> Look:
    """Look through a text file once, as bytes."""
    if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        return Look(blank_lines=True, odd_quotes=True)
    quotes, blank, tail = 0, False, b""
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            quotes += block.count(b'"')
            blank = blank or _BLANK.search(tail + block) is not None
            tail = block[-256:]
    return Look(blank, quotes % 2 == 1)
