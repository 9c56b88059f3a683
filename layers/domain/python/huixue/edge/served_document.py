"""Serving the OpenAPI document: public, cacheable, 304 where the client has it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from huixue.edge.api import Answer
from huixue.edge.caching import kept
from huixue.edge.requests import Request

DOCUMENT = Path(__file__).with_name("openapi.json")
_MAX_AGE_S = 300


@cache
def _document() -> bytes:
    return DOCUMENT.read_bytes()


def openapi_answer(request: Request) -> Answer:
    return kept(request, _document(), scope="public", max_age_s=_MAX_AGE_S, shared_by_all=True)
