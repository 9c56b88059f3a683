"""HTTP: a page of the member's ledger, newest first."""

from __future__ import annotations

from huixue.edge import bootstrap, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request, cursor_of
from huixue.edge.sessions import session_of
from huixue.edge.wire import EntryList
from huixue.points.use_cases import list_entries


def answer(request: Request) -> Answer:
    session = session_of(request)
    page = list_entries(
        session.member_id, limit=request.limit(), start=request.cursor(), ledger=bootstrap.ledger()
    )
    items = [presenting.entry(each) for each in page.entries]
    return Answer(status=200, body=EntryList(items=items, next_cursor=cursor_of(page.next_place)))


handler = http_entry(answer)
