"""HTTP: a member says who she is and what she allows; what she leaves out stays."""

from __future__ import annotations

from huixue.edge import bootstrap, member_desk, member_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.member_wire import MeRequest
from huixue.edge.requests import Request
from huixue.edge.sessions import member_of


def answer(request: Request) -> Answer:
    session, before = member_of(request)
    body = request.body(MeRequest)
    member = member_desk.edited(
        session, body, consents=before.consents, correlation_id=request.request_id
    )
    return member_presenting.edited(member, before, body, bootstrap.now())


handler = http_entry(answer)
