"""HTTP: a code of wx.login becomes a session token."""

from __future__ import annotations

from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.signing_in import signed_in
from huixue.edge.wire import SessionRequest


def answer(request: Request) -> Answer:
    session = signed_in(request.body(SessionRequest), referer=request.headers.get("referer", ""))
    return Answer(status=200, body=session)


handler = http_entry(answer)
