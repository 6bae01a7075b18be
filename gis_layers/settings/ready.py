"""The ready areas: beside the library in the project, inside it in the wheel."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError, Where


def ready_areas() -> dict[str, Path]:
    """Return the folders of the ready areas by name."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_areas", package.parent / "config" / "areas"):
        if folder.is_dir():
            return {path.parent.name: path.parent for path in sorted(folder.glob("*/area.toml"))}
    return {}


def ready_area(name: str) -> Path:
    """Return the folder of one ready area.

    Raises
    ------
    UsageError
        If there is none of that name; the error lists those there are.
    """
    areas = ready_areas()
    if name not in areas:
        raise UsageError(
            "there is no such ready area", Where(value=name), remedy=f"use one of {', '.join(areas)}"
        )
    return areas[name]
