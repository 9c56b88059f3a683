"""HTTP: a member says who she is and what she allows; what she leaves out stays."""

from __future__ import annotations

from huixue.edge import bootstrap, member_desk, member_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.member_wire import MeRequest
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of


def answer(request: Request) -> Answer:
    session, body = session_of(request), request.body(MeRequest)
    member = member_desk.edited(session, body, correlation_id=request.request_id)
    return Answer(status=200, body=member_presenting.me(member, bootstrap.now()))


handler = http_entry(answer)
