"""The allow-list. What it does not name is not public: a new layer starts as the analysts' own."""

from __future__ import annotations

from collections.abc import Sequence

from ..layers.model import Layer
from ..settings import AreaSettings

PUBLIC = ("districts", "offences", "peer_groups", "safety")
"""Layers that hold no count of a cell. `rating` joins them when small counts can be suppressed."""


def editions(layers: Sequence[Layer], settings: AreaSettings) -> dict[str, list[Layer]]:
    """Return the layers of each edition: the analysts' holds all, the public one those of the allow-list.

    Parameters
    ----------
    layers
        All layers of the build.
    settings
        The area file. ``[disclosure] counts = "open"`` does not widen the list: whether small counts may
        be shown is a question within a public layer, and no public layer has counts yet.

    Examples
    --------
    ``editions(layers, settings)["public"]``
    """
    del settings
    return {"public": [layer for layer in layers if layer.id in PUBLIC], "analyst": list(layers)}
