"""A signed webhook: one POST of JSON, to an address that was checked, without redirects or proxies."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..desk import Outcome
from ..errors import AudanError, UsageError, Where
from .deadline import Deadline
from .reach import Address, in_networks, resolve

if TYPE_CHECKING:
    from .settings import Subscription, Webhooks

LEAST_SECRET = 16
"""Letters that a webhook's secret has at least."""

_AGAIN = {408, 409, 421, 423, 425, 429}
"""Answers of the 4xx kind that another attempt may change."""


@dataclass(frozen=True)
class Result:
    """How an attempt went.

    Parameters
    ----------
    outcome
        ``sent``, ``failed`` (try again) or ``refused`` (do not).
    detail
        What was answered.
    wait
        Seconds that the receiver asks to be left alone; None where it does not.
    """

    outcome: Outcome
    detail: str
    wait: float | None = None


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


def check(subscription: Subscription, webhooks: Webhooks) -> tuple[tuple[Address, ...], str]:
    """Return the addresses that a webhook may be sent to, and its secret; sends nothing.

    Raises
    ------
    UsageError
        If an address may not be called, or a plain line leads out of the allowed networks.
    InputError
        If the secret is missing or short.
    OSError
        If the host is not known.
    """
    if subscription.url is None or subscription.secret is None:
        raise UsageError("the subscription is no webhook", Where(value=subscription.id))
    parts = urlsplit(subscription.url)
    addresses = resolve(parts.hostname or "", _port(subscription.url), webhooks.allow_private)
    if parts.scheme == "http" and not all(in_networks(one, webhooks.allow_private) for one in addresses):
        raise UsageError(
            "a webhook goes over https, unless it stays in a network that `allow_private` names",
            Where(value=subscription.target),
        )
    return addresses, subscription.secret.read(LEAST_SECRET)


def post(subscription: Subscription, webhooks: Webhooks, key: str, body: bytes) -> Result:
    """Send a webhook once, and wait for the answer no longer than the settings say.

    Parameters
    ----------
    key
        The idempotency key.
    body
        JSON.
    """
    try:
        addresses, secret = check(subscription, webhooks)
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
    with Deadline(webhooks.timeout) as deadline:
        line = _line(parts.scheme, parts.hostname or "", _port(url), addresses, deadline)
        try:
            line.request("POST", path, body=body, headers=headers)
            answer = line.getresponse()
        except (OSError, http.client.HTTPException) as error:
            if deadline.over:
                return Result("failed", f"no answer within {webhooks.timeout:g} seconds")
            return Result("failed", f"{type(error).__name__}: {error}")
        finally:
            line.close()
    return judge(answer.status, answer.getheader("Retry-After"))


def judge(status: int, retry_after: str | None = None) -> Result:
    """Return what an answer means.

    Examples
    --------
    >>> judge(204).outcome, judge(503, "120").wait, judge(302).outcome, judge(429).wait
    ('sent', 120.0, 'refused', None)
    """
    if 200 <= status < 300:
        return Result("sent", f"HTTP {status}")
    # A redirect is not followed: it would lead past the check of the address.
    if 300 <= status < 500 and status not in _AGAIN:
        return Result("refused", f"HTTP {status}")
    return Result("failed", f"HTTP {status}", _seconds(retry_after))


def _seconds(text: str | None) -> float | None:
    """Read `Retry-After`: seconds or an instant (RFC 9110, 10.2.3); what is neither is not there."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _line(
    scheme: str, host: str, port: int, addresses: Sequence[Address], deadline: Deadline
) -> http.client.HTTPConnection:
    """Return a connection that names the host (also in TLS) and goes to an address that was checked."""

    def dial() -> socket.socket:
        found = _dial(addresses, port, deadline)
        deadline.watch(found)
        return found

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = dial()

    class Tls(http.client.HTTPSConnection):
        def connect(self) -> None:
            # Should the handshake fail, the wrapped socket is closed by `wrap_socket` itself.
            self.sock = ssl.create_default_context().wrap_socket(dial(), server_hostname=host)

    kind = Tls if scheme == "https" else Plain
    return kind(host, port, timeout=deadline.seconds)


def _dial(addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
    """Return a line to the first address that answers; they share the time that is left."""
    last: OSError = OSError("the host has no address")
    for place, address in enumerate(addresses):
        try:
            share = deadline.left / (len(addresses) - place)
            found = socket.create_connection((str(address), port), timeout=share)
        except OSError as error:
            last = error
            continue
        found.settimeout(deadline.seconds)
        return found
    raise last
