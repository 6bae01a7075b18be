"""`alerts.toml`: who gets which signals, by which way. It holds no secrets, only where they are."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..desk import LEAST_DAYS, Scope
from ..errors import InputError, Where
from ..settings.file import read_settings
from .signal import ANALYST_ONLY, Kind, Wanted

_ADDRESS = re.compile(r"[^@\s,;:<>\"]{1,64}@[A-Za-z0-9.-]{1,253}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Secret(_Part):
    """Where a secret is: in a variable of the environment, or in a file."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret is named by `env` or by `file`, one of them")
        return self

    def read(self, least: int = 1) -> str:
        """Return the secret.

        Raises
        ------
        InputError
            If it is not there, or shorter than it must be.
        """
        where = Where(key=self.env) if self.env else Where(file=self.file)
        try:
            text = os.environ[self.env] if self.env else Path(self.file or "").read_text(encoding="utf-8")
        except (KeyError, OSError, UnicodeDecodeError):
            raise InputError(
                "the secret is not there", where, remedy="set the variable or write the file"
            ) from None
        text = text.strip()
        if len(text) < least:
            raise InputError(
                f"the secret has {len(text)} letters, and needs {least}",
                where,
                remedy="make one with `openssl rand -hex 32`",
            )
        return text


class Webhooks(_Part):
    """What webhooks may reach."""

    allow_private: Annotated[
        tuple[str, ...],
        Field(
            description="Networks beside the public ones that may be called, e.g. 10.1.2.0/24; none by default."
        ),
    ] = ()
    timeout: Annotated[
        float,
        Field(
            gt=0, le=60, description="Seconds that a delivery may take in all, however the receiver dribbles."
        ),
    ] = 10

    @field_validator("allow_private")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            ipaddress.ip_network(text)
        return value


