"""Tiles: the grid, gap-free simplification, and the encoding of vector tiles."""
