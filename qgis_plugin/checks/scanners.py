"""What the plugin repository runs over an upload: bandit, detect-secrets and flake8, with their own settings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .finding import Finding

LINE = 120
"""Columns of a line, as elsewhere in the project."""


def bandit(plugin: Path) -> Iterator[Finding]:
    """Yield what bandit thinks unsafe, of any severity."""
    told = json.loads(_run(plugin, "bandit", "--recursive", "--quiet", "--format", "json", "."))
    for one in told["results"]:
        yield Finding(_name(one["filename"]), one["line_number"], f"{one['test_id']} {one['issue_text']}")
    for one in told["errors"]:
        yield Finding(_name(one["filename"]), 0, f"bandit cannot read it: {one['reason']}")


def detect_secrets(plugin: Path) -> Iterator[Finding]:
    """Yield what looks like a password or a key."""
    told = json.loads(_run(plugin, "detect_secrets", "scan", "--all-files", "."))
    for file, secrets in sorted(told["results"].items()):
        for one in secrets:
            yield Finding(_name(file), one["line_number"], f"looks like a secret ({one['type']})")


def flake8(plugin: Path) -> Iterator[Finding]:
    """Yield what flake8 finds."""
    form = "%(path)s\t%(row)d\t%(code)s %(text)s"
    # E203 and W503 are at odds with the formatter, as flake8's own documentation says.
    options = ("--isolated", "--extend-ignore", "E203,W503", "--max-line-length", str(LINE), "--format", form)
    for line in _run(plugin, "flake8", *options, ".").splitlines():
        path, row, said = line.split("\t", 2)
        yield Finding(_name(path), int(row), said)


def _run(plugin: Path, module: str, *arguments: str) -> str:
    """Return what a scanner prints; its exit code only repeats whether it found something."""
    run = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=plugin, capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1) or (run.returncode and not run.stdout):
        raise RuntimeError(f"{module} failed: {run.stderr.strip()[-500:]}")
    return run.stdout


def _name(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")
