"""Stock pygeoapi over files: its own Starlette app on uvicorn, with its own providers."""

from __future__ import annotations

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


def start(folder: Path, address: str, resources: Mapping[str, Mapping[str, Any]]) -> subprocess.Popen[bytes]:
    """Start pygeoapi; the caller waits for it and ends it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings, document = folder / "pygeoapi.json", folder / "openapi.json"
    settings.write_text(json.dumps(configuration(address, resources)))  # JSON is YAML
    env = {**os.environ, "PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(document)}
    make = "from pygeoapi import cli; cli(['openapi', 'generate', __import__('sys').argv[1], '--format', 'json'])"
    with document.open("wb") as file:
        subprocess.run([sys.executable, "-c", make, str(settings)], env=env, stdout=file, check=True)
    command = [sys.executable, "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--log-level", "error"]
    return subprocess.Popen([*command, "--no-access-log", "--port", address.rsplit(":", 1)[1]], env=env)
