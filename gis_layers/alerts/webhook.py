"""A signed webhook: one POST of JSON, to an address that was checked, without redirects or proxies."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import AudanError, UsageError, Where
from .reach import Address, in_networks, resolve

if TYPE_CHECKING:
    from .settings import Subscription, Webhooks

LEAST_SECRET = 16
"""Letters that a webhook's secret has at least."""

_AGAIN = {408, 409, 421, 423, 425, 429}
"""Answers of the 4xx kind that another attempt may change."""


@dataclass(frozen=True)
class Result:
    """How an attempt went: sent, failed (try again), or refused (do not)."""

    outcome: str
    detail: str


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a webhook: HMAC-SHA256 over the timestamp, a dot and the body.

    Examples
    --------
    >>> sign("a secret of the tests", 1700000000, b"{}")[:15]
    'v1=99b537ba2e7b'
    """
    mac = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


def verify(
    secret: str, timestamp: str, signature: str, body: bytes, *, now: float, tolerance: float = 300
) -> bool:
    """Tell whether a webhook is ours and fresh: what a receiver does.

    Parameters
    ----------
    timestamp, signature
        Headers `Audan-Timestamp` and `Audan-Signature`.
    body
        The body, byte for byte as it came.
    now
        Seconds since 1970.
    tolerance
        Seconds that the timestamp may be off.

    Examples
    --------
    >>> good = sign("a secret of the tests", 1700000000, b"{}")
    >>> verify("a secret of the tests", "1700000000", good, b"{}", now=1700000100)
    True
    >>> verify("a secret of the tests", "1700000000", good, b"{}", now=1700009999)
    False
    """
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp[:15])) > tolerance:
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode())


def check(subscription: Subscription, webhooks: Webhooks) -> tuple[Address, str]:
    """Return the address that a webhook would be sent to, and its secret; sends nothing.

    Raises
    ------
    UsageError
        If the address may not be called, or a plain line leads out of the allowed networks.
    InputError
        If the secret is missing or short.
    OSError
        If the host is not known.
    """
    if subscription.url is None or subscription.secret is None:
        raise UsageError("the subscription is no webhook", Where(value=subscription.id))
    parts = urlsplit(subscription.url)
    address = resolve(parts.hostname or "", _port(subscription.url), webhooks.allow_private)
    if parts.scheme == "http" and not in_networks(address, webhooks.allow_private):
        raise UsageError(
            "a webhook goes over https, unless it stays in a network that `allow_private` names",
            Where(value=subscription.target),
        )
    return address, subscription.secret.read(LEAST_SECRET)


def post(subscription: Subscription, webhooks: Webhooks, key: str, body: bytes) -> Result:
    """Send a webhook once.

    Parameters
    ----------
    key
        The idempotency key.
    body
        JSON.
    """
    try:
        address, secret = check(subscription, webhooks)
    except AudanError as error:
        return Result("failed", str(error))
    except OSError as error:
        return Result("failed", f"the host is not known: {error}")
    url = subscription.url or ""
    now = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "audan-alerts",
        "Idempotency-Key": key,
        "Audan-Timestamp": str(now),
        "Audan-Signature": sign(secret, now, body),
        "Connection": "close",
    }
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = _line(parts.scheme, parts.hostname or "", _port(url), address, webhooks.timeout)
    try:
        line.request("POST", path, body=body, headers=headers)
        status = line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return Result("failed", f"{type(error).__name__}: {error}")
    finally:
        line.close()
    if 200 <= status < 300:
        return Result("sent", f"HTTP {status}")
    # A redirect is not followed: it would lead past the check of the address.
    refused = 300 <= status < 500 and status not in _AGAIN
    return Result("refused" if refused else "failed", f"HTTP {status}")


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _line(scheme: str, host: str, port: int, address: Address, timeout: float) -> http.client.HTTPConnection:
    """Return a connection that names the host (also in TLS) and goes to the address that was checked."""
    numeric = ipaddress.ip_address(address)

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.create_connection((str(numeric), self.port), timeout=self.timeout)

    class Tls(http.client.HTTPSConnection):
        def connect(self) -> None:
            raw = socket.create_connection((str(numeric), self.port), timeout=self.timeout)
            self.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)

    if scheme == "https":
        return Tls(host, port, timeout=timeout)
    return Plain(host, port, timeout=timeout)
