"""HTTP: a page of the member's claims, newest first."""

from __future__ import annotations

from huixue.edge import bootstrap, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request, cursor_of
from huixue.edge.sessions import session_of
from huixue.edge.wire import ClaimList
from huixue.orders.reading import list_claims


def answer(request: Request) -> Answer:
    session = session_of(request)
    page = list_claims(
        session.member_id, limit=request.limit(), after=request.cursor(),
        desk=bootstrap.claim_desk(), postings=bootstrap.postings,
    )  # fmt: skip
    items = [presenting.claim(view, english=request.wants_english) for view in page.claims]
    return Answer(
        status=200, body=ClaimList(items=items, next_cursor=cursor_of(page.next_claim_id))
    )


handler = http_entry(answer)
