"""HTTP: one block of the home page by its link, also after its end."""

from __future__ import annotations

from huixue.edge import bootstrap, season_pages
from huixue.edge.api import Answer, http_entry
from huixue.edge.caching import kept, max_age_s
from huixue.edge.requests import Request
from huixue.edge.sessions import member_of


def answer(request: Request) -> Answer:
    _, member = member_of(request, consistent=False)
    now = bootstrap.now()
    page = season_pages.block(member, request.path_id("block_id"), now)
    return kept(request, page.body, scope="private", max_age_s=max_age_s(now, page.changes_at))


handler = http_entry(answer)
