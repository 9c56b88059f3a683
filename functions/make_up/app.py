"""HTTP: a member makes up for a day that she missed."""

from __future__ import annotations

from huixue.edge import check_in_desk, check_in_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import member_of


def answer(request: Request) -> Answer:
    session, member = member_of(request)
    day = request.path_date("date")
    done = check_in_desk.make_up(session, day, joined_at=member.created_at)
    return check_in_presenting.made_up(done)


handler = http_entry(answer)
