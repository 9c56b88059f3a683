"""HTTP: one claim of the member, and what became of its lines."""

from __future__ import annotations

from huixue.edge import bootstrap, dispute_desk, presenting
from huixue.edge.api import Answer, http_entry
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.orders.reading import read_claim


def answer(request: Request) -> Answer:
    session = session_of(request)
    view = read_claim(
        session.member_id, request.path_id("claim_id"),
        desk=bootstrap.claim_desk(), postings=bootstrap.postings,
    )  # fmt: skip
    appeal = dispute_desk.case_of_claim(view.claim)
    body = presenting.claim(view, english=request.wants_english, appeal=appeal)
    return Answer(status=200, body=body)


handler = http_entry(answer)
