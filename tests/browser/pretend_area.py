"""A small pretended area: a warped grid of districts in eight regions, with counts drawn once from a seed."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from pretend_findings import items, layers
from shapely.geometry import LineString, Polygon, box, mapping
from shapely.ops import unary_union

ACROSS, UP = 12, 8
WEST, SOUTH, STEP = 60.0, 44.0, 1.0
HALF_WORLD = 20037508.342789244
MONTHS = [f"{year}-{month:02d}" for year in range(2021, 2025) for month in range(1, 13)][:44]
REGIONS = ["Ақжайық", "Бөкен", "Ғалымтау", "Көктөбе", "Қарағаш", "Өзенді", "Үшқұдық", "Һауа-Тау"]
LEVELS = [
    (0, "Too few to judge", "Слишком мало для вывода", "Қорытындыға тым аз", "#e3e1da"),
    (1, "As usual", "Как обычно", "Әдеттегідей", "#f3e9d2"),
    (2, "Slightly above", "Немного выше", "Сәл жоғары", "#f2c98f"),
    (3, "Above", "Выше", "Жоғары", "#e8955b"),
    (4, "Far above", "Намного выше", "Әлдеқайда жоғары", "#c5523c"),
    (5, "Extremely above", "Чрезвычайно выше", "Аса жоғары", "#7f1d2d"),
]
OFFENCES = {
    "all": ("", "root", "All offences", "Все правонарушения", "Барлық құқық бұзушылық"),
    "property": ("all", "category", "Property", "Против собственности", "Меншікке қарсы"),
    "theft": ("property", "leaf", "Theft", "Кража", "Ұрлық"),
    "robbery": ("property", "leaf", "Robbery", "Грабёж", "Тонау"),
    "violence": ("all", "category", "Violence", "Насилие", "Зорлық-зомбылық"),
    "assault": ("violence", "leaf", "Assault", "Нападение", "Шабуыл"),
    "severity-grave": ("all", "severity", "Grave", "Тяжкие", "Ауыр"),
}


def labels(en: str, ru: str, kk: str) -> dict[str, str]:
    return {"en": en, "ru": ru, "kk": kk}


def to_mercator(shape: Any) -> Any:
    def project(points: np.ndarray) -> np.ndarray:
        y = np.log(np.tan((90 + points[:, 1]) * math.pi / 360)) * HALF_WORLD / math.pi
        return np.column_stack([points[:, 0] * HALF_WORLD / 180, y])

    return shapely.transform(shape, project)


BREAKS = [
    {
        "id": "new-code",
        "kind": "level",
        "from": "2022-02",
        "to": None,
        "offences": None,
        "districts": None,
        "name": {"en": "New code <not markup>", "ru": "Новый кодекс", "kk": "Жаңа кодекс"},
        "reason": None,
    },
    {
        "id": "strike",
        "kind": "excluded",
        "from": "2021-08",
        "to": "2021-10",
        "offences": ["all"],
        "districts": None,
        "name": {"en": "Strike", "ru": "Забастовка", "kk": "Ереуіл"},
        "reason": None,
    },
    {
        "id": "elsewhere",
        "kind": "level",
        "from": "2022-01",
        "to": None,
        "offences": None,
        "districts": ["nowhere"],
        "name": {"en": "Elsewhere", "ru": "В другом месте", "kk": "Басқа жерде"},
        "reason": None,
    },
]


class Area:
    """The pretended area: a warped grid of districts in eight regions, with counts drawn once from a seed."""

    def __init__(self, edition: str) -> None:
        self.edition = edition
        rng = np.random.default_rng(7)
        self.codes = [f"{730000000 + 1000 * i}" for i in range(ACROSS * UP)]
        jitter = rng.uniform(-0.28, 0.28, (UP + 1, ACROSS + 1, 2))
        x, y = np.meshgrid(np.arange(ACROSS + 1.0), np.arange(UP + 1.0))
        nodes = np.stack(
            [WEST + STEP * (x + jitter[..., 0]), SOUTH + STEP * (y + jitter[..., 1]) * 0.8], axis=-1
        )
        cells = [(r, c) for r in range(UP) for c in range(ACROSS)]
        self.shapes = [
            Polygon([nodes[r, c], nodes[r, c + 1], nodes[r + 1, c + 1], nodes[r + 1, c]]) for r, c in cells
        ]
        self.region = [2 * (r // 2) + c // 6 for r, c in cells]
        size = len(self.codes)
        self.means = {code: rng.gamma(2.0, 9.0 if code == "all" else 2.5, size) + 0.2 for code in OFFENCES}
        self.counts: dict[str, np.ndarray] = {}
        self.magnitudes: dict[str, np.ndarray] = {}
        for code, mean in self.means.items():
            burst = np.where(
                rng.random((len(MONTHS), size)) < 0.04, rng.uniform(1.5, 3.5, (len(MONTHS), size)), 1.0
            )
            self.counts[code] = rng.poisson(mean * burst)
            excess = (self.counts[code] - mean) / np.sqrt(mean)
            self.magnitudes[code] = np.round(np.clip(excess, 0, None) ** 1.5 / 1.3, 2)

    def no_data(self, district: int) -> bool:
        return district == 5

    def cell(self, offence: str, month: int, district: int) -> dict[str, Any]:
        """Return the figures of one cell, as the layer `rating` holds them."""
        if self.no_data(district):
            return dict.fromkeys(
                ("count", "expected", "lower", "upper", "magnitude", "level", "standing", "provisional")
            )
        mean = float(self.means[offence][district])
        magnitude = float(self.magnitudes[offence][month, district])
        level = 0 if mean < 6 and magnitude < 3 else min(5, 1 + int(magnitude))
        spread = 1.96 * math.sqrt(mean)
        return {
            "count": int(self.counts[offence][month, district]),
            "expected": round(mean, 2),
            "lower": round(max(0.0, mean - spread), 2),
            "upper": round(mean + spread, 2),
            "magnitude": magnitude,
            "level": level,
            "standing": district in (17, 40) and level > 2,
            "provisional": month >= len(MONTHS) - 3,
        }

    def safety(self, month: int, district: int) -> dict[str, Any]:
        """Return the figures of one cell, as the layer `safety` holds them."""
        if self.no_data(district):
            return dict.fromkeys(("rate", "lower", "upper", "level"))
        rate = float(self.means["all"][district] * (1 + 0.1 * math.sin(month / 5)))
        return {
            "rate": round(rate, 1),
            "lower": round(rate * 0.8, 1),
            "upper": round(rate * 1.2, 1),
            "level": 0 if rate < 3 else 1 + min(4, int(rate / 9)),
        }

    @cached_property
    def catalogue(self) -> dict[str, Any]:
        columns = {
            "rating": [
                "district",
                "offence",
                "month",
                "count",
                "expected",
                "lower",
                "upper",
                "magnitude",
                "level",
                "standing",
                "provisional",
            ],
            "safety": [
                "district",
                "month",
                "level",
                "rate",
                "lower",
                "upper",
                "text_en",
                "text_ru",
                "text_kk",
            ],
        }
        titles = {
            "rating": labels(
                "Rating against similar districts",
                "Рейтинг среди сопоставимых районов",
                "Ұқсас аудандар арасындағы рейтинг",
            ),
            "safety": labels("Safety", "Безопасность", "Қауіпсіздік"),
        }

        def layer(name: str) -> dict[str, Any]:
            return {
                "id": name,
                "title": titles[name],
                "description": labels("What is not normal.", "Что необычно.", "Не әдеттен тыс."),
                "geometry": "polygon",
                "keys": [c for c in ("district", "offence", "month") if c in columns[name]],
                "columns": [
                    {"name": c, "type": "number", "unit": None, "description": c} for c in columns[name]
                ],
                "period": "month",
                "months": MONTHS,
                "offences": list(OFFENCES) if name == "rating" else [],
                "default_column": "level",
                "classes": [
                    {"value": v, "label": labels(*names), "colour": colour} for v, *names, colour in LEVELS
                ],
            }

        return {
            "release": "20241201T000000Z-0a1b2c3d",
            "edition": self.edition,
            "area": {
                "id": "pretended",
                "name": labels("Pretended republic", "Мнимая республика", "Ойдан шығарылған республика"),
                "invented": True,
                "attribution": "Invented by the tests <not markup>",
                "languages": ["en", "ru", "kk"],
                "bbox": list(unary_union(self.shapes).bounds),
                "rate_per": 10000,
                "period": "month",
                "complete_until": MONTHS[-2],
                "breaks": BREAKS,
            },
            "layers": [layer("rating"), layer("safety"), *self.findings],
            "absent": [
                {
                    "id": "density",
                    "text": labels(
                        "No density: cards carry no points.",
                        "Нет плотности: у карточек нет координат.",
                        "Тығыздық жоқ: карточкаларда нүкте жоқ.",
                    ),
                }
            ],
        }

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the catalogue says of clusters and paths, which the analysts have alone."""
        return layers(MONTHS) if self.edition == "analyst" else []

    def found(self, layer: str, offences: str | None) -> dict[str, Any]:
        return items(layer, self.codes, self.shapes, MONTHS, offences)

    def districts(self) -> dict[str, Any]:
        features = []
        for i, (code, shape) in enumerate(zip(self.codes, self.shapes, strict=True)):
            region = REGIONS[self.region[i]]
            name = f"{region.split('-')[0][:5]}ский {i + 1}"
            row = {
                "district": code,
                "name": name,
                "name_ru": name,
                "name_en": f"District {i + 1}",
                "name_kk": f"{region} {i + 1} ауданы",
                "parent": f"R{self.region[i]}",
                "parent_name_ru": region,
                "parent_name_kk": region,
                "parent_name_en": f"Region {self.region[i] + 1}",
                "status": "rural",
                "population": 20000 + 317 * i,
                "density": 3.4,
                "peer_group": "P1",
            }
            features.append({"type": "Feature", "id": code, "properties": row, "geometry": mapping(shape)})
        return {"type": "FeatureCollection", "features": features}

    def offences(self) -> dict[str, Any]:
        rows = [
            {
                "offence": code,
                "parent": parent,
                "kind": kind,
                "name": en,
                "name_en": en,
                "name_ru": ru,
                "name_kk": kk,
            }
            for code, (parent, kind, en, ru, kk) in OFFENCES.items()
        ]
        return {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": r, "geometry": None} for r in rows],
        }

    def values(self, layer: str, query: dict[str, str]) -> dict[str, Any]:
        first, _, last = query["datetime"].partition("/")
        months = [i for i, month in enumerate(MONTHS) if first <= month <= (last or first)]

        def cell(month: int, district: int) -> dict[str, Any]:
            return (
                self.cell(query["offence"], month, district)
                if layer == "rating"
                else self.safety(month, district)
            )

        return {
            "release": "r",
            "layer": layer,
            "offence": query.get("offence"),
            "period": "month",
            "months": [MONTHS[i] + "-01" for i in months],
            "districts": self.codes,
            "columns": {
                name: [[cell(m, d)[name] for d in range(len(self.codes))] for m in months]
                for name in query["properties"].split(",")
            },
        }

    def tile(self, z: int, row: int, column: int) -> bytes:
        side = 2 * HALF_WORLD / 2**z
        bounds = (
            column * side - HALF_WORLD,
            HALF_WORLD - (row + 1) * side,
            (column + 1) * side - HALF_WORLD,
            HALF_WORLD - row * side,
        )
        window = box(*bounds).buffer(side / 32, join_style="mitre")
        districts, borders = [], []
        for i, shape in enumerate(self.shapes):
            cut = to_mercator(shape).intersection(window)
            if not cut.is_empty:
                districts.append({"geometry": cut, "id": i + 1, "properties": {"district": self.codes[i]}})
        for region in range(len(REGIONS)):
            whole = unary_union([s for s, r in zip(self.shapes, self.region, strict=True) if r == region])
            cut = to_mercator(LineString(whole.exterior.coords)).intersection(window)
            if not cut.is_empty:
                borders.append({"geometry": cut, "properties": {"parent": f"R{region}"}})
        layers = [{"name": "districts", "features": districts}, {"name": "parents", "features": borders}]
        return bytes(
            mapbox_vector_tile.encode(layers, default_options={"quantize_bounds": bounds, "extents": 4096})
        )
