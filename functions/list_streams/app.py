"""HTTP: a page of the streams between two business days."""

from __future__ import annotations

from huixue.edge import bootstrap, season_pages
from huixue.edge.api import Answer, http_entry
from huixue.edge.caching import kept, max_age_s
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of


def answer(request: Request) -> Answer:
    session, now = session_of(request, consistent=False), bootstrap.now()
    first, last = request.query_date("from"), request.query_date("to")
    page = season_pages.streams(
        session.programme_id, first, last, now, limit=request.limit(), cursor=request.cursor()
    )
    return kept(request, page.body, scope="public", max_age_s=max_age_s(now, page.changes_at))


handler = http_entry(answer)
