"""HTTP: a member proves a platform account with one confirmed order; the sync runs from a queue."""

from __future__ import annotations

from huixue.edge import bootstrap, clients
from huixue.edge.api import Answer, http_entry, repeated
from huixue.edge.requests import Request
from huixue.edge.sessions import session_of
from huixue.edge.wire import OrderSyncRequest, OrderSyncStarted
from huixue.orders.syncs import StartSync, start


def answer(request: Request) -> Answer:
    session, body = session_of(request), request.body(OrderSyncRequest)
    command = StartSync(
        member_id=session.member_id, programme_id=session.programme_id, platform=body.platform,
        account=body.account, order_number=body.order_number,
        paid_amount_fen=body.paid_amount_fen,
    )  # fmt: skip
    sync, is_new = start(command, desk=bootstrap.sync_desk(), hashes=clients.keyed_hash())
    started = OrderSyncStarted(sync_id=sync.sync_id, status=sync.status)
    return Answer(status=202, body=started) if is_new else repeated(started)


handler = http_entry(answer)
