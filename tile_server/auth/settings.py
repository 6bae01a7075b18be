"""Settings of an identity provider whose tokens are accepted (OpenID Connect)."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

Algorithm: TypeAlias = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures by a key pair. Neither `none` nor a shared secret (HS256 …) can be written into the settings."""


class Claims(BaseModel):
    """Where a token's claims say what it opens; names may be paths with dots (`realm_access.roles`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edition: Annotated[
        str, Field(description="Claim with the caller's roles or groups: a text or a list of texts.")
    ] = "roles"
    analyst: Annotated[
        tuple[str, ...], Field(min_length=1, description="Values of it that open the analyst edition.")
    ] = ("audan-analyst",)
    parents: Annotated[
        str | None,
        Field(description="Claim with codes of parents that the caller is limited to; `*` is all."),
    ] = None
    districts: Annotated[
        str | None,
        Field(description="Claim with codes of districts that the caller is limited to; `*` is all."),
    ] = None
    name: Annotated[str, Field(description="Claim that the trace shows beside the subject.")] = "email"


class Oidc(BaseModel):
    """An identity provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Annotated[str, Field(description="The claim `iss`, exactly.")]
    audience: Annotated[str, Field(min_length=1, description="What the claim `aud` must name.")]
    jwks_url: Annotated[str, Field(description="Address of its public keys; https, or http on loopback.")]
    algorithms: Annotated[
        tuple[Algorithm, ...], Field(min_length=1, description="Signatures that are accepted.")
    ] = ("RS256", "ES256")
    leeway: Annotated[int, Field(ge=0, le=300, description="Seconds by which clocks may differ.")] = 30
    refresh: Annotated[
        int,
        Field(ge=10, description="Seconds between two looks for new keys, however many unknown ones come."),
    ] = 60
    max_age: Annotated[int, Field(ge=60, description="Seconds after which keys are asked for anew.")] = 3600
    claims: Claims = Claims()

    @field_validator("jwks_url")
    @classmethod
    def _is_safe(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.hostname:
            return address
        if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
            return address
        raise ValueError("the address of the keys is https, or http on loopback")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
