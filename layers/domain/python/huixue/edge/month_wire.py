"""The shape of a member's month, as `http-api.md` fixes it: her check-ins beside the streams."""

from __future__ import annotations

from datetime import date

import msgspec

from huixue.check_ins.sheets import AwardKind
from huixue.check_ins.streaks import ResetReason
from huixue.edge.season_wire import StreamMark


class MilestoneMark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Extra points that this day brings if she checks in on every day until then."""

    kind: AwardKind
    days: int
    """In a row, or of the cycle."""
    points: int
    title: str = ""


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    date: date
    checked_in: bool
    """Also where it was made up."""
    made_up: bool
    protected: bool = False
    """The service failed members on this day: it broke no streak."""
    protected_reason: str | None = None
    """Why, of a protected day, in the operator's words."""
    streams: list[StreamMark]
    milestones: list[MilestoneMark]
    member_day: list[str] = []
    """What this day is called in the calendar."""


class StreakReset(msgspec.Struct, frozen=True, kw_only=True):
    """Why the streak does not reach further back."""

    date: date
    """The day she did not check in on, or that a new cycle began with."""
    reason: ResetReason
    reason_detail: str


class NextMilestone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The next extra points, if she checks in every day from now on."""

    date: date
    days_left: int
    """Check-ins until then, that one included."""
    kind: AwardKind
    days: int
    points: int
    title: str = ""


class Calendar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One month for one member, in one answer."""

    month: str
    today: date
    """The business day now: what a check-in would be for."""
    days: list[CalendarDay]
    """Every day of the month."""
    streak: int
    """As of today, whatever the month."""
    streak_days: list[date] = []
    """The days that make the streak, oldest first; of a very long one the last."""
    reset: StreakReset | None = None
    """Absent where nothing was before the streak."""
    next_reward: NextMilestone | None = None
    feed_key: str
    feed_url: str
    """Path of the public calendar on this API, for phones to subscribe to."""
