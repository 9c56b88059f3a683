"""Hands that tap at midnight, clocks that differ, make-ups in between: a day is marked once, each with its credit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest

from huixue.check_ins.drafts import DraftRule
from huixue.check_ins.sheets import parsed
from huixue.check_ins.streaks import streak_on
from huixue.check_ins.versions import next_rules
from huixue.dynamodb.database import Database
from huixue.edge.check_in_desk import CheckedIn, CheckInDesk, check_in, make_up
from huixue.edge.session_tokens import Session
from huixue.kernel.check_ins import CheckInRules, MakeUp, Milestone
from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.audit import violations
from huixue.points.changes import Change
from huixue.points.model import Entry
from huixue.points.ports import LedgerDesk
from huixue.points.posting import posted
from huixue.points.store import LedgerStore
from tests.engines.tables import TableNames
from tests.races.main_job import at_once, pause

pytestmark = pytest.mark.exact_engines

HER = MemberId("mem_aaaaaaaaaaaaaaaaaaaaaaaaaa")
SESSION = Session(member_id=HER, programme_id=ProgrammeId("demo"))
POLICY = LedgerPolicy(programme_id="demo", version=1)
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
"""Where Friday, 20 November 2026 ends in Shanghai."""
JOINED = datetime(2026, 1, 1, tzinfo=UTC)
TAPS = 200
THREADS = 200


def rules_of(day_starts_min: int = 0, cycle_first: date = date(2026, 11, 1)) -> CheckInRules:
    draft = DraftRule(
        day_starts_min=day_starts_min, base_points=3,
        consecutive=(Milestone(days=2, points=10), Milestone(days=3, points=20)),
        cumulative=(Milestone(days=2, points=7), Milestone(days=3, points=9)),
        make_up=MakeUp(within_days=7, per_month=3, prices=(5,), rewards="full"),
    )  # fmt: skip
    noon = datetime.combine(cycle_first, time(4), UTC)
    found = next_rules(CheckInRules(programme_id="demo"), draft, (), "Asia/Shanghai", noon)
    assert isinstance(found, CheckInRules)
    return found


class Taps:
    """One member, one ledger, and as many server clocks as there are calls."""

    def __init__(self, client: Any, tables: TableNames, rules: CheckInRules) -> None:
        self.ledger = LedgerStore(Database(client, sleep=lambda _: None), tables.points)
        self.rules = rules

    def desk(self, now: Callable[[], datetime]) -> CheckInDesk:
        desk = LedgerDesk(ledger=self.ledger, policy_of=lambda _: POLICY, now=now, pause=pause)
        return CheckInDesk(ledger=desk, rules_of=lambda _: self.rules)

    def check_in(self, at: datetime) -> CheckedIn:
        return patiently(partial(check_in, SESSION, at=self.desk(lambda: at)))

    def check_in_by(self, now: Callable[[], datetime]) -> CheckedIn:
        return patiently(partial(check_in, SESSION, at=self.desk(now)))

    def make_up(self, day: date, at: datetime) -> CheckedIn:
        return patiently(partial(make_up, SESSION, day, joined_at=JOINED, at=self.desk(lambda: at)))

    def has(self, points: int, at: datetime) -> None:
        account = self.ledger.seat(HER, []).account
        change = Change(
            source_key="adjust#given", scene="adjustment", points=points,
            lots_in={"2027-12-31|adjust": points}, source={"kind": "adjustment"},
        )  # fmt: skip
        after, entries = posted(account, [change], policy=POLICY, now=at)
        self.ledger.post(account, after, entries, policy=POLICY, shared={})

    def entries(self) -> dict[str, Entry]:
        return {each.source_key: each for each in self.ledger.whole(HER)[1]}

    def assert_sound(self) -> None:
        account, entries = self.ledger.whole(HER)
        assert violations(account, entries, lambda _: 0) == []
        assert account.balance == sum(each.points for each in entries)
        marked = {
            key for key in self.entries() if key.startswith("check_in#") and key.count("#") == 1
        }
        assert {f"check_in#{day}" for day in parsed(account.check_in_sheet).marks} == marked


def patiently(call: Callable[[], CheckedIn]) -> CheckedIn:
    """As the mini-program does when it gets a 503."""
    for _ in range(30):
        try:
            return call()
        except ContentionError:
            continue
    raise AssertionError("lost 30 times")


def in_waves(calls: list[Callable[[], CheckedIn]]) -> list[CheckedIn]:
    done: list[CheckedIn] = []
    for start in range(0, len(calls), THREADS):
        done += at_once(calls[start : start + THREADS])
    return done


def around(midnight: datetime, n: int, skew: timedelta) -> datetime:
    """From 0.1 s before to 0.1 s after, by a clock that is `skew` off."""
    return midnight + timedelta(milliseconds=-100 + 200 * n / (TAPS - 1)) + skew


@pytest.mark.parametrize(("day_starts_min", "off_s"), [(0, 0), (0, 5), (240, 0), (240, 5)])
def test_200_taps_around_the_boundary_mark_each_day_once_with_its_credit(
    dynamodb: Any, tables: TableNames, day_starts_min: int, off_s: int
) -> None:
    taps = Taps(dynamodb, tables, rules_of(day_starts_min))
    boundary = MIDNIGHT + timedelta(minutes=day_starts_min)
    draw = random.Random(day_starts_min + off_s)
    skews = [timedelta(seconds=draw.uniform(-off_s, off_s)) for _ in range(TAPS)]
    instants = [around(boundary, n, skew) for n, skew in enumerate(skews)]
    draw.shuffle(instants)

    done = in_waves([partial(taps.check_in, each) for each in instants])

    fresh = Counter(each.day for each in done if not each.repeated)
    assert fresh == {date(2026, 11, 20): 1, date(2026, 11, 21): 1}
    points = {key: entry.points for key, entry in taps.entries().items()}
    assert points["check_in#2026-11-20"] == points["check_in#2026-11-21"] == 3
    # the second of the two, whichever day it is, joins them: both milestones of two days, once each
    assert sorted(points.values()) == [3, 3, 7, 10]
    assert {each.day for each in done} == set(fresh)
    taps.assert_sound()


def test_a_clock_that_steps_back_between_two_tries_marks_no_day_twice(
    dynamodb: Any, tables: TableNames
) -> None:
    taps = Taps(dynamodb, tables, rules_of())
    draw = random.Random(7)

    def stepping() -> datetime:
        return MIDNIGHT + timedelta(seconds=draw.uniform(-5, 5))

    done = in_waves([partial(taps.check_in_by, stepping) for _ in range(TAPS)])

    assert sum(not each.repeated for each in done) == 2
    account = taps.ledger.seat(HER, []).account
    assert account.balance == 3 + 3 + 7 + 10
    assert streak_on(parsed(account.check_in_sheet), taps.rules, date(2026, 11, 21)).length == 2
    taps.assert_sound()


@pytest.mark.parametrize("turn", range(3))
def test_the_same_day_made_up_many_times_at_once_is_paid_for_once(
    dynamodb: Any, tables: TableNames, turn: int
) -> None:
    noon = MIDNIGHT - timedelta(hours=12)
    taps = Taps(dynamodb, tables, rules_of())
    taps.has(100 + turn, noon)
    day = date(2026, 11, 19)

    done = at_once([partial(taps.make_up, day, noon) for _ in range(20)])

    assert sum(not each.repeated for each in done) == 1
    assert {each.price for each in done} == {5}
    assert {each.points for each in done} == {3}
    points = {key: entry.points for key, entry in taps.entries().items()}
    assert (points["check_in#2026-11-19"], points["check_in#2026-11-19#base"]) == (-5, 3)
    taps.assert_sound()


@pytest.mark.parametrize("turn", range(3))
def test_make_ups_and_check_ins_at_once_bring_every_milestone_once(
    dynamodb: Any, tables: TableNames, turn: int
) -> None:
    """Whoever comes last finds three days in a row, and gets what is missing of two and of three."""
    noon = MIDNIGHT - timedelta(hours=12)
    taps = Taps(dynamodb, tables, rules_of())
    taps.has(100 + turn, noon)
    calls: list[Callable[[], CheckedIn]] = [partial(taps.check_in, noon) for _ in range(5)]
    calls += [partial(taps.make_up, date(2026, 11, 19), noon) for _ in range(5)]
    calls += [partial(taps.make_up, date(2026, 11, 18), noon) for _ in range(5)]

    done = at_once(calls)

    assert sum(not each.repeated for each in done) == 3
    brought = Counter(key.partition("#")[2][11:] for key in taps.entries() if key.count("#") == 2)
    assert brought == {"base": 2, "run-2": 1, "run-3": 1, "sum-2": 1, "sum-3": 1}
    account = taps.ledger.seat(HER, []).account
    assert account.balance == 100 + turn + 3 * 3 - 2 * 5 + 10 + 20 + 7 + 9
    assert streak_on(parsed(account.check_in_sheet), taps.rules, date(2026, 11, 20)).length == 3
    taps.assert_sound()
