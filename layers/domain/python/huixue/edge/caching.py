"""Answers a client may keep: their ETag, how long they are good for, and 304 (RFC 9110, RFC 9111).

Functions read a season through caches of 15 s; with MAX_AGE_S on top nothing that is shown anywhere is older than
45 s, which stays below the minute that is promised.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from typing import Literal

import msgspec

from huixue.edge.api import Answer
from huixue.edge.requests import Request

MAX_AGE_S = 30
"""How long a client may show an answer about a season without asking again."""

Scope = Literal["public", "private"]
"""`private`: made for one member, so nothing but her own device may keep it."""


def kept(
    request: Request,
    body: msgspec.Struct | bytes,
    *,
    scope: Scope,
    max_age_s: int,
    content_type: str = "application/json",
    shared_by_all: bool = False,
) -> Answer:
    """200 with the body and its ETag, or 304 without a body where `If-None-Match` names that ETag.

    The ETag is a digest of the body: equal answers have equal ones in every container. Unless an answer is
    `shared_by_all`, it depends on whose token asked for it, and no cache hands it to another one.
    """
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    etag = etag_of(content)
    headers = {
        "etag": etag,
        "cache-control": f"{scope}, max-age={max_age_s}" if max_age_s > 0 else f"{scope}, no-cache",
        "content-type": content_type,
    }
    if not shared_by_all:
        headers["vary"] = "Authorization"
    if is_known(etag, request.headers.get("if-none-match", "")):
        return Answer(status=304, body=b"", headers=headers)
    return Answer(status=200, body=content, headers=headers)


def etag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_known(etag: str, said: str) -> bool:
    """`If-None-Match` of RFC 9110: `*` or a list, compared weakly (what lies between us may compress)."""
    known = {each.strip().removeprefix("W/") for each in said.split(",")}
    return bool(known & {etag, "*"})


def max_age_s(now: datetime, changes_at: datetime | None) -> int:
    """Seconds an answer is good for: never past the instant at which it changes by itself, rounded down; at most
    MAX_AGE_S. 0: ask again each time."""
    if changes_at is None:
        return MAX_AGE_S
    return max(0, min(MAX_AGE_S, math.floor((changes_at - now).total_seconds())))
