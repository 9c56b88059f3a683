"""HTTP: the member's statement of one month."""

from __future__ import annotations

from huixue.edge import bootstrap, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.points.statements import statement_of


def answer(request: Request) -> Answer:
    session, month = session_of(request), request.path_month("month")
    statement = statement_of(session.member_id, month, desk=bootstrap.ledger_desk())
    return Answer(status=200, body=presenting.statement(statement))


handler = http_entry(answer)
