"""Which layers stand together in the tree, and which slice of one is offered first."""

from typing import Optional

from ...core.choice import Choice
from ...core.models import Catalogue, LayerInfo
from ...core.servers import Server

GROUPS = {
    "judged": ("rating", "dynamics", "structure", "completeness", "safety"),
    "places": ("hotspots", "hotspot_cells", "clusters", "density"),
    "spread": ("spread_paths", "factors", "warnings"),
    "base": ("districts",),
}
ICONS = {"judged": "rating", "places": "hotspots", "spread": "spread", "base": "district"}


def grouped(catalogue: Catalogue) -> dict[str, list[LayerInfo]]:
    """Return the layers that a map can show by group; what is in no group stands with the districts."""
    shown = {layer.id: layer for layer in catalogue.layers if layer.geometry != "none"}
    found = {group: [shown.pop(one) for one in ids if one in shown] for group, ids in GROUPS.items()}
    found["base"] += shown.values()
    return {group: layers for group, layers in found.items() if layers}


def first_choice(server: Server, layer: LayerInfo) -> Choice:
    """Return the newest month of a layer over all offences, or over the first of what it is cut by."""
    return Choice(
        server,
        layer.id,
        offence=_first(layer.offences, "all"),
        month=layer.months[-1] if layer.months else None,
        attribute=_first(layer.attributes, ""),
    )


def forms(layer: LayerInfo) -> tuple[str, ...]:
    """Return the forms that a layer can be added in: what has shapes of its own comes as one form only."""
    return ("tiles",) if layer.own_shapes or layer.geometry != "polygon" else ("tiles", "features")


def _first(some: tuple[str, ...], liked: str) -> Optional[str]:
    return liked if liked in some else next(iter(some), None)
