"""The glyph files of our host: the letters of three languages, as MapLibre reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

LETTERS = "AaZz09ЖжЯяЁёӘәҒғҚқҢңӨөҰұҮүҺһІі–№"
BORDER, EDGE = 3, 192


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Read a protocol buffer's varints and byte strings."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            size = varint()
            yield key >> 3, data[at : at + size]
            at += size


def glyphs(folder: Path, letter: str) -> dict[int, int | bytes]:
    first = ord(letter) // 256 * 256
    stack = next(v for k, v in fields((folder / f"{first}-{first + 255}.pbf").read_bytes()) if k == 1)
    assert isinstance(stack, bytes)
    assert {k: v for k, v in fields(stack) if k in (1, 2)} == {
        1: folder.name.encode(),
        2: f"{first}-{first + 255}".encode(),
    }
    found = [dict(fields(v)) for k, v in fields(stack) if k == 3 and isinstance(v, bytes)]
    return next(glyph for glyph in found if glyph[1] == ord(letter))


@pytest.mark.parametrize("font", ["Noto Sans Regular", "Noto Sans Bold"])
def test_every_letter_has_ink_and_a_place(built: Path, font: str) -> None:
    for letter in LETTERS:
        glyph = glyphs(built / "glyphs" / font, letter)
        width, height, bitmap = glyph[3], glyph[4], glyph[2]
        assert isinstance(width, int)
        assert isinstance(height, int)
        assert isinstance(bitmap, bytes)
        assert len(bitmap) == (width + 2 * BORDER) * (height + 2 * BORDER)
        field = np.frombuffer(bitmap, dtype=np.uint8).reshape(height + 2 * BORDER, width + 2 * BORDER)
        assert (field >= EDGE).sum() > 5, f"{letter} has no ink"
        edge = np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])
        assert edge.max() < EDGE, f"{letter} is cut"
        assert glyph[7] >= width - 2, f"{letter} is wider than its step"


def test_capital_letters_stand_on_the_line(built: Path) -> None:
    glyph = glyphs(built / "glyphs" / "Noto Sans Regular", "Қ")
    plain = glyphs(built / "glyphs" / "Noto Sans Regular", "К")
    assert isinstance(plain[6], int)
    assert isinstance(plain[4], int)
    top = (plain[6] >> 1) ^ -(plain[6] & 1)
    # MapLibre counts `top` upwards from the ascender, which is 26 pixels above the line; capitals are 17.1 high.
    assert 26 + top == plain[4] == 18
    assert glyph[6] == plain[6]
    assert int(glyph[4]) > plain[4], "the descender of Қ is kept"
