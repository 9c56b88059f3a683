"""What a programme decides about points: said by the programme, followed by the ledger. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

ExpiryMethod = Literal[
    "never", "days", "month_end", "quarter_end", "half_year_end", "year_end", "fixed_date"
]
Shortfall = Literal["debt", "write_off", "freeze"]
CapWindow = Literal["day", "week", "month", "year", "total"]
Downgrade = Literal["one_step", "by_points"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When points of a class expire (LG-M9); always at the end of a business day."""

    method: ExpiryMethod = "month_end"
    after: int = 12
    """Days for `days`; months for the four ends: the end of the month, quarter, half-year or year that lies
    so many months after accrual. Unused by `never` and `fixed_date`."""
    on: date | None = None
    """The last day, for `fixed_date` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clawback:
    """What happens when points are taken back that were spent already (LG-M7)."""

    other_lots: bool = True
    """After the order's own lots, take from the others, soonest to expire first; else what is missing is a
    shortfall at once."""
    shortfall: Shortfall = "debt"
    """`debt` new credits repay it first · `write_off` recorded as a loss, the balance stays at zero · `freeze` debt,
    and redemptions stay frozen until an operator lifts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """No more than `points` may be earned in a window of business time (LG-M11)."""

    cap_id: str
    per: Literal["member", "programme"]
    window: CapWindow
    points: int
    scenes: tuple[str, ...] = ()
    """Scenes of the ledger it counts; none = all that earn."""
    rules: tuple[str, ...] = ()
    """Rules (`main/taobao`) it counts; none = all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    tier: str
    from_points: int
    """Qualifying points from which a member has it."""
    title: str = ""
    """What members read; its id where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """Ranks by qualifying points, which spending never lowers (LG-M13); lowest tier first."""

    tiers: tuple[Tier, ...]
    period: Literal["lifetime", "calendar_year"] = "calendar_year"
    """`lifetime`: by all qualifying points ever, falling only with clawbacks. `calendar_year`: what a year earns holds
    to the end of the next."""
    downgrade: Downgrade = "one_step"
    """At the end of a period that did not earn the tier again: one tier lower, or what the points say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundBan:
    """Who refunds too much of what she buys cannot redeem for a while (OC-M10)."""

    window_days: int
    min_orders: int
    ratio_percent: int
    """Refunded orders per hundred paid ones of the window, from which on she is banned."""
    ban_days: int


@dataclass(frozen=True, kw_only=True)
class LedgerPolicy:
    """Everything the ledger asks a programme; the defaults are those of `product.md`."""

    programme_id: str = ""
    version: int = 0
    zone_name: str = "Asia/Shanghai"
    expiry: Expiry = field(default_factory=Expiry)
    expiry_of: Mapping[str, Expiry] = field(default_factory=dict)
    """By lot class (`order`, `bonus`, `check_in`, `grant` …) where it differs from `expiry`."""
    grace_days: int = 7
    """Points that come back after their lot expired live so many days more (LG-M6)."""
    notice_days: tuple[int, ...] = (30, 7, 1)
    """Days before an expiry on which a notice is recorded (LG-M10)."""
    clawback: Clawback = field(default_factory=Clawback)
    caps: tuple[Cap, ...] = ()
    tiers: Tiers | None = None
    four_eyes_above_points: int = 1000
    """Manual adjustments of more points need a second operator (LG-M14)."""
    cost_milli_fen: int = 1000
    """What a point costs the operator, in thousandths of a fen: for the liability report."""
    refund_ban: RefundBan | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
