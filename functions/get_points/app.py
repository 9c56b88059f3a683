"""HTTP: the member's balance."""

from __future__ import annotations

from huixue.edge import bootstrap, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.session_tokens import UnauthenticatedError
from huixue.edge.sessions import signed_session
from huixue.points.use_cases import balance


def answer(request: Request) -> Answer:
    session = signed_session(request)
    account = balance(session.member_id, desk=bootstrap.ledger_desk())
    if account.erased_at is not None:  # instead of her row: a balance costs one read
        raise UnauthenticatedError("erased")
    return Answer(
        status=200,
        body=presenting.points(account, now=bootstrap.now(), english=request.wants_english),
    )


handler = http_entry(answer)
