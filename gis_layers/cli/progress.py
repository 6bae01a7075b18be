"""What a person sees of a long work: a line for each stage with its time, on a terminal and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

    from ..pipeline import Progress


@contextmanager
def shown_progress(title: str) -> Iterator[Progress]:
    """Show the stages of a long work on stderr, the running one with a spinner, each with its time.

    Where stderr is no terminal nothing is shown: a log or a pipe holds results and errors alone.

    Parameters
    ----------
    title
        What is done, e.g. `build`; stands above the stages.

    Yields
    ------
    Progress
        To be called with the name of each stage as it begins; `"stage: how far"` tells more of the same stage.
    """
    from rich.console import Console
    from rich.progress import Progress as Rows
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage: None
        return
    rich_letters = console.encoding.startswith("utf")
    columns = (
        SpinnerColumn("dots" if rich_letters else "line", finished_text="✓" if rich_letters else "+"),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
    )
    running: list[tuple[str, TaskID]] = []
    with Rows(*columns, console=console) as rows:

        def end() -> None:
            if running:
                rows.update(running.pop()[1], completed=1)

        def progress(text: str) -> None:
            stage, _, detail = text.partition(": ")
            if not running or running[-1][0] != stage:
                end()
                running.append((stage, rows.add_task(f"{title}: {stage}", total=1, detail="")))
            rows.update(running[-1][1], detail=detail)

        yield progress
        end()
