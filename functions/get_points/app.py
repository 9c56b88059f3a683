"""HTTP: the member's balance."""

from __future__ import annotations

from huixue.edge import bootstrap, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.points.use_cases import balance


def answer(request: Request) -> Answer:
    session = session_of(request)
    account = balance(session.member_id, desk=bootstrap.ledger_desk())
    return Answer(
        status=200,
        body=presenting.points(account, now=bootstrap.now(), english=request.wants_english),
    )


handler = http_entry(answer)
