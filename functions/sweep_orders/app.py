"""Schedule: look again at claims whose check is due, and at whatever a lost message left behind."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from huixue.edge import pool_desks
from huixue.edge.schedule import schedule_entry
from huixue.orders.sweep import sweep


def act(until: datetime) -> dict[str, object]:
    return asdict(sweep(desk=pool_desks.sweep_desk(), until=until))


handler = schedule_entry(act)
