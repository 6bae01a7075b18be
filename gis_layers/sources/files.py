"""Find the files of a section of the area file, and call its columns by their roles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError, Where
from ..settings.area import AreaSettings, TableSection


def find_files(settings: AreaSettings, section: TableSection, key: str) -> list[Path]:
    """Return the files of a section, in the order in which a later one replaces the same keys.

    Paths stand in the order written; the files of a glob are sorted by name. Links are followed, but for those
    that a glob of several folders (`**`) meets.

    Raises
    ------
    InputError
        If a path or a glob matches no file.
    """
    found: list[Path] = []
    for path in section.path:
        whole = settings.folder / path
        try:
            matches = [whole] if whole.is_file() else _glob(whole)
            files = [match.resolve() for match in matches if match.is_file()]
        except (OSError, RuntimeError, ValueError) as error:
            # Links in a circle, names too long, globs that are none.
            raise InputError(
                f"the path cannot be followed: {error}", Where(file=whole, key=key), remedy="correct the path"
            ) from None
        if not files:
            raise InputError("there is no such file", Where(file=whole, key=key), remedy="correct the path")
        found += [file for file in files if file not in found]
    return found


def offence_roles(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns that together name an offence by what a message calls each.

    Examples
    --------
    >>> offence_roles(["crime"]), offence_roles(["article", "part"])
    ({'offence': 'crime'}, {'offence (part 1)': 'article', 'offence (part 2)': 'part'})
    """
    if len(columns) == 1:
        return {"offence": columns[0]}
    return {f"offence (part {number})": name for number, name in enumerate(columns, 1)}


def _glob(pattern: Path) -> list[Path]:
    parts = pattern.parts
    first = next((at for at, part in enumerate(parts) if set(part) & set("*?[")), None)
    return [] if first is None else sorted(Path(*parts[:first]).glob("/".join(parts[first:])))
