"""Checking in today, and making up for a day that was missed: what is to be entered for it. Pure.

Whether the day was marked before is not decided here: the ledger's entry of the day is the guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from huixue.check_ins import awards
from huixue.check_ins.awards import Award
from huixue.check_ins.days import rule_on
from huixue.check_ins.drafts import MAX_MAKE_UP_DAYS
from huixue.check_ins.sheets import Mark, Sheet, folded, marked, parsed, text_of
from huixue.check_ins.streaks import streak_on
from huixue.kernel.check_ins import CheckInRules, MakeUp
from huixue.kernel.errors import NotFoundError, RuleError

Why = Literal[
    "future", "today", "before_joining", "too_long_ago", "month_limit", "no_make_up"
]  # fmt: skip


class NoCheckInError(NotFoundError):
    """No rules of check-ins are in force on that day."""

    code = "NO_CHECK_IN_RULES"


class MakeUpNotAllowedError(RuleError):
    """That day cannot be made up for; `why` says which rule forbids it."""

    code = "MAKE_UP_NOT_ALLOWED"

    def __init__(self, why: Why, **facts: object) -> None:
        super().__init__("that day cannot be made up for", why=why, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What one mark comes to: entries of one transaction."""

    day: date
    mark: Mark
    price: int = 0
    base: int | None
    """Points of the day itself, which may be nought; None: this day brings none."""
    awards: tuple[Award, ...]
    streak: int
    """As of the business day on which it was asked."""
    sheet: str
    """The text of the sheet from now on."""


def checked_in(sheet_text: str, rules: CheckInRules, today: date) -> Marked:
    """Raises NoCheckInError where no rules are in force today."""
    rule = rule_on(rules, today)
    if rule is None:
        raise NoCheckInError("no check-in rules are in force")
    return _with(parsed(sheet_text), rules, today, "checked_in", today, base=rule.base_points)


def made_up(
    sheet_text: str, rules: CheckInRules, day: date, *, today: date, joined_on: date
) -> Marked:
    """What is allowed, and at what price, is the word of the version in force today; what the day itself brings is that
    of its own version.

    Raises MakeUpNotAllowedError, and NoCheckInError where no rules are in force today."""
    present, then = rule_on(rules, today), rule_on(rules, day)
    if present is None:
        raise NoCheckInError("no check-in rules are in force")
    sheet = parsed(sheet_text)
    allowed = _allowed_on(day, today)
    if present.make_up is None:
        raise MakeUpNotAllowedError("no_make_up")
    number = _number_allowed(sheet, present.make_up, allowed, today, joined_on)
    if then is None:
        raise MakeUpNotAllowedError("no_make_up")  # nobody could check in yet
    base = then.base_points if present.make_up.rewards == "full" else None
    price = _price(present.make_up, number)
    return _with(sheet, rules, day, "made_up", today, base=base, price=price)


def _allowed_on(day: date, today: date) -> date:
    if day > today:
        raise MakeUpNotAllowedError("future")
    if day == today:
        raise MakeUpNotAllowedError("today")
    return day


def _number_allowed(sheet: Sheet, make_up: MakeUp, day: date, today: date, joined_on: date) -> int:
    """Which made-up day of its calendar month it would be."""
    if day < joined_on:
        raise MakeUpNotAllowedError("before_joining")
    within_days = min(make_up.within_days, MAX_MAKE_UP_DAYS)
    if day < today - timedelta(days=within_days):
        raise MakeUpNotAllowedError("too_long_ago", within_days=within_days)
    before = sum(
        mark == "made_up" and (each.year, each.month) == (day.year, day.month)
        for each, mark in sheet.marks.items()
    )
    if before >= make_up.per_month:
        raise MakeUpNotAllowedError("month_limit", per_month=make_up.per_month)
    return before + 1


def _price(make_up: MakeUp, number: int) -> int:
    return make_up.prices[min(number, len(make_up.prices)) - 1] if make_up.prices else 0


def _with(
    sheet: Sheet, rules: CheckInRules, day: date, mark: Mark, today: date,
    *, base: int | None, price: int = 0,
) -> Marked:  # fmt: skip
    now = marked(sheet, day, mark)
    reached = awards.due(now, rules, day)
    now = folded(awards.with_given(now, rules, reached), rules)
    return Marked(
        day=day, mark=mark, price=price, base=base, awards=tuple(reached),
        streak=streak_on(now, rules, today).length, sheet=text_of(now),
    )  # fmt: skip
