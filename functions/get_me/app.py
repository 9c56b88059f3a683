"""HTTP: what the programme knows of a member, and what she allows."""

from __future__ import annotations

from huixue.edge import bootstrap, member_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import member_of


def answer(request: Request) -> Answer:
    _, member = member_of(request)
    return Answer(status=200, body=member_presenting.me(member, bootstrap.now()))


handler = http_entry(answer)
