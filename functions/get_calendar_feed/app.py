"""HTTP: the public calendar of streams, for phones to subscribe to."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.api import Answer, http_entry
from huixue.edge.caching import MAX_AGE_S, kept
from huixue.edge.calendar_feed import CONTENT_TYPE, feed_at
from huixue.edge.requests import Request


def answer(request: Request) -> Answer:
    content = feed_at(request.path_id("feed_key"), bootstrap.now())
    return kept(
        request, content, scope="public", max_age_s=MAX_AGE_S, content_type=CONTENT_TYPE,
        shared_by_all=True,
    )  # fmt: skip


handler = http_entry(answer)
