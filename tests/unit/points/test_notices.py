"""Notices of points about to expire: which, when, how many, and never one that was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.policies import LedgerPolicy
from huixue.points.due import due_at, notices_at
from huixue.points.model import Account
from huixue.points.notices import Notice, due_notices
from huixue.points.posting import posted
from tests.unit.points.fakes import ANNA, POLICY, credit, local

DAY = date(2026, 12, 31)
LOT = "2026-12-31|order"


def account(**lots: int) -> Account:
    return Account(member_id=ANNA, programme_id="main", version=1, lots=lots or {LOT: 70})


def told(since: str, now: str, held: Account, policy: LedgerPolicy = POLICY) -> list[Notice]:
    return due_notices(held, policy, since=local(since), now=local(now))


@pytest.mark.parametrize(
    ("since", "now", "days"),
    [
        ("2026-11-30 00:00", "2026-11-30 23:59:59", []),
        ("2026-12-01 00:00", "2026-12-01 00:00", [30]),
        ("2026-12-24 00:00", "2026-12-24 00:10", [7]),
        ("2026-12-30 00:00", "2026-12-31 23:59:59", [1]),
        # the job was away: only the nearest of those it missed
        ("2026-12-01 00:00", "2026-12-25 12:00", [7]),
        ("2026-12-01 00:00", "2026-12-30 12:00", [1]),
        # looked at since: nothing new
        ("2026-12-24 00:00:01", "2026-12-29 23:59:59", []),
    ],
)
def test_a_notice_is_due_from_the_start_of_its_day(since: str, now: str, days: list[int]) -> None:
    found = told(since, now, account())

    assert [each.days_before for each in found] == days
    assert {(each.expires_on, each.points, each.state) for each in found} <= {(DAY, 70, "due")}


def test_all_lots_of_a_day_are_one_notice_and_each_day_has_its_own() -> None:
    held = Account(
        member_id=ANNA, version=1,
        lots={LOT: 70, "2026-12-31|bonus": 5, "2027-01-06|grant": 9, "never|order": 100},
    )  # fmt: skip

    found = told("2026-12-30 00:00", "2026-12-30 00:15", held)

    assert [(each.expires_on, each.days_before, each.points) for each in found] == [
        (date(2026, 12, 31), 1, 75),
        (date(2027, 1, 6), 7, 9),
    ]


def test_a_programme_without_notices_has_none() -> None:
    silent = replace(POLICY, notice_days=())

    assert told("2026-12-01 00:00", "2026-12-31 12:00", account(), silent) == []


def test_an_account_that_nobody_had_to_look_at_has_none() -> None:
    now = local("2026-12-24 00:10")

    assert due_notices(account(), POLICY, since=None, now=now) == []
    assert due_notices(account(), POLICY, since=now + timedelta(seconds=1), now=now) == []


def test_a_posting_between_the_instant_and_the_visit_keeps_the_notice_due() -> None:
    instant, late = local("2026-12-24 00:00"), local("2026-12-24 00:05")
    held = replace(account(), balance=70, entry_count=1, recent=("x",), due_at=instant)

    after, _ = posted(held, [credit(5, key="k", lot="2027-11-30|order")], policy=POLICY, now=late)

    assert after.due_at == instant
    found = due_notices(after, POLICY, since=after.due_at, now=late)
    assert [(each.days_before, each.points) for each in found] == [(7, 70)]
    assert due_at(after, POLICY, late) == local("2026-12-30 00:00")


@given(steps=st.lists(st.integers(1, 40 * 24 * 60), min_size=1, max_size=40))
def test_visits_at_any_time_record_each_kind_at_most_once_and_the_last_one_in_time(
    steps: list[int],
) -> None:
    """Visits as the job makes them: not before the account is due, however late."""
    end = local("2027-01-01 00:00")
    now = local("2026-11-20 12:00")
    held = account()
    look: datetime | None = due_at(held, POLICY, now)
    recorded: list[tuple[int, datetime]] = []
    for minutes in steps:
        now += timedelta(minutes=minutes)
        if look is None or now >= end:
            break
        if look <= now:
            found = due_notices(held, POLICY, since=look, now=now)
            recorded += [(each.days_before, now) for each in found]
            look = due_at(held, POLICY, now)

    kinds = [days for days, _ in recorded]
    assert kinds == sorted(set(kinds), reverse=True)
    instants = dict(zip(POLICY.notice_days, notices_at(DAY, POLICY), strict=True))
    assert all(instants[days] <= at for days, at in recorded)
