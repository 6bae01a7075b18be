"""The invented criminal code: every offence, its old number, volume, habits, and the files made from it.

The numbers are invented as the republic is. The code in force from 2020 has three-digit articles, the one before it
two-digit ones, so a number alone tells the two apart; old article 45 (drugs) became two, 151 and 152, by its parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NEW_CODE = np.datetime64("2020-01", "M")


@dataclass(frozen=True)
class Offence:
    """One leaf: article and part.

    `volume` is its share of all cards (they are normalised), `city` and `raion` how often it happens there per
    resident beside the mean, `season` the amplitude and month (0 is January) of its peak, `delay` the mean days from
    deed to registration, `damage` the median in thousand tolans (0: no damage is recorded), `victim` whether there is
    one, `solved` the share of cards with an offender.
    """

    code: str
    old: str | None
    parent: str
    severity: str
    name: tuple[str, str, str]
    volume: float
    city: float = 1.2
    raion: float = 0.8
    season: tuple[float, float] = (0.08, 7.0)
    delay: float = 4.0
    damage: float = 0.0
    victim: bool = True
    solved: float = 0.6
    reported: bool = True
    sensitive: bool = False
    safety: bool = False
    kind: str = "other"

    @property
    def article(self) -> str:
        return self.code.split("-")[0]

    @property
    def part(self) -> str:
        return self.code.split("-")[1]


CATEGORIES: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("stealing", ("Theft and robbery", "Кражи и грабежи", "Ұрлық және тонау")),
    ("fraud", ("Fraud and embezzlement", "Мошенничество и растрата", "Алаяқтық және иемдену")),
    ("violence", ("Violence against the person", "Насилие против личности", "Жеке адамға қарсы зорлық")),
    ("sexual", ("Sexual offences", "Половые преступления", "Жыныстық қылмыстар")),
    ("order", ("Public order and damage", "Общественный порядок и порча имущества", "Қоғамдық тәртіп және мүлікті бүлдіру")),
    ("drugs", ("Drugs", "Наркотики", "Есірткі")),
    ("traffic", ("Road traffic", "Дорожное движение", "Жол қозғалысы")),
    ("office", ("Office, documents and weapons", "Служба, документы и оружие", "Қызмет, құжаттар және қару")),
)  # fmt: skip
ALL = ("All offences", "Все правонарушения", "Барлық құқық бұзушылықтар")
MISDEMEANOUR, MINOR, MEDIUM, GRAVE, WORST = "misdemeanour", "minor", "medium", "grave", "especially_grave"
SEVERITIES: tuple[tuple[str, tuple[str, str, str]], ...] = (
    (MISDEMEANOUR, ("Criminal misdemeanours", "Уголовные проступки", "Қылмыстық теріс қылықтар")),
    (MINOR, ("Minor crimes", "Преступления небольшой тяжести", "Онша ауыр емес қылмыстар")),
    (MEDIUM, ("Crimes of medium gravity", "Преступления средней тяжести", "Ауырлығы орташа қылмыстар")),
    (GRAVE, ("Grave crimes", "Тяжкие преступления", "Ауыр қылмыстар")),
    (WORST, ("Especially grave crimes", "Особо тяжкие преступления", "Аса ауыр қылмыстар")),
)

OFFENCES: tuple[Offence, ...] = (
    Offence("101-1", "11-1", "violence", GRAVE, ("Murder", "Убийство", "Кісі өлтіру"), 0.25, 1.0, 1.0, (0.05, 6), 1, 0, True, 0.92, sensitive=True, safety=True, kind="violence"),
    Offence("101-2", "11-2", "violence", WORST, ("Aggravated murder", "Убийство при отягчающих", "Ауырлататын жағдайдағы кісі өлтіру"), 0.08, 1.0, 1.0, (0.05, 6), 1, 0, True, 0.9, sensitive=True, safety=True, kind="violence"),
    Offence("102-1", "12-1", "violence", GRAVE, ("Grievous bodily harm", "Тяжкий вред здоровью", "Денсаулыққа ауыр зиян"), 1.0, 1.05, 0.95, (0.12, 6), 2, 0, True, 0.85, safety=True, kind="violence"),
    Offence("103-1", "13-1", "violence", MEDIUM, ("Medium bodily harm", "Вред средней тяжести", "Орташа ауырлықтағы зиян"), 0.7, 1.1, 0.9, (0.12, 6), 5, 0, True, 0.8, safety=True, kind="violence"),
    Offence("104-1", "14-1", "violence", MISDEMEANOUR, ("Light bodily harm", "Лёгкий вред здоровью", "Жеңіл зиян"), 4.6, 1.1, 0.9, (0.14, 6), 5, 0, True, 0.75, safety=True, kind="violence"),
    Offence("105-1", "15-1", "violence", MISDEMEANOUR, ("Battery", "Побои", "Ұрып-соғу"), 6.4, 1.0, 1.0, (0.14, 6), 4, 0, True, 0.8, safety=True, kind="home"),
    Offence("106-1", "16-1", "violence", MINOR, ("Threat", "Угроза", "Қорқыту"), 1.0, 1.0, 1.0, (0.06, 5), 4, 0, True, 0.85, safety=True, kind="home"),
    Offence("111-1", "18-1", "sexual", GRAVE, ("Rape", "Изнасилование", "Зорлау"), 0.5, 1.1, 0.9, (0.15, 6), 12, 0, True, 0.8, sensitive=True, safety=True, kind="violence"),
    Offence("112-1", "19-1", "sexual", WORST, ("Sexual acts against a minor", "Половые преступления против малолетних", "Кәмелетке толмағандарға қарсы жыныстық қылмыс"), 0.2, 1.0, 1.0, (0.05, 6), 40, 0, True, 0.85, sensitive=True, kind="violence"),
    Offence("121-1", "21-1", "stealing", MINOR, ("Theft", "Кража", "Ұрлық"), 28.0, 1.3, 0.66, (0.10, 8), 4, 95, True, 0.45, safety=True, kind="theft"),
    Offence("121-2", "21-2", "stealing", MEDIUM, ("Burglary", "Кража с проникновением", "Үйге кіріп ұрлау"), 5.6, 1.15, 0.85, (0.12, 9), 5, 240, True, 0.4, safety=True, kind="burglary"),
    Offence("121-3", "21-3", "stealing", GRAVE, ("Theft on a large scale", "Кража в крупном размере", "Ірі мөлшердегі ұрлық"), 1.6, 1.2, 0.8, (0.08, 8), 6, 1900, True, 0.45, safety=True, kind="theft"),
    Offence("122-1", "22-1", "stealing", MISDEMEANOUR, ("Petty theft", "Мелкое хищение", "Ұсақ ұрлық"), 13.0, 1.4, 0.5, (0.08, 8), 3, 14, True, 0.6, kind="petty"),
    Offence("123-1", "23-1", "stealing", MEDIUM, ("Theft of livestock", "Скотокрадство", "Мал ұрлығы"), 1.6, 0.15, 1.9, (0.30, 9), 7, 420, True, 0.4, kind="livestock"),
    Offence("124-1", "24-1", "stealing", MEDIUM, ("Robbery", "Грабёж", "Тонау"), 1.15, 1.4, 0.5, (0.10, 8), 2, 60, True, 0.55, safety=True, kind="robbery"),
    Offence("124-2", "24-2", "stealing", GRAVE, ("Robbery with violence", "Грабёж с насилием", "Күш қолданып тонау"), 0.35, 1.4, 0.5, (0.10, 8), 2, 80, True, 0.55, safety=True, kind="robbery"),
    Offence("125-1", "25-1", "stealing", MEDIUM, ("Taking a vehicle", "Угон", "Көлікті айдап кету"), 0.8, 1.2, 0.75, (0.15, 8), 1, 600, True, 0.6, safety=True, kind="theft"),
    Offence("126-1", "26-1", "stealing", GRAVE, ("Armed robbery", "Разбой", "Қарақшылық"), 0.25, 1.4, 0.5, (0.08, 10), 1, 150, True, 0.65, safety=True, kind="robbery"),
    Offence("131-1", "31-1", "fraud", MEDIUM, ("Fraud", "Мошенничество", "Алаяқтық"), 9.5, 1.3, 0.6, (0.06, 3), 25, 380, True, 0.5, kind="fraud"),
    Offence("131-2", "31-2", "fraud", MEDIUM, ("Fraud over the internet", "Интернет-мошенничество", "Интернет-алаяқтық"), 5.5, 1.35, 0.55, (0.06, 11), 12, 210, True, 0.2, kind="online"),
    Offence("132-1", "32-1", "fraud", MEDIUM, ("Embezzlement", "Растрата", "Иемдену немесе талан-таражға салу"), 0.9, 1.1, 0.9, (0.05, 10), 60, 1500, False, 0.9, False, kind="office"),
    Offence("133-1", None, "fraud", MINOR, ("Intrusion into data", "Неправомерный доступ к данным", "Деректерге заңсыз кіру"), 0.5, 1.4, 0.5, (0.03, 2), 20, 120, True, 0.2, kind="online"),
    Offence("141-1", "41-1", "order", MINOR, ("Hooliganism", "Хулиганство", "Бұзақылық"), 3.4, 1.25, 0.7, (0.16, 6), 2, 0, True, 0.75, safety=True, kind="street"),
    Offence("141-2", "41-2", "order", MEDIUM, ("Aggravated hooliganism", "Хулиганство при отягчающих", "Ауырлататын жағдайдағы бұзақылық"), 0.8, 1.25, 0.7, (0.16, 6), 2, 0, True, 0.8, safety=True, kind="street"),
    Offence("142-1", "42-1", "order", MISDEMEANOUR, ("Vandalism", "Вандализм", "Тағылық"), 0.4, 1.4, 0.5, (0.12, 5), 4, 35, False, 0.35, kind="street"),
    Offence("143-1", "43-1", "order", MISDEMEANOUR, ("Damage to property", "Повреждение имущества", "Мүлікті бүлдіру"), 2.6, 1.2, 0.8, (0.10, 6), 4, 70, True, 0.45, kind="street"),
    Offence("144-1", "44-1", "order", MISDEMEANOUR, ("Insult", "Оскорбление", "Қорлау"), 0.4, 1.1, 0.9, (0.05, 5), 8, 0, True, 0.85, kind="street"),
    Offence("151-1", "45-1", "drugs", MINOR, ("Possession of drugs", "Хранение наркотиков", "Есірткіні сақтау"), 2.2, 1.2, 0.8, (0.18, 8), 0.6, 0, False, 0.98, False, kind="drugs"),
    Offence("152-1", "45-2", "drugs", GRAVE, ("Sale of drugs", "Сбыт наркотиков", "Есірткі сату"), 0.7, 1.3, 0.65, (0.10, 8), 0.6, 0, False, 0.95, False, kind="drugs"),
    Offence("161-1", "51-1", "traffic", MEDIUM, ("Traffic offence with injury", "ДТП с пострадавшими", "Жәбірленушісі бар жол оқиғасы"), 1.3, 1.0, 1.0, (0.20, 8), 6, 0, True, 0.95, kind="road"),
    Offence("161-2", "51-2", "traffic", MISDEMEANOUR, ("Drunk driving", "Управление в состоянии опьянения", "Мас күйде көлік жүргізу"), 2.2, 1.0, 1.0, (0.12, 6), 0.4, 0, False, 1.0, False, kind="road"),
    Offence("171-1", "61-1", "office", GRAVE, ("Bribery", "Взяточничество", "Парақорлық"), 0.6, 1.1, 0.9, (0.05, 4), 20, 300, False, 0.98, False, kind="office"),
    Offence("172-1", "62-1", "office", MINOR, ("Forgery", "Подделка документов", "Құжаттарды қолдан жасау"), 0.9, 1.2, 0.8, (0.04, 4), 20, 0, False, 0.7, False, kind="office"),
    Offence("173-1", "63-1", "office", MEDIUM, ("Illegal weapons", "Незаконный оборот оружия", "Қарудың заңсыз айналымы"), 0.6, 0.7, 1.3, (0.25, 9), 0.8, 0, False, 0.97, False, kind="drugs"),
)  # fmt: skip

NEW_SINCE_2020 = "133-1"
GONE_SINCE_2020 = "144-1"
CODES: tuple[str, ...] = tuple(offence.code for offence in OFFENCES)
INDEX: dict[str, int] = {code: place for place, code in enumerate(CODES)}
CATEGORY_OF: npt.NDArray[np.int64] = np.array(
    [[code for code, _ in CATEGORIES].index(offence.parent) for offence in OFFENCES]
)
THEFT: tuple[int, ...] = tuple(
    INDEX[code] for code in ("121-1", "121-2", "121-3", "122-1", "124-1", "124-2", "125-1", "126-1")
)


def volumes() -> npt.NDArray[np.float64]:
    """Return the share of each offence among all cards, (leaves,), summing to 1."""
    share = np.array([offence.volume for offence in OFFENCES])
    return np.asarray(share / share.sum())


def codebook_rows() -> list[dict[str, str]]:
    """Return the rows of the area's ``codes.csv``: the tree, its severities, flags and old numbers (`labels`)."""

    def row(code: str, parent: str, name: tuple[str, str, str], **more: str) -> dict[str, str]:
        blank = dict.fromkeys(
            ("severity", "reported", "sensitive", "public_safety", "valid_from", "valid_to"), ""
        )
        named = {"name_en": name[0], "name_ru": name[1], "name_kk": name[2]}
        return {"code": code, "parent": parent, "additive": "true", "labels": "", **blank, **named, **more}

    rows = [row("all", "", ALL)]
    rows += [row(code, "all", name) for code, name in CATEGORIES]
    for offence in OFFENCES:
        flags = {
            "severity": offence.severity,
            "reported": str(offence.reported).lower(),
            "sensitive": str(offence.sensitive).lower(),
            "public_safety": str(offence.safety).lower(),
        }
        dates = {"valid_from": "2020-01-01"} if offence.code == NEW_SINCE_2020 else {}
        dates = {"valid_to": "2019-12-31"} if offence.code == GONE_SINCE_2020 else dates
        labels = ";".join(code for code in (offence.code, offence.old) if code)
        rows.append(row(offence.code, offence.parent, offence.name, labels=labels, **flags, **dates))
    rows += [row(f"severity-{code}", "", name) for code, name in SEVERITIES]
    order = ("code", "parent", "severity", "additive", "reported", "sensitive", "public_safety", "valid_from",
             "valid_to", "labels", "name_en", "name_ru", "name_kk")  # fmt: skip
    return [{key: entry[key] for key in order} for entry in rows]


def crosswalk_rows() -> list[dict[str, str]]:
    """Return the rows of the area's ``crosswalk.csv``: old article and part to new, with dates and confidence."""
    return [
        {
            "old": offence.old,
            "new": offence.code,
            "valid_from": "2020-01-01",
            "valid_to": "",
            "weight": "1",
            "confidence": "B" if offence.parent == "drugs" else "A",
            "source": "invented",
        }
        for offence in OFFENCES
        if offence.old is not None
    ]
