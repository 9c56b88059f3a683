"""HTTP: a member has read a guide; whether a task is rewarded for it, a queue decides."""

from __future__ import annotations

from huixue.edge import bootstrap, season_pages
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import member_of
from huixue.kernel.events import TaskDone


def answer(request: Request) -> Answer:
    session, member = member_of(request)
    guide_id, now = request.path_id("guide_id"), bootstrap.now()
    body = season_pages.guide_read(session.programme_id, guide_id, now)
    done = TaskDone(
        member_id=member.member_id, programme_id=session.programme_id, kind="guide",
        subject=guide_id, done_at=now, correlation_id=request.request_id,
    )  # fmt: skip
    bootstrap.outbox().reward([done])
    return Answer(status=202, body=body)


handler = http_entry(answer)
