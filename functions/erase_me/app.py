"""HTTP: the member is erased, at once and for good; the answer says what was removed and what remains."""

from __future__ import annotations

from huixue.edge import bootstrap, erasure_presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.erasing import erase, erasure_desk
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of


def answer(request: Request) -> Answer:
    send = bootstrap.outbox().erase_later
    made = erase(session_of(request), desk=erasure_desk(), send=send)
    return Answer(status=200, body=erasure_presenting.receipt(made))


handler = http_entry(answer)
