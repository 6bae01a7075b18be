"""Read the Authorization header: a bearer token, or Basic with the token as its password."""

from __future__ import annotations

import base64
import binascii

from .grant import Unauthorized

MAX_CREDENTIAL = 8192


def read_credential(headers: list[bytes]) -> str | None:
    """Return the token that a request carries; None if it carries no Authorization header.

    Parameters
    ----------
    headers
        Values of every Authorization header of the request.

    Raises
    ------
    Unauthorized
        If there are several headers, or one that is neither Bearer nor Basic.

    Examples
    --------
    >>> read_credential([b"Bearer abc"]), read_credential([b"Basic " + base64.b64encode(b"anyone:abc")])
    ('abc', 'abc')
    """
    if not headers:
        return None
    kind, _, value = headers[0].partition(b" ")
    value = value.strip()
    if len(headers) > 1 or len(value) > MAX_CREDENTIAL or not value:
        raise Unauthorized("the Authorization header cannot be read")
    if kind.lower() == b"bearer":
        return value.decode("latin-1")
    if kind.lower() == b"basic":
        try:
            _, colon, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Unauthorized("the Authorization header cannot be read") from None
        if colon and password:
            return password
        raise Unauthorized("the token goes where the password goes; any user name will do")
    raise Unauthorized("credentials are a bearer token, or Basic with the token as the password")
