"""What a season decides about check-ins and tasks: the season's word to the room of check-ins. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

CycleKind = Literal["week", "month", "rolling", "endless"]
"""What streaks and counts are counted in: ISO weeks, calendar months, blocks of so many days, no end."""
TaskKind = Literal["follow", "profile", "guide", "reservation"]
"""Follow the official account, complete the profile, read a guide, reserve a stream."""
TaskPeriod = Literal["once", "day", "week", "month"]
"""How often a task may be done: once for ever, or once in each of these windows of business days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Points for the day on which `days` are reached, on top of everything else."""

    days: int
    points: int
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUp:
    """Checking in for a day that was missed."""

    within_days: int = 7
    """How many days back; at most 31."""
    per_month: int = 3
    """How many days of one calendar month may be made up."""
    prices: tuple[int, ...] = (10,)
    """Points for the first, second … made-up day of a month; the last price goes on."""
    rewards: Literal["none", "full"] = "none"
    """Whether the made-up day brings the base reward; milestones it leads to always count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInRule:
    """One version: in force from the business day `starts_on` to the day before the next version's."""

    starts_on: date
    ends_cycle: bool = False
    """It begins a cycle of its own on `starts_on`, even in the midst of one."""
    day_starts_min: int = 0
    """Minutes after midnight at which the business day begins (04:00 = 240): for late-night streams."""
    cycle: CycleKind = "month"
    cycle_days: int = 0
    """Length of the blocks of `rolling`, counted from `starts_on`."""
    base_points: int = 1
    consecutive: tuple[Milestone, ...] = ()
    """For days in a row inside the cycle."""
    cumulative: tuple[Milestone, ...] = ()
    """For days of the cycle, in a row or not."""
    make_up: MakeUp | None = None
    """None: missed days stay missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Business days on which the service failed members: no streak breaks there, nobody gets points for them."""

    first: date
    last: date
    reason: str
    declared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Points for something a member did; entered once for each period."""

    task_id: str
    kind: TaskKind
    title: str
    points: int
    period: TaskPeriod = "once"
    subject: str | None = None
    """One guide or stream that it must be; None: any."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInRules:
    """Everything in force for one programme: all versions ever, in the order of `starts_on`."""

    programme_id: str
    zone_name: str = "Asia/Shanghai"
    versions: tuple[CheckInRule, ...] = ()
    outages: tuple[Outage, ...] = ()
    tasks: tuple[Task, ...] = ()
    revision: int = 0
    """0: nothing was published yet."""
