"""What a programme gives for an order: said by the programme, pinned by the order pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WindowClock = Literal["paid_at", "confirmed_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an order is worth, fixed for ever when it gets its owner: a lower rate touches later orders only."""

    programme_id: str
    programme_version: int
    room_id: str
    rule: str
    """`main/taobao`: what to look up in that version."""
    rate_milli: int
    """Points per yuan × 1000."""
    multiplier_percent: int
    level: str | None
    """The verified level that multiplies; None where none does."""
    window_days: int
    window_clock: WindowClock
