"""Names of layers, months and groups in the language of the window."""

from typing import Optional

from qgis.PyQt.QtCore import QLocale

from ..core.models import Catalogue, LayerInfo
from ..core.words import edition_name, language, of, say

SEPARATOR = " · "


def month_name(month: str) -> str:
    """Return a month as people write it, as *August 2022* or *Август 2022*."""
    locale = QLocale(language())
    name = locale.standaloneMonthName(int(month[5:7])) or month[5:7]
    return f"{name[:1].upper()}{name[1:]} {month[:4]}"


def title_of(info: LayerInfo, offence_name: Optional[str], attribute: Optional[str] = None) -> str:
    """Return the name of a layer without its month."""
    return SEPARATOR.join(part for part in (of(info.title), offence_name, attribute) if part)


def with_month(title: str, month: Optional[str]) -> str:
    """Return the name of a layer that shows one month."""
    return SEPARATOR.join((title, month_name(month))) if month else title


def release_of(catalogue: Catalogue) -> str:
    """Return the edition and the day of the release."""
    return say("layers.group.of", edition=edition_name(catalogue.edition), day=catalogue.released)


def group_name(catalogue: Catalogue, title: str) -> str:
    """Return the name of a set: area, layer, edition and day of the release."""
    return SEPARATOR.join(("Audan", of(catalogue.area["name"]), title, release_of(catalogue)))
