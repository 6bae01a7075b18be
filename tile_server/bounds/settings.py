"""The bounds of a server."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Bounds(BaseModel):
    """How often, how much and how long a client may ask. Each worker counts for itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: Annotated[
        float, Field(ge=0, description="Requests per second and client in the long run; 0 is without bound.")
    ] = 100.0
    burst: Annotated[int, Field(ge=1, description="Requests that a client may make at once.")] = 500
    seconds: Annotated[float, Field(gt=0, description="Seconds after which an answer is given up (503).")] = (
        30.0
    )
    header_seconds: Annotated[
        float, Field(gt=0, description="Seconds in which a client must have sent its headers.")
    ] = 10.0
    header_bytes: Annotated[int, Field(ge=1024, description="Bytes of all headers and the address.")] = 32_768
    headers: Annotated[int, Field(ge=10, description="Number of headers.")] = 100
    body_bytes: Annotated[int, Field(ge=0, description="Bytes of a request's body.")] = 65_536
    path_length: Annotated[int, Field(ge=64, description="Characters of the path.")] = 1_024
    query_length: Annotated[int, Field(ge=64, description="Characters of the query.")] = 4_096
    parameters: Annotated[int, Field(ge=1, description="Number of query parameters.")] = 64
    wrong_credentials: Annotated[
        int, Field(ge=1, description="Wrong credentials of a client before it must wait for the next.")
    ] = 5
    connections: Annotated[int, Field(ge=1, description="Open connections; beyond it new ones get 503.")] = (
        1_000
    )
