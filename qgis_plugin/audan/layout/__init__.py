"""Bulletins and atlases: layouts of QGIS that tell what a server found, and their PDF."""
