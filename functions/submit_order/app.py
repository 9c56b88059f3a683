"""HTTP: a member claims an order by its number; matching and crediting follow through queues."""

from __future__ import annotations

from huixue.edge import bootstrap, clients, presenting
from huixue.edge.api import Answer, http_entry, repeated
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.edge.wire import OrderRequest
from huixue.orders.claims import SubmitClaim, submit
from huixue.orders.reading import as_taken, read_claim


def answer(request: Request) -> Answer:
    session, body = session_of(request), request.body(OrderRequest)
    command = SubmitClaim(
        member_id=session.member_id, programme_id=session.programme_id, platform=body.platform,
        order_number=body.order_number, account=body.account, room_level=body.room_level,
        submission=request.request_id,
    )  # fmt: skip
    desk = bootstrap.claim_desk()
    claim, is_new = submit(command, desk=desk, hashes=clients.keyed_hash())
    english = request.wants_english
    if is_new:
        taken = as_taken(claim, desk=desk)
        return Answer(status=202, body=presenting.claim(taken, english=english))
    view = read_claim(session.member_id, claim.claim_id, desk=desk, postings=bootstrap.postings)
    return repeated(presenting.claim(view, english=english))


handler = http_entry(answer)
