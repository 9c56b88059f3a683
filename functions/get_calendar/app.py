"""HTTP: a month of the member's check-ins, with the streams and milestones beside them."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.api import Answer, http_entry
from huixue.edge.caching import kept
from huixue.edge.month_page import month_at
from huixue.edge.requests import Request
from huixue.edge.sessions import member_of


def answer(request: Request) -> Answer:
    session, member = member_of(request)
    month, now = request.query_month("month"), bootstrap.now()
    body = month_at(session, member, month, now, english=request.wants_english)
    # asked again each time: a check-in of a moment ago is in it
    return kept(request, body, scope="private", max_age_s=0)


handler = http_entry(answer)
