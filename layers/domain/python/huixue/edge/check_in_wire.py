"""The shapes of check-ins and tasks, as `http-api.md` fixes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from huixue.check_ins.sheets import AwardKind
from huixue.kernel.check_ins import TaskKind, TaskPeriod


class CheckInReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Points that were entered for a day; fewer than promised where a limit is reached."""

    kind: Literal["base", "consecutive", "cumulative"]
    points: int
    days: int | None = None
    """Of a milestone: days in a row, or of the cycle."""
    title: str | None = None


class NextReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The next milestone, if she checks in every day from now on."""

    days_left: int
    """Check-ins until then, that one included."""
    points: int
    kind: AwardKind
    days: int
    date: date
    title: str | None = None


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    date: date
    """The business day it is for, by the server's clock."""
    points: int
    """Of all rewards of the day."""
    streak: int
    """Days in a row, as of now."""
    rewards: list[CheckInReward]
    next_reward: NextReward | None


class MadeUpDay(CheckIn, frozen=True, kw_only=True):
    price: int
    """Points it took."""


class MemberTask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    task_id: str
    kind: TaskKind
    title: str
    points: int
    period: TaskPeriod
    state: Literal["open", "done"]
    """In the present period."""
    subject: str | None = None
    """The one guide or stream that it is for."""
    done_at: datetime | None = None


class MemberTaskList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[MemberTask]
