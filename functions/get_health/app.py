"""HTTP: whether the service answers. Touches nothing else."""

from __future__ import annotations

from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.wire import Health


def answer(request: Request) -> Answer:
    del request
    return Answer(status=200, body=Health(status="ok"))


handler = http_entry(answer)
