"""Queue: check a sync's proof, bind the account, bring its orders and settle them."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.edge.batch import queue_entry
from huixue.kernel.events import OrderSyncRequested
from huixue.orders.sync_runs import run


def act(message: OrderSyncRequested, redelivered: bool) -> str:
    del redelivered  # what a run has won is told from the orders themselves
    sync = run(message, desk=bootstrap.sync_desk(), settle=bootstrap.settle_orders)
    return sync.status if sync is not None else "ended before"


handler = queue_entry(OrderSyncRequested, act)
