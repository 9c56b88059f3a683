"""Check-ins against a real store: mergers, erasure, caps, and what a repeat finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huixue.check_ins.marking import MakeUpNotAllowedError
from huixue.check_ins.sheets import joined
from huixue.dynamodb.database import Database
from huixue.edge.check_in_desk import CheckInDesk, check_in, make_up, month, reward, tasks
from huixue.edge.session_tokens import Session
from huixue.kernel.check_ins import CheckInRules, Task
from huixue.kernel.errors import MemberErasedError
from huixue.kernel.events import TaskDone
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.kernel.policies import Cap, Expiry, LedgerPolicy
from huixue.points.model import Entry
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from huixue.seasons.model import SeasonNotFoundError
from tests.engines.clock import FrozenClock
from tests.engines.tables import TableNames
from tests.unit.check_ins.made import MAKE_UP, RULE, nov, outage, rules

HER, OTHER = MemberId("mem_her"), MemberId("mem_other")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
JOINED = NOON - timedelta(days=60)
READ = Task(task_id="read", kind="guide", title="读", points=5)


class Place:
    """A desk on a store of the test, with a clock that stands still."""

    def __init__(self, client: Any, tables: TableNames) -> None:
        self.clock = FrozenClock(NOON)
        self.ledger = LedgerStore(Database(client, sleep=lambda _: None), tables.points)
        self.policy = LedgerPolicy(programme_id="demo", version=1)
        self.rules = replace(rules(), tasks=(READ,))

    def desk(self) -> CheckInDesk:
        ledger = LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: self.policy, now=self.clock.now,
            pause=lambda _: None,
        )  # fmt: skip
        return CheckInDesk(ledger=ledger, rules_of=lambda _: self.rules)

    def on(self, day: int) -> None:
        self.clock.instant = NOON + timedelta(days=day - 20)

    def entries(self, member_id: MemberId = HER) -> dict[str, Entry]:
        return {each.source_key: each for each in self.ledger.whole(member_id)[1]}

    def merge(self, gone: MemberId, survivor: MemberId) -> None:
        database = self.ledger._database
        database.transact(
            self.ledger.merge_writes(
                gone,
                survivor,
                lambda _: self.policy,
                self.clock.now(),
                lambda one, other: joined(one, other, self.rules),
            )
        )


def session(member_id: MemberId = HER) -> Session:
    return Session(member_id=member_id, programme_id=ProgrammeId("demo"))


@pytest.fixture
def place(dynamodb: Any, tables: TableNames) -> Place:
    return Place(dynamodb, tables)


def checked_in(place: Place, *days: int, member_id: MemberId = HER) -> None:
    for day in days:
        place.on(day)
        check_in(session(member_id), at=place.desk())
    place.on(20)


def done(subject: str = "a") -> TaskDone:
    return TaskDone(
        member_id=HER, programme_id="demo", kind="guide", subject=subject, done_at=NOON,
        correlation_id="x",
    )  # fmt: skip


def test_a_day_is_one_entry_that_keeps_the_sheet_and_says_the_streak(place: Place) -> None:
    checked_in(place, 19, 20)

    entry = place.entries()["check_in#2026-11-20"]
    account = place.ledger.account(HER)
    assert entry.source == {"kind": "check_in", "date": "2026-11-20", "streak": 2}
    assert entry.check_in_sheet == account.check_in_sheet
    assert list(account.lots) == ["2027-11-30|check_in"]


def test_a_day_of_one_of_two_accounts_is_a_day_of_both_once_they_are_one(place: Place) -> None:
    checked_in(place, 17, 18, member_id=OTHER)
    checked_in(place, 19, 20)

    place.merge(OTHER, HER)

    again = check_in(session(OTHER), at=place.desk())
    assert (again.repeated, again.streak) == (True, 4)
    made = make_up(session(), nov(18), joined_at=JOINED, at=place.desk())
    assert (made.repeated, made.points) == (True, 2)
    place.on(21)
    assert [each.kind for each in check_in(session(OTHER), at=place.desk()).rewards] == [
        "base", "consecutive", "cumulative",
    ]  # fmt: skip


def test_both_days_of_the_month_are_seen_after_a_merger(place: Place) -> None:
    checked_in(place, 17, member_id=OTHER)
    checked_in(place, 19)
    place.merge(OTHER, HER)

    assert set(month(session(OTHER), nov(1), at=place.desk()).days) == {nov(17), nov(19)}


def test_for_who_was_erased_nothing_is_posted(place: Place) -> None:
    checked_in(place, 19)
    place.ledger.erase(HER, NOON)
    before = place.entries()

    for act in (check_in, tasks):
        with pytest.raises(MemberErasedError):
            act(session(), at=place.desk())
    with pytest.raises(MemberErasedError):
        make_up(session(), nov(18), joined_at=JOINED, at=place.desk())
    with pytest.raises(MemberErasedError):
        month(session(), nov(1), at=place.desk())
    with pytest.raises(MemberErasedError):
        reward(done(), at=place.desk())

    assert place.entries() == before


def test_a_cap_keeps_points_back_and_the_day_counts_all_the_same(place: Place) -> None:
    cap = Cap(
        cap_id="days", per="member", window="month", points=5,
        scenes=("check_in", "check_in_streak"),
    )  # fmt: skip
    place.policy = replace(place.policy, caps=(cap,))
    checked_in(place, 18, 19)

    first = check_in(session(), at=place.desk())
    again = check_in(session(), at=place.desk())

    assert [(each.kind, each.points) for each in first.rewards] == [("base", 1), ("consecutive", 0)]
    assert first.rewards == again.rewards
    assert (first.points, first.streak) == (1, 3)


def test_the_day_she_joined_is_a_business_day_too(place: Place) -> None:
    """She came at 01:00 of the 19th by the calendar, when the 18th was not over."""
    place.rules = rules(replace(RULE, day_starts_min=240))
    joined_at = datetime(2026, 11, 18, 17, tzinfo=UTC)

    assert make_up(session(), nov(18), joined_at=joined_at, at=place.desk()).day == nov(18)
    with pytest.raises(MakeUpNotAllowedError):
        make_up(session(), nov(17), joined_at=joined_at, at=place.desk())


def test_months_before_the_window_are_read_from_the_entries(place: Place) -> None:
    start = date(2026, 9, 1)
    place.rules = rules(replace(RULE, consecutive=(), cumulative=()))
    for n in [*range(0, 30, 3), 120]:
        place.clock.instant = datetime(2026, 9, 1, 4, tzinfo=UTC) + timedelta(days=n)
        check_in(session(), at=place.desk())

    seen = month(session(), start, at=place.desk())

    assert set(seen.days) == {date(2026, 9, 1 + n) for n in range(0, 30, 3)}
    assert set(month(session(), date(2026, 12, 30), at=place.desk()).days) == {date(2026, 12, 30)}


def test_a_task_is_rewarded_once_and_listed_as_done(place: Place) -> None:
    assert tasks(session(), at=place.desk())[0].done_at is None

    assert [reward(done(each), at=place.desk()) for each in ("a", "a", "b")] == [1, 0, 0]

    (view,) = tasks(session(), at=place.desk())
    assert (view.task, view.done_at) == (READ, NOON)
    entry = place.entries()["task#read#once"]
    assert entry.source == {"kind": "task", "task_id": "read", "title": "读"}


def test_a_title_that_was_changed_since_is_no_other_task(place: Place) -> None:
    reward(done(), at=place.desk())
    place.rules = replace(place.rules, tasks=(replace(READ, title="阅读", points=9),))

    assert reward(done(), at=place.desk()) == 0


def test_without_rules_nothing_is_marked(place: Place) -> None:
    place.rules = CheckInRules(programme_id="demo")

    with pytest.raises(SeasonNotFoundError):
        check_in(session(), at=place.desk())
    with pytest.raises(SeasonNotFoundError):
        make_up(session(), nov(19), joined_at=JOINED, at=place.desk())
    assert place.entries() == {}
    assert month(session(), nov(1), at=place.desk()).days == {}
    assert tasks(session(), at=place.desk()) == []


def test_a_whole_day_costs_two_units_for_the_account_and_for_each_entry(place: Place) -> None:
    """Nothing else is written: no mark, no counter, no lock."""
    checked_in(place, 18, 19)
    before = place.entries()

    check_in(session(), at=place.desk())

    assert {*place.entries()} - {*before} == {"check_in#2026-11-20", "check_in#2026-11-20#run-3"}


def test_the_ledgers_day_of_a_check_in_is_its_business_day(place: Place) -> None:
    """Days begin at 04:00: what she gets at 01:30 belongs to the day before, and so do its cap and its month."""
    place.rules = rules(replace(RULE, day_starts_min=240, base_points=5, make_up=MAKE_UP))
    daily = Cap(cap_id="c", per="member", window="day", points=5, scenes=("check_in",))
    place.policy = replace(
        place.policy, caps=(daily,), expiry_of={"check_in": Expiry(method="month_end", after=0)}
    )

    place.clock.instant = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
    late = check_in(session(), at=place.desk())
    make_up(session(), nov(29), joined_at=JOINED, at=place.desk())
    place.clock.instant = datetime(2026, 12, 1, 3, tzinfo=UTC)
    noon = check_in(session(), at=place.desk())

    entries = place.entries()
    assert (late.day, late.points, noon.day, noon.points) == (nov(30), 5, date(2026, 12, 1), 5)
    assert entries["check_in#2026-11-30"].business_date == nov(30)
    assert entries["check_in#2026-11-29"].business_date == nov(30)
    assert entries["check_in#2026-11-30"].caps == {"c|2026-11-30": 5}
    assert entries["check_in#2026-12-01"].capped == 0
    assert entries["check_in#2026-12-01"].lots == {"2026-12-31|check_in": 5}


def test_a_task_belongs_to_the_business_day_on_which_it_was_done(place: Place) -> None:
    place.rules = replace(place.rules, versions=(replace(RULE, day_starts_min=240),))
    at = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)

    reward(replace(done(), done_at=at), at=place.desk())

    assert place.entries()["task#read#once"].business_date == nov(20)


def test_a_shared_cap_is_that_of_the_business_day(place: Place) -> None:
    place.rules = rules(replace(RULE, day_starts_min=240, base_points=5))
    place.policy = replace(
        place.policy, caps=(Cap(cap_id="all", per="programme", window="day", points=8),)
    )

    place.clock.instant = datetime(2026, 11, 20, 3, tzinfo=UTC)
    first = check_in(session(), at=place.desk())
    place.clock.instant = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    late = check_in(session(OTHER), at=place.desk())

    assert (first.points, late.points) == (5, 3)


def test_an_outage_at_the_beginning_of_an_old_month_stays_protected(place: Place) -> None:
    """What came before it lies in the month before, and is no longer named by her sheet."""
    rule = replace(RULE, cycle="endless", consecutive=(), cumulative=())
    place.rules = rules(rule, outages=[outage(date(2026, 10, 1), date(2026, 10, 2))])
    for day in (date(2026, 9, 30), date(2026, 10, 3), date(2027, 2, 1)):
        place.clock.instant = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        check_in(session(), at=place.desk())

    seen = month(session(), date(2026, 10, 1), at=place.desk())

    assert seen.days == {
        date(2026, 10, 1): "protected", date(2026, 10, 2): "protected",
        date(2026, 10, 3): "checked_in",
    }  # fmt: skip
    assert seen.reasons == dict.fromkeys([date(2026, 10, 1), date(2026, 10, 2)], "down")
