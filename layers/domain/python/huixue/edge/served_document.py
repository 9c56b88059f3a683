"""Serving the OpenAPI document: public, cacheable, 304 where the client has it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from huixue.edge.api import Answer
from huixue.edge.requests import Request

DOCUMENT = Path(__file__).with_name("openapi.json")


@cache
def _document() -> tuple[bytes, str]:
    content = DOCUMENT.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _is_known(etag: str, said: str) -> bool:
    """`If-None-Match` of RFC 9110: `*` or a list, compared weakly (what lies between us may compress)."""
    known = {each.strip().removeprefix("W/") for each in said.split(",")}
    return bool(known & {etag, "*"})


def openapi_answer(request: Request) -> Answer:
    content, etag = _document()
    headers = {"etag": etag, "cache-control": "public, max-age=300"}
    if _is_known(etag, request.headers.get("if-none-match", "")):
        return Answer(status=304, body=b"", headers=headers)
    return Answer(status=200, body=content, headers=headers)
