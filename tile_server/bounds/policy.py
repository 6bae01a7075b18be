"""What a browser may do with our answers: the content security policy and its sisters."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from urllib.parse import urlsplit

from ..ogc.config import TEMPLATES


@cache
def _style_hashes() -> str:
    """Return the hashes of the styles that stand in our own pages."""
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        for style in re.findall(r"<style>(.*?)</style>", path.read_text(encoding="utf-8"), re.DOTALL):
            digest = hashlib.sha256(style.encode()).digest()
            found.append(f"'sha256-{base64.b64encode(digest).decode()}'")
    return " ".join(found)


def content_policy(basemap: str | None, *, embeddable: bool) -> str:
    """Return the content security policy.

    Parameters
    ----------
    basemap
        Address of the basemap: its host is the only other one that a page of ours may ask.
    embeddable
        Whether other sites may show our pages in a frame.
    """
    host = ""
    if basemap:
        parts = urlsplit(basemap)
        if parts.scheme in ("http", "https") and re.fullmatch(r"[A-Za-z0-9.\-:\[\]{}]+", parts.netloc):
            # A template of hosts ({s}.tiles.example) is every host beneath.
            named = re.sub(r"^\{[^}]*\}", "*", parts.netloc)
            host = f" {parts.scheme}://{named}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            # MapLibre draws in workers of our own files; pictures and patterns are made in the page.
            "worker-src 'self'",
            f"style-src 'self' {_style_hashes()}",
            f"img-src 'self' data: blob:{host}",
            f"connect-src 'self'{host}",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {'*' if embeddable else chr(39) + 'self' + chr(39)}",
        )
    )


def security_headers(basemap: str | None, *, embeddable: bool, https: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers that every answer carries.

    Parameters
    ----------
    https
        Whether clients reach the server by https (its public address says so): then never otherwise again.
    """
    made = {
        "content-security-policy": content_policy(basemap, embeddable=embeddable),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
    }
    if not embeddable:
        made["x-frame-options"] = "SAMEORIGIN"
    if https:
        made["strict-transport-security"] = "max-age=31536000"
    return [(name.encode(), value.encode()) for name, value in made.items()]
