"""Benchmarks beside peers: a module here that has a `run` is a benchmark, and `audan bench` finds it.

A benchmark module has::

    TITLE = "Tiles"                                  # heading of its part of the page
    NOTE = "What is measured, in a sentence or two"  # stands under the heading

    def run(bench: Bench) -> list[Figure]: ...

It measures a peer on the same data in the same run, and says so in the figure: see `figure.py`.
"""

from .figure import Bench, Figure

__all__ = ["Bench", "Figure"]
