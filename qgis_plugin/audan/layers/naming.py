"""Names of layers, months and groups in the language of the window."""

from typing import Optional

from ..core.models import Catalogue, LayerInfo
from ..core.words import capital, edition_name, of, say
from ..core.writing import month_name

SEPARATOR = " · "


def title_of(info: LayerInfo, offence_name: Optional[str], attribute: Optional[str] = None) -> str:
    """Return the name of a layer without its month."""
    return SEPARATOR.join(part for part in (of(info.title), offence_name, attribute) if part)


def with_month(title: str, month: Optional[str], period: Optional[str], lang: str) -> str:
    """Return the name of a layer that shows one month or period, in the language that its title is in."""
    return SEPARATOR.join((title, capital(month_name(month, period, lang, bare=True)))) if month else title


def release_of(catalogue: Catalogue) -> str:
    """Return the edition and the day of the release."""
    return say("layers.group.of", edition=edition_name(catalogue.edition), day=catalogue.released)


def group_name(catalogue: Catalogue, title: str) -> str:
    """Return the name of a set: area, layer, edition and day of the release."""
    return SEPARATOR.join(("Audan", of(catalogue.area["name"]), title, release_of(catalogue)))
