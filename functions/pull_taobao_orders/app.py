"""Schedule: read what the Taobao affiliate feed has changed, window by window, until all is covered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from huixue.edge import bootstrap, clients, pool_desks
from huixue.edge.observability import Counts
from huixue.edge.schedule import schedule_entry
from huixue.orders.feeds import pull


def act(until: datetime) -> dict[str, object]:
    pulled = {
        feed.feed_id: asdict(pull(
            feed, desk=pool_desks.pool_desk(), book=pool_desks.coverage(),
            hashes=clients.keyed_hash(), metrics=Counts(), now=bootstrap.now, until=until,
        ))
        for feed in pool_desks.feeds()
    }  # fmt: skip
    return dict(pulled)


handler = schedule_entry(act)
