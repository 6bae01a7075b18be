"""The allow-list. What it does not name is not public: a new layer starts as the analysts' own."""

from __future__ import annotations

from collections.abc import Sequence

from ..layers.model import Layer
from ..settings import AreaSettings

PUBLIC = (
    "districts",
    "offences",
    "peer_groups",
    "rating",
    "safety",
    "dynamics",
    "structure",
    "hotspots",
    "density",
)
"""Layers of the public edition (DESIGN.md 5.2). The others that it may hold one day join with the rule that makes
them public, as `profiles` from ten cards on."""

WITH_COUNTS = ("rating", "hotspots")
"""Those of them that hold counts of cells, or what is computed of them: public only as :mod:`gis_layers.disclosure`
made them, or where open."""

CUT_DOWN = ("dynamics", "structure", "density")
"""Those that are public only in part, whoever published the counts: rows of outbreaks without their evidence, shares
of categories, coarse rasters. They are never passed through."""


def editions(
    layers: Sequence[Layer], settings: AreaSettings, *, protected: Sequence[Layer] = ()
) -> dict[str, list[Layer]]:
    """Return the layers of each edition: the analysts' holds all, the public one those of the allow-list.

    Parameters
    ----------
    layers
        All layers of the build, as the analysts see them.
    settings
        The area file: with ``[disclosure] counts = "open"`` layers with counts are public as they are.
    protected
        The layers with counts, and those cut down, as the public may see them; one that is not given is left out
        of the public edition, never passed through.

    Examples
    --------
    ``editions(layers, settings, protected=[rating])["public"]``
    """
    instead = {layer.id: layer for layer in protected}
    open_ = settings.disclosure.counts == "open"
    public = []
    for layer in layers:
        if layer.id not in PUBLIC:
            continue
        if layer.id in instead:
            public.append(instead[layer.id])
        elif layer.id not in CUT_DOWN and (open_ or layer.id not in WITH_COUNTS):
            public.append(layer)
    return {"public": public, "analyst": list(layers)}
