"""HTTP: the OpenAPI document of this API, as committed."""

from __future__ import annotations

from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.served_document import openapi_answer


def answer(request: Request) -> Answer:
    return openapi_answer(request)


handler = http_entry(answer)
