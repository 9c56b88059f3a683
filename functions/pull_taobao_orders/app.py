"""Schedule: read what the Taobao affiliate feeds have changed, window by window, until all is covered."""

from __future__ import annotations

from datetime import datetime

from huixue.edge import pool_desks
from huixue.edge.schedule import schedule_entry


def act(until: datetime) -> dict[str, object]:
    return pool_desks.pull_feeds(until)


handler = schedule_entry(act)
