"""HTTP: a member appeals against the stop of her redemptions; an operator decides the case."""

from __future__ import annotations

from huixue.edge import dispute_desk, presenting
from huixue.edge.api import Answer, http_entry, repeated
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.edge.wire import AppealRequest


def answer(request: Request) -> Answer:
    session, body = session_of(request), request.body(AppealRequest)
    case, is_new = dispute_desk.appealed_freeze(
        session.member_id, session.programme_id, body.message
    )
    shown = presenting.case(case)
    return Answer(status=202, body=shown) if is_new else repeated(shown)


handler = http_entry(answer)
