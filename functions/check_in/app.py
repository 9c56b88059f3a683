"""HTTP: a member checks in for the day that it is."""

from __future__ import annotations

from huixue.edge import check_in_desk, check_in_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of


def answer(request: Request) -> Answer:
    """Whatever a body says counts for nothing: the day is the server's."""
    return check_in_presenting.check_in(check_in_desk.check_in(session_of(request)))


handler = http_entry(answer)
