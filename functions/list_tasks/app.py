"""HTTP: what a member can do for points, and what of it is done."""

from __future__ import annotations

from huixue.edge import check_in_desk, check_in_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of


def answer(request: Request) -> Answer:
    views = check_in_desk.tasks(session_of(request))
    return Answer(status=200, body=check_in_presenting.task_list(views))


handler = http_entry(answer)
