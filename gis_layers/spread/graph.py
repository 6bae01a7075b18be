"""Paths as a graph: GraphML and a list of edges, for those who analyse networks with tools of their own."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

_TYPES = {
    "path": "string", "kind": "string", "offence": "string", "first_month": "string", "last_month": "string",
    "step": "long", "lag_months": "long", "strength": "double", "lower": "double", "upper": "double",
    "q_value": "double",
}  # fmt: skip


def write_graphml(paths: pd.DataFrame, file: Path, *, names: dict[str, str] | None = None) -> None:
    """Write paths as a directed multigraph in GraphML: districts are nodes, steps and edges its edges.

    Tracks of incidents are left out: they are of points, most of them within one district,
    and no ways between districts.

    Parameters
    ----------
    paths
        Rows of the layer `spread_paths`.
    file
        Where to.
    names
        Names of the districts, by code.
    """
    paths = between_districts(paths)
    root = ElementTree.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    ElementTree.SubElement(
        root, "key", {"id": "name", "for": "node", "attr.name": "name", "attr.type": "string"}
    )
    for column, kind in _TYPES.items():
        ElementTree.SubElement(
            root, "key", {"id": column, "for": "edge", "attr.name": column, "attr.type": kind}
        )
    graph = ElementTree.SubElement(root, "graph", id="spread_paths", edgedefault="directed")
    for code in sorted({*paths["district_from"], *paths["district_to"]}):
        node = ElementTree.SubElement(graph, "node", id=str(code))
        ElementTree.SubElement(node, "data", key="name").text = (names or {}).get(code, str(code))
    for number, row in enumerate(paths.to_dict("records")):
        edge = ElementTree.SubElement(
            graph, "edge", id=f"e{number}", source=str(row["district_from"]), target=str(row["district_to"])
        )
        for column in _TYPES:
            if not pd.isna(row[column]):
                ElementTree.SubElement(edge, "data", key=column).text = _text(row[column])
    ElementTree.indent(root, " ")
    ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def write_edges(paths: pd.DataFrame, file: Path) -> None:
    """Write paths as CSV with `source` and `target` first, as network tools expect a list of edges; no tracks."""
    table = between_districts(paths).rename(columns={"district_from": "source", "district_to": "target"})
    order = ["source", "target", *(column for column in table if column not in ("source", "target"))]
    for column in ("first_month", "last_month"):
        table[column] = [_text(value) for value in table[column]]
    table[order].to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


def between_districts(paths: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that go from a district to another, without tracks of incidents."""
    return paths[paths["kind"] != "incidents"]


def _text(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
