"""GraphML: spread paths as a directed graph of districts, for those who analyse networks."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..release.tables import to_frame
from .select import Selection


def write_graphml(selection: Selection, path: Path) -> int:
    """Write GraphML: districts with their names are nodes, edges and the steps of chains are edges.

    Tracks of incidents are left out, and the number returned is without them.

    Raises
    ------
    UsageError
        If the rows do not go from a district to another.
    """
    # all that finds paths comes along with it: who exports figures need not wait for it
    from ..spread.graph import between_districts
    from ..spread.graph import write_graphml as write

    names = {column["name"] for column in selection.entry["columns"]}
    if not {"district_from", "district_to"} <= names:
        raise UsageError(
            f"the rows of layer {selection.layer!r} are no ways between districts",
            remedy="export spread_paths as a graph",
        )
    frame = between_districts(to_frame(selection.table()))
    districts = selection.edition.districts()
    known = dict(zip(districts["district"].astype(str), districts["name"].astype(str), strict=True))
    write(frame, path, names=known)
    return len(frame)
