"""HTTP: the guides that are open."""

from __future__ import annotations

from huixue.edge import bootstrap, season_pages
from huixue.edge.api import Answer, http_entry
from huixue.edge.caching import kept, max_age_s
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of


def answer(request: Request) -> Answer:
    session, now = session_of(request, consistent=False), bootstrap.now()
    page = season_pages.guides(session.programme_id, now)
    return kept(request, page.body, scope="public", max_age_s=max_age_s(now, page.changes_at))


handler = http_entry(answer)
