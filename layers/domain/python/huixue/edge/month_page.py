"""A member's month in one answer: her check-ins beside the streams, member days and milestones (CI-M6).

A module of its own, so that the other pages of a season load neither check-ins nor the ledger.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huixue.check_ins import days
from huixue.check_ins.months import MonthView, NextReward
from huixue.check_ins.streaks import Reset
from huixue.edge import check_in_desk, season_presenting
from huixue.edge import month_wire as wire
from huixue.edge.season_desk import feed_key, seasons
from huixue.edge.sentences import reset_sentence
from huixue.edge.session_tokens import Session
from huixue.kernel.calendar import business_date
from huixue.kernel.check_ins import CheckInRules
from huixue.members.model import Member
from huixue.seasons.calendar import member_days_on, streams_by_day
from huixue.seasons.instants import streams_of
from huixue.seasons.model import Edition, Stream


def month_at(
    session: Session, member: Member, month: date | None, now: datetime, *, english: bool
) -> wire.Calendar:
    """`month`: its first day; None: the one of the business day now. Where no check-in rules are published the answer
    is the same without her marks. Raises SeasonNotFoundError, MemberErasedError."""
    edition = seasons().edition(session.programme_id)
    rules = check_in_desk.rules(session.programme_id)
    today = _today(rules, now, edition.zone)
    first = (month or today).replace(day=1)
    months = seasons().months(session.programme_id, [first.isoformat()[:7]])
    return shown(
        edition,
        streams_of(months),
        _marks(session, member, rules, first),
        today=today,
        now=now,
        feed_key=feed_key(session.programme_id, edition.feed_generation),
        english=english,
    )


def _today(rules: CheckInRules, now: datetime, zone_name: str) -> date:
    """What a check-in would be for: late-night streams may end a business day after midnight."""
    if not rules.versions:
        return business_date(now, ZoneInfo(zone_name))
    return days.business_date(rules, now)


def _marks(session: Session, member: Member, rules: CheckInRules, first: date) -> MonthView:
    if not rules.versions:
        return MonthView(month=first)
    hers = replace(session, member_id=member.member_id)
    joined_at = member.created_at if member.revision else None
    return check_in_desk.month(hers, first, joined_at=joined_at)


def shown(
    edition: Edition,
    streams: Sequence[Stream],
    view: MonthView,
    *,
    today: date,
    now: datetime,
    feed_key: str,
    english: bool,
) -> wire.Calendar:
    by_day = streams_by_day(streams, edition.zone)
    _, length = monthrange(view.month.year, view.month.month)
    days = (view.month.replace(day=number) for number in range(1, length + 1))
    return wire.Calendar(
        month=view.month.isoformat()[:7],
        today=today,
        days=[_day(edition, each, by_day.get(each, ()), view, now) for each in days],
        streak=view.streak,
        streak_days=list(view.streak_days),
        reset=_reset(view.reset, english),
        next_reward=_next_milestone(view.next_reward),
        feed_key=feed_key,
        feed_url=f"/v1/calendar/{feed_key}.ics",
    )


def _day(
    edition: Edition,
    day: date,
    streams: Sequence[Stream],
    view: MonthView,
    now: datetime,
) -> wire.CalendarDay:
    zone, mark = ZoneInfo(edition.zone), view.days.get(day)
    return wire.CalendarDay(
        date=day,
        checked_in=mark in ("checked_in", "made_up"),
        made_up=mark == "made_up",
        protected=mark == "protected",
        protected_reason=view.reasons.get(day),
        streams=[season_presenting.stream_mark(each, now=now, zone=zone) for each in streams],
        milestones=[
            wire.MilestoneMark(kind=each.kind, days=each.days, points=each.points, title=each.title)
            for each in view.milestones.get(day, ())
        ],
        member_day=list(member_days_on(edition, day)),
    )


def _reset(found: Reset | None, english: bool) -> wire.StreakReset | None:
    if found is None:
        return None
    detail = reset_sentence(found.reason, english=english)
    return wire.StreakReset(date=found.day, reason=found.reason, reason_detail=detail)


def _next_milestone(found: NextReward | None) -> wire.NextMilestone | None:
    if found is None:
        return None
    return wire.NextMilestone(
        date=found.on,
        days_left=found.days_left,
        kind=found.kind,
        days=found.days,
        points=found.points,
        title=found.title,
    )
