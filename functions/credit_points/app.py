"""Queue: make a member's ledger agree with what her orders are worth now."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.batch import queue_entry
from huixue.kernel.events import OrdersChanged
from huixue.kernel.ids import MemberId


def act(message: OrdersChanged, redelivered: bool) -> int:
    del redelivered  # settling posts only what is missing
    return bootstrap.settle_orders(MemberId(message.member_id), message.order_refs)


handler = queue_entry(OrdersChanged, act)
