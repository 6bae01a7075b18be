"""What a person wrote for a layer, months and offences, held against what the server has."""

from collections.abc import Sequence
from typing import Optional

from ..core.fault import Fault
from ..core.models import Catalogue, LayerInfo
from ..core.months import is_month

_SHOWN = 20
ALL = "all"


def layer_of(catalogue: Catalogue, name: str) -> LayerInfo:
    """Return a layer whose rows can be read.

    Raises
    ------
    Fault
        ``wish_layer`` if there is none of that name, ``wish_raster`` if it is one of pictures.
    """
    found = catalogue.find(name)
    if found is None:
        there = [one.id for one in catalogue.layers if one.geometry != "raster"]
        raise Fault("wish_layer", layer=name, edition=catalogue.edition, there=listed(there))
    if found.geometry == "raster":
        raise Fault("wish_raster", layer=name)
    return found


def month_of(layer: LayerInfo, text: str) -> Optional[str]:
    """Return one month, the newest if nothing is written; None where the layer has no months.

    Raises
    ------
    Fault
        ``wish_month`` if it is no month, ``wish_no_month`` if the layer has not got it.
    """
    if not layer.months:
        return None
    if not text:
        return layer.months[-1]
    _check(layer, text)
    if text not in layer.months:
        raise Fault("wish_no_month", month=text, **_span(layer))
    return text


def months_of(layer: LayerInfo, text: str) -> Optional[str]:
    """Return what a server is asked for: a month, ``FROM/TO``, or None for all.

    Parameters
    ----------
    layer
        The layer.
    text
        A month, two with ``/`` or ``..`` between, ``all``; the newest if it is empty.

    Raises
    ------
    Fault
        ``wish_month`` if a part is no month, ``wish_no_month`` if the layer has none of them.
    """
    if not layer.months or text == "all":
        return None
    parts = [part.strip() for part in text.replace("..", "/").split("/")]
    if len(parts) == 1:
        return month_of(layer, text)
    for part in parts:
        _check(layer, part)
    first, last = parts[0], parts[-1]
    if len(parts) > 2 or first > last:
        raise Fault("wish_month", month=text, **_span(layer))
    if not any(first <= month <= last for month in layer.months):
        raise Fault("wish_no_month", month=text, **_span(layer))
    return f"{first}/{last}"


def offence_of(layer: LayerInfo, text: str) -> Optional[str]:
    """Return one offence, `all` or else the first if nothing is written; None where the layer has no offences.

    Raises
    ------
    Fault
        ``wish_offence`` if the layer has not got it.
    """
    if not layer.offences:
        return None
    wanted = text or (ALL if ALL in layer.offences else layer.offences[0])
    if wanted not in layer.offences:
        raise Fault("wish_offence", offence=wanted, layer=layer.id, there=listed(layer.offences))
    return wanted


def offences_of(layer: LayerInfo, text: str) -> Optional[str]:
    """Return what a server is asked for: codes with commas, or ``*``; None where the layer has no offences.

    ``all`` is every offence taken together; in a layer that has no such row, each of them.

    Raises
    ------
    Fault
        ``wish_offence`` if the layer has one of them not.
    """
    if not layer.offences or text == "*":
        return "*" if layer.offences else None
    wanted = [code.strip() for code in text.split(",") if code.strip()] or [ALL]
    if wanted == [ALL] and ALL not in layer.offences:
        return "*"
    return ",".join(str(offence_of(layer, code)) for code in wanted)


def columns_of(layer: LayerInfo, text: str) -> list[str]:
    """Return the columns that are wanted, every one if nothing is written; keys are always among them.

    Raises
    ------
    Fault
        ``wish_column`` if the layer has one of them not.
    """
    there = [one.name for one in layer.columns]
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in there:
            raise Fault("wish_column", column=name, layer=layer.id, there=listed(there, len(there)))
    return [name for name in there if not wanted or name in wanted or name in layer.keys]


def listed(names: Sequence[str], most: int = _SHOWN) -> str:
    """Return names for a sentence, the first of them where there are many.

    Examples
    --------
    >>> listed(["a", "b", "c"], 2)
    'a, b … (3)'
    """
    return ", ".join(names[:most]) + (f" … ({len(names)})" if len(names) > most else "")


def _check(layer: LayerInfo, month: str) -> None:
    if not is_month(month):
        raise Fault("wish_month", month=month, **_span(layer))


def _span(layer: LayerInfo) -> dict[str, str]:
    return {"layer": layer.id, "first": layer.months[0], "last": layer.months[-1]}
