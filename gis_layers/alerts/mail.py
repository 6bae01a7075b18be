"""An e-mail by template, as plain text and HTML, over smtplib."""

from __future__ import annotations

import contextlib
import html
import smtplib
import socket
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import orjson

from ..errors import AudanError, InputError, Where
from ..messages import render
from .deadline import Deadline
from .webhook import Result

if TYPE_CHECKING:
    from .settings import Mail, Subscription

TEMPLATES = Path(__file__).parent / "templates"
_HERE = ("localhost", "127.0.0.1", "::1")


def message(mail: Mail, subscription: Subscription, key: str, body: bytes) -> EmailMessage:
    """Return the message of a delivery. Its Message-ID is made of the key, so that two copies can be told.

    Raises
    ------
    InputError
        If a template is missing, or asks for what there is not.
    """
    told: Mapping[str, Any] = orjson.loads(body)
    lang = subscription.language
    area = told["area"]["name"].get(lang) or next(iter(told["area"]["name"].values()), told["area"]["id"])
    subject = render(lang, "alert.subject", {"area": area, "n": len(told["signals"])})
    notes = [render(lang, "source.recorded")]
    if told["area"]["invented"]:
        notes.append(render(lang, "source.invented"))
    values = {
        "lang": lang,
        "subject": subject,
        "notes": " ".join(notes),
        "why": render(lang, "alert.why", {"id": subscription.id}),
    }
    made = EmailMessage()
    made["Subject"] = " ".join(subject.split())
    made["From"] = mail.sender
    made["To"] = ", ".join(subscription.to)
    made["Date"] = format_datetime(_when(told["created"]))
    made["Message-ID"] = f"<{key}@{mail.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    plain = "\n\n".join(
        "\n".join(part for part in (one["title"], one["text"], one.get("link")) if part)
        for one in told["signals"]
    )
    made.set_content(_fill(mail, "mail.txt", {**values, "signals": plain}))
    escaped = {name: html.escape(text) for name, text in values.items()}
    listed = "\n".join(_item(one) for one in told["signals"])
    made.add_alternative(_fill(mail, "mail.html", {**escaped, "signals": listed}), subtype="html")
    return made


def check(mail: Mail, subscription: Subscription) -> str | None:
    """Return the password, None where none is needed; sends nothing.

    Raises
    ------
    InputError
        If the password is missing, a template cannot be filled, or the analyst edition would go over a plain line.
    """
    if subscription.edition == "analyst" and mail.security == "none" and mail.host not in _HERE:
        raise InputError(
            "the analyst edition is not sent over a line that anybody can read",
            Where(key="mail.security", value=mail.security),
            remedy='use "starttls" or "tls"',
        )
    for name in ("mail.txt", "mail.html"):
        _fill(mail, name, dict.fromkeys(("lang", "subject", "notes", "why", "signals"), ""))
    return None if mail.password is None else mail.password.read()


def send(mail: Mail, subscription: Subscription, key: str, body: bytes) -> Result:
    """Send an e-mail once."""
    try:
        password = check(mail, subscription)
        made = message(mail, subscription, key, body)
    except AudanError as error:
        return Result("failed", str(error))
    with Deadline(mail.timeout) as deadline:
        try:
            refused = _submit(mail, password, made, deadline)
        except smtplib.SMTPRecipientsRefused as error:
            return _partly(error.recipients, taken=False)
        except smtplib.SMTPResponseException as error:
            lasting = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
            return Result("refused" if lasting else "failed", f"SMTP {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            if deadline.over:
                return Result("failed", f"not taken within {mail.timeout:g} seconds")
            return Result("failed", f"{type(error).__name__}: {error}")
    return _partly(refused, taken=True) if refused else Result("sent", "accepted")


def _submit(
    mail: Mail, password: str | None, made: EmailMessage, deadline: Deadline
) -> Mapping[str, tuple[int, bytes]]:
    """Hand a message to the server and return the addresses that it did not take."""
    line = _connect(mail, deadline)
    try:
        if mail.user is not None and password is not None:
            line.login(mail.user, password)
        refused: Mapping[str, tuple[int, bytes]] = line.send_message(made)
        # What is said at parting changes nothing: the message is taken, and must not go out again for it.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            line.quit()
        return refused
    finally:
        line.close()


def _partly(refused: Mapping[str, tuple[int, bytes]], *, taken: bool) -> Result:
    """Return what it means that some addresses (or all) were not taken.

    An address that may be taken later is tried again, and the others get a copy with the same Message-ID.
    """
    told = ", ".join(f"{address} ({code})" for address, (code, _) in sorted(refused.items()))
    if any(code < 500 for code, _ in refused.values()):
        return Result("failed", f"not taken yet: {told}")
    return (
        Result("sent", f"accepted, but not for {told}") if taken else Result("refused", f"not taken: {told}")
    )


def _connect(mail: Mail, deadline: Deadline) -> smtplib.SMTP:
    class Watched(smtplib.SMTP):
        def _get_socket(self, host: str, port: int, timeout: float) -> Any:
            found = socket.create_connection((host, port), timeout)
            deadline.watch(found)
            if mail.security == "tls":
                found = ssl.create_default_context().wrap_socket(found, server_hostname=host)
            return found

    line = Watched(mail.host, mail.port, timeout=mail.timeout)
    if mail.security == "starttls":
        try:
            line.starttls(context=ssl.create_default_context())
        except BaseException:
            line.close()
            raise
    return line


def _item(one: Mapping[str, Any]) -> str:
    title, text = html.escape(str(one["title"])), html.escape(str(one["text"]))
    if one.get("link"):
        title = f'<a href="{html.escape(str(one["link"]))}">{title}</a>'
    return f"<p><strong>{title}</strong><br>{text}</p>"


def _fill(mail: Mail, name: str, values: Mapping[str, str]) -> str:
    path = (mail.templates or TEMPLATES) / name
    try:
        return Template(path.read_text(encoding="utf-8")).substitute(values)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the template cannot be read", Where(file=path)) from error
    except (KeyError, ValueError) as error:
        known = ", ".join(f"${key}" for key in sorted(values))
        raise InputError(f"the template asks for {error}", Where(file=path), remedy=f"use {known}") from None


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text)
