"""Stock pygeoapi over files: its own Starlette app on uvicorn, with its own providers."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def configuration(address: str, resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return pygeoapi's configuration of some resources, a provider each."""
    link = {
        "type": "text/html",
        "rel": "about",
        "title": "about",
        "href": "https://example.org",
        "hreflang": "en",
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": int(address.rsplit(":", 1)[1])},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en"],
            "limits": {"default_items": 100, "max_items": 10_000},
            "map": {"url": "https://example.org/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "benchmark", "description": "benchmark", "keywords": ["benchmark"],
                "keywords_type": "theme", "terms_of_service": "none", "url": "https://example.org",
            },
            "license": {"name": "none", "url": "https://example.org"},
            "provider": {"name": "benchmark", "url": "https://example.org"},
            "contact": {"name": "benchmark"},
        },
        "resources": {
            name: {
                "type": "collection",
                "title": name,
                "description": name,
                "keywords": ["benchmark"],
                "links": [link],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
                "providers": [dict(provider)],
            }
            for name, provider in resources.items()
        },
    }  # fmt: skip


PROBE = """
import json, sys
from pygeoapi.plugin import load_plugin
try:
    load_plugin("provider", json.loads(sys.argv[1]))
except BaseException as error:
    cause = error.__cause__ or error.__context__ or error
    print(str(cause) or type(cause).__name__)
"""


def refused(folder: Path, provider: Mapping[str, Any]) -> str | None:
    """Return why a provider does not work on this machine, or None if it does."""
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(provider)],
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    said = ended.stdout.strip().splitlines()
    return said[-1] if said else None if not ended.returncode else "it ends the process"


def start(folder: Path, address: str, resources: Mapping[str, Mapping[str, Any]]) -> subprocess.Popen[bytes]:
    """Start pygeoapi; the caller waits for it and ends it."""
    settings, document = folder / "pygeoapi.json", folder / "openapi.json"
    settings.write_text(json.dumps(configuration(address, resources)))  # JSON is YAML
    env = {**_environment(folder), "PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(document)}
    make = "from pygeoapi import cli; cli(['openapi', 'generate', __import__('sys').argv[1], '--format', 'json'])"
    with document.open("wb") as file:
        subprocess.run([sys.executable, "-c", make, str(settings)], env=env, stdout=file, check=True)
    command = [sys.executable, "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--log-level", "error"]
    return subprocess.Popen([*command, "--no-access-log", "--port", address.rsplit(":", 1)[1]], env=env)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of pygeoapi: its Parquet provider imports s3fs, also where no cloud is asked."""
    if importlib.util.find_spec("s3fs") is not None:
        return dict(os.environ)
    nothing = folder / "nothing"
    nothing.mkdir(parents=True, exist_ok=True)
    (nothing / "s3fs.py").write_text("")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(nothing)])}