class Mail(_Part):
    """The mail server."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description="`none` sends no password, and the analyst edition only within this machine."),
    ] = "starttls"
    sender: Annotated[str, Field(description="Address that messages come from.")]
    user: str | None = None
    password: Annotated[Secret | None, Field(description="Where the password is.")] = None
    timeout: Annotated[float, Field(gt=0, le=120, description="Seconds that a message may take in all.")] = 30
    templates: Annotated[
        Path | None, Field(description="Folder with mail.txt and mail.html to take instead of ours.")
    ] = None

    @field_validator("sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        return _checked_address(value)

    @model_validator(mode="after")
    def _together(self) -> Mail:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together")
        if self.user is not None and self.security == "none":
            raise ValueError("a password is not sent over a line that anybody can read")
        return self


class Retry(_Part):
    """How often and how patiently a delivery is tried."""

    attempts: Annotated[int, Field(ge=1, le=100, description="Attempts in all.")] = 8
    first_seconds: Annotated[
        float, Field(ge=0, le=3600, description="Wait after the first; then doubled.")
    ] = 2
    most_seconds: Annotated[
        float,
        Field(ge=0, le=86400, description="Longest wait, also if a receiver asks for more (`Retry-After`)."),
    ] = 3600
    patience_seconds: Annotated[
        float, Field(ge=0, le=3600, description="Longest that one run waits; the rest is left to the next.")
    ] = 30

    def wait(self, attempts: int) -> float:
        """Return the seconds to wait after so many attempts.

        Examples
        --------
        >>> [Retry().wait(n) for n in (1, 2, 3, 20)]
        [2.0, 4.0, 8.0, 3600.0]
        """
        return float(min(self.first_seconds * 2.0 ** min(attempts - 1, 64), self.most_seconds))


class Subscription(_Part):
    """Who gets what: which signals, of which edition, in which language, by which channel."""

    id: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Name in the journal; never reuse it.")
    ]
    channel: Literal["webhook", "email", "feed"]
    url: Annotated[str | None, Field(description="Where a webhook goes.")] = None
    secret: Annotated[Secret | None, Field(description="Where the webhook's secret is.")] = None
    to: Annotated[tuple[str, ...], Field(description="Addresses of an e-mail.")] = ()
    folder: Annotated[Path | None, Field(description="Folder of a feed: <id>.atom and <id>.geojson.")] = None
    edition: Literal["public", "analyst"] = "public"
    language: Literal["en", "ru", "kk"] = "en"
    signals: Annotated[tuple[Kind, ...], Field(description="Kinds of signals; none is every one.")] = ()
    offences: Annotated[
        tuple[str, ...], Field(description="Codes of offences, each for itself; none is every one.")
    ] = ()
    districts: Annotated[tuple[str, ...], Field(description="Codes of districts.")] = ()
    parents: Annotated[tuple[str, ...], Field(description="Codes of regions: all their districts.")] = ()
    level: Annotated[int, Field(ge=0, le=5, description="Least level of a signal of the rating.")] = 0
    months: Annotated[int, Field(ge=1, le=120, description="How many of the newest months to look at.")] = 1

    @field_validator("to")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked_address(address) for address in value)

    @model_validator(mode="after")
    def _whole(self) -> Subscription:
        needs = {"webhook": ("url", "secret"), "email": ("to",), "feed": ("folder",)}
        for channel, names in needs.items():
            for name in names:
                if channel == self.channel and not getattr(self, name):
                    raise ValueError(f"{channel} needs {name!r}")
                if channel != self.channel and getattr(self, name):
                    raise ValueError(f"{name!r} is for {channel}")
        if self.url is not None:
            _check_url(self.url)
        if self.edition == "public" and (hidden := [kind for kind in self.signals if kind in ANALYST_ONLY]):
            raise ValueError(f"the public edition has no signals {hidden[0]!r}")
        return self

    @property
    def wanted(self) -> Wanted:
        """Which signals it asks for."""
        return Wanted(self.signals, self.offences, Scope(self.districts, self.parents), self.level)

    @property
    def target(self) -> str:
        """Where it goes, for people: of a webhook the host alone, for its path may be a key."""
        if self.url is not None:
            return f"{urlsplit(self.url).scheme}://{urlsplit(self.url).hostname}"
        return ", ".join(self.to) if self.to else str(self.folder)


class AlertSettings(_Part):
    """What an alerts file may hold."""

    base_url: Annotated[
        str | None, Field(pattern=r"^https?://[^\s?#]+$", description="Address of the map, for links.")
    ] = None
    webhooks: Webhooks = Webhooks()
    mail: Mail | None = None
    retry: Retry = Retry()
    keep_days: Annotated[
        int,
        Field(
            ge=LEAST_DAYS,
            le=36500,
            description="Days that the journal keeps what went out and what became of it.",
        ),
    ] = 400
    subscriptions: tuple[Subscription, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> AlertSettings:
        names = [one.id for one in self.subscriptions]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two subscriptions are called {twice!r}")
        if self.mail is None and any(one.channel == "email" for one in self.subscriptions):
            raise ValueError("a subscription by e-mail needs the table [mail]")
        return self


def read_alerts(path: Path) -> AlertSettings:
    """Read an alerts file; `${NAME}` is taken from the environment, paths start at the file's folder.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, or a setting is wrong; the error names the key and the line.
    """
    read = read_settings(AlertSettings, path, "alerts file", remedy="copy config/alerts.toml and name it")
    return _rooted(read, path.parent.resolve())


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an alerts file, as published in the documentation."""
    schema = AlertSettings.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Audan alerts"}


def _rooted(read: AlertSettings, folder: Path) -> AlertSettings:
    """Let relative paths start at the file's folder."""

    def secret(found: Secret | None) -> Secret | None:
        return found if found is None or found.file is None else Secret(file=folder / found.file)

    made = [
        one.model_copy(
            update={
                "secret": secret(one.secret),
                "folder": None if one.folder is None else folder / one.folder,
            }
        )
        for one in read.subscriptions
    ]
    mail = read.mail and read.mail.model_copy(
        update={
            "password": secret(read.mail.password),
            "templates": None if read.mail.templates is None else folder / read.mail.templates,
        }
    )
    return read.model_copy(update={"subscriptions": tuple(made), "mail": mail})


def _checked_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("it is no e-mail address")
    return text


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("a webhook's address begins with https:// (or http:// within an allowed network)")
    if parts.username is not None or parts.password is not None or parts.fragment or not url.isascii():
        raise ValueError("a webhook's address has no user, password or fragment, and is ASCII")
    if not url.isprintable() or " " in url:
        raise ValueError("a webhook's address has no blanks")
    _ = parts.port  # a port that is none is an error of urlsplit
