"""HTTP: every route that is not ours, answered in the form of all refusals."""

from __future__ import annotations

from huixue.edge.api import Answer, http_entry
from huixue.edge.problems import RouteNotFoundError
from huixue.edge.requests import Request


def answer(request: Request) -> Answer:
    raise RouteNotFoundError("no such route", route=request.route)


handler = http_entry(answer)
