"""Tables of any format: opened, bounded in size, each row known by its number; nothing is guessed."""

from .table import GEOMETRY_X, GEOMETRY_Y, Rows, Table, open_table

__all__ = ["GEOMETRY_X", "GEOMETRY_Y", "Rows", "Table", "open_table"]
