"""What a programme gives for an order: said by the programme, pinned by the order pool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

WindowClock = Literal["paid_at", "confirmed_at"]
CampaignKind = Literal["multiply", "add", "fixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTerms:
    """One campaign an order may get; it counts if the line was paid in `starts_at <= paid_at < ends_at`."""

    campaign_id: str
    kind: CampaignKind
    """`multiply` by `value` percent · `add` `value` percentage points · `fixed` `value` points on top."""
    value: int
    starts_at: datetime
    ends_at: datetime


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
    release_after_days: int = 0
    """Points stay pending for so many business days after the confirmation (OC-M5)."""
    credited_types: tuple[str, ...] = ()
    """Trade types beyond the normal one that bring points; all others are EXCLUDED_TYPE (OC-M7)."""
    campaigns: tuple[CampaignTerms, ...] = ()
    """In the order in which they are applied (LG-M12)."""
    zone_name: str = "Asia/Shanghai"
