"""Invented names: syllables that obey Kazakh vowel harmony, transliterated to Russian and Latin."""

from __future__ import annotations

import numpy as np

_BACK = (
    (
        "Та",
        "Мо",
        "Қы",
        "Ұл",
        "Жа",
        "Ор",
        "Ба",
        "Ды",
        "Ал",
        "Шо",
        "Са",
        "Қо",
        "Ма",
        "Бо",
        "На",
        "То",
        "Ры",
        "Ша",
    ),
    (
        "рын",
        "лан",
        "мыр",
        "ған",
        "дыр",
        "наш",
        "зақ",
        "лым",
        "ром",
        "сан",
        "тоң",
        "шыл",
        "бар",
        "ңыр",
        "жан",
        "дос",
    ),
    ("сай", "тау", "құм", "бұлақ", "арал", "орда", "қала", "тас", "жар", "", "", ""),
)
_FRONT = (
    ("Ке", "Өр", "Ер", "Не", "Тү", "Сі", "Бе", "Ше", "Мі", "Дү", "Жі", "Ел", "Те", "Лі", "Үс", "Гө"),
    (
        "лем",
        "нір",
        "мес",
        "рен",
        "бек",
        "тің",
        "сер",
        "дел",
        "зім",
        "шек",
        "кер",
        "мін",
        "леш",
        "гей",
        "тел",
        "рік",
    ),
    ("көл", "төбе", "кент", "бел", "өзек", "дала", "", "", ""),
)
_RU = str.maketrans("ӘәҒғҚқҢңӨөҰұҮүҺһІі", "АаГгКкНнОоУуУуХхИи")
_EN = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "gh", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "ng", "о": "o", "ө": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "kh", "һ": "h", "ш": "sh", "ы": "y", "і": "i",
}  # fmt: skip


def russian(kazakh: str) -> str:
    """Write a Kazakh name with the letters of Russian.

    Examples
    --------
    >>> russian("Қыңырсай")
    'Кынырсай'
    """
    return kazakh.translate(_RU)


def english(kazakh: str) -> str:
    """Write a Kazakh name with Latin letters.

    Examples
    --------
    >>> english("Шоғансай")
    'Shoghansai'
    """
    text = "".join(_EN.get(letter, letter) for letter in kazakh.lower())
    return text[:1].upper() + text[1:]


def invent(rng: np.random.Generator, n: int, *, taken: set[str] | None = None) -> list[str]:
    """Return n different Kazakh-looking names, none of which is in `taken` (which grows by them).

    Names differ also after transliteration, so that no two districts look the same in any language.
    """
    taken = set() if taken is None else taken
    found: list[str] = []
    while len(found) < n:
        first, middle, last = _BACK if rng.random() < 0.55 else _FRONT
        name = (
            first[rng.integers(len(first))]
            + middle[rng.integers(len(middle))]
            + last[rng.integers(len(last))]
        )
        key = english(name)
        if key not in taken and not any(name.lower().count(letter * 2) for letter in set(name.lower())):
            taken.add(key)
            found.append(name)
    return found
