"""HTTP: how far a sync of the member is, and what it found."""

from __future__ import annotations

from huixue.edge import bootstrap, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.orders.sync_runs import read


def answer(request: Request) -> Answer:
    session = session_of(request)
    sync = read(session.member_id, request.path_id("sync_id"), desk=bootstrap.sync_desk())
    return Answer(status=200, body=presenting.order_sync(sync, english=request.wants_english))


handler = http_entry(answer)
