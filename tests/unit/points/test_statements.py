from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.errors import NotFoundError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Expiry, LedgerPolicy
from huixue.points.model import Entry
from huixue.points.moving import adjust, enter_due, open_hold, spend
from huixue.points.ports import LedgerDesk
from huixue.points.statements import Statement, statement, statement_of
from huixue.points.use_cases import balance
from tests.unit.points.fakes import ANNA, BERTA, MAIN, POLICY, Clock, FakeLedger, local

NOVEMBER = date(2026, 11, 1)


@dataclass(slots=True)
class Member:
    policy: LedgerPolicy = POLICY
    ledger: FakeLedger = field(default_factory=FakeLedger)
    clock: Clock = field(default_factory=Clock)

    @property
    def desk(self) -> LedgerDesk:
        return LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: self.policy, now=self.clock,
            pause=lambda _: None,
        )  # fmt: skip

    def gets(self, points: int, at: str, member_id: MemberId = ANNA) -> None:
        self.clock.now = local(at)
        key = f"{at}{points}{member_id}"
        adjust(member_id, MAIN, key, points, {}, desk=self.desk)

    def spends(self, points: int, at: str) -> None:
        self.clock.now = local(at)
        spend(ANNA, MAIN, at, points, {}, desk=self.desk)

    def merge(self) -> None:
        """Berta turns out to be Anna."""
        self.ledger.merge(BERTA, ANNA, policy=self.policy, now=self.clock.now)

    def month(self, text: str) -> Statement:
        return statement_of(ANNA, date.fromisoformat(f"{text}-01"), desk=self.desk)


def rows(made: Statement) -> list[tuple[str, int, int]]:
    return [(each.scene, each.points, each.count) for each in made.by_scene]


def test_a_month_says_what_it_opened_with_what_happened_and_what_it_closed_with() -> None:
    member = Member()
    member.gets(100, "2026-10-31 23:59:59.999")
    member.gets(50, "2026-11-01 00:00:00")
    member.spends(30, "2026-11-30 23:59:59.999")
    member.gets(7, "2026-12-01 00:00:00")

    made = member.month("2026-11")

    assert (made.opening.balance, made.closing.balance) == (100, 120)
    assert rows(made) == [("spend", -30, 1), ("adjustment", 50, 1)]


def test_a_hold_and_a_debt_stand_at_both_ends() -> None:
    member = Member()
    member.gets(100, "2026-10-05 12:00")
    until = local("2026-12-05 12:00")
    open_hold(ANNA, MAIN, "h1", 40, until, {}, desk=member.desk)
    member.gets(-80, "2026-11-05 12:00")

    made = member.month("2026-11")

    assert (made.opening.available, made.opening.held, made.opening.debt) == (60, 40, 0)
    assert (made.closing.available, made.closing.held, made.closing.debt) == (0, 40, 20)
    assert made.closing.balance == -20


def test_an_expiry_at_midnight_belongs_to_the_month_before() -> None:
    member = Member(policy=replace(POLICY, expiry=Expiry(method="month_end", after=0)))
    member.gets(100, "2026-11-30 23:00")
    member.clock.now = local("2026-12-01 00:00:00")

    before_entering = (member.month("2026-11"), member.month("2026-12"))
    enter_due(ANNA, desk=member.desk)

    assert rows(before_entering[0]) == [("expiry", -100, 1), ("adjustment", 100, 1)]
    assert (before_entering[0].closing.balance, rows(before_entering[1])) == (0, [])
    assert (member.month("2026-11"), member.month("2026-12")) == before_entering


def test_without_entries_a_month_is_nought_and_a_month_to_come_is_not_there() -> None:
    member = Member()
    made = member.month("2020-02")
    assert (made.opening.balance, made.by_scene, made.closing.balance) == (0, (), 0)

    member.clock.now = local("2026-11-30 23:59:59.999")
    with pytest.raises(NotFoundError):
        member.month("2026-12")
    member.clock.now = local("2026-12-01 00:00")
    assert member.month("2026-12").by_scene == ()


def test_the_history_of_a_merged_account_is_hers_and_the_merger_is_not_counted() -> None:
    member = Member()
    member.gets(100, "2026-10-05 12:00", BERTA)
    member.gets(30, "2026-10-06 12:00")
    member.clock.now = local("2026-11-05 12:00")
    member.merge()

    october, november = member.month("2026-10"), member.month("2026-11")

    assert rows(october) == [("adjustment", 130, 2)]
    assert (november.opening.balance, rows(november), november.closing.balance) == (130, [], 130)


def test_a_merger_that_repays_a_debt_shows_the_account_as_it_is() -> None:
    member = Member()
    member.gets(-30, "2026-10-05 12:00", BERTA)
    member.gets(100, "2026-10-06 12:00")
    member.clock.now = local("2026-11-05 12:00")
    member.merge()

    made = member.month("2026-11")

    assert (made.opening.available, made.opening.debt) == (100, 30)
    assert (made.closing.available, made.closing.debt, made.closing.balance) == (70, 0, 70)


def test_her_statement_is_the_same_by_the_id_that_was_merged() -> None:
    member = Member()
    member.gets(100, "2026-10-05 12:00", BERTA)
    member.gets(30, "2026-10-06 12:00")
    member.merge()

    assert statement_of(BERTA, date(2026, 10, 1), desk=member.desk) == member.month("2026-10")


STEPS = st.lists(
    st.tuples(st.integers(min_value=0, max_value=70), st.integers(min_value=-80, max_value=100)),
    max_size=12,
)


@given(steps=STEPS, merged=st.booleans())
def test_every_month_opens_with_what_the_one_before_closed_with(
    steps: list[tuple[int, int]], merged: bool
) -> None:
    policy = replace(POLICY, expiry=Expiry(method="month_end", after=1))
    member = Member(policy=policy)
    member.clock.now = local("2026-01-15 12:00")
    for number, (days, points) in enumerate(steps):
        member.clock.later(days=days)
        if points:
            whose = BERTA if merged and number % 2 else ANNA
            adjust(whose, MAIN, f"a{number}", points, {}, desk=member.desk)
    if merged:
        member.merge()
    months = [date(2025 + index // 12, index % 12 + 1, 1) for index in range(11, 60)]
    today = member.clock.now
    made = [
        statement_of(ANNA, month, desk=member.desk)
        for month in months
        if month <= (today + timedelta(hours=8)).date()
    ]

    for before, after in pairwise(made):
        assert after.opening == before.closing
    for each in made:
        assert (
            each.opening.balance + sum(row.points for row in each.by_scene) == each.closing.balance
        )
        assert each.opening.held + sum(row.held for row in each.by_scene) == each.closing.held
    present, closing = balance(ANNA, desk=member.desk), made[-1].closing
    assert (closing.available, closing.debt) == (present.available, present.debt)


def test_the_order_of_entries_is_of_no_account() -> None:
    member = Member()
    member.gets(100, "2026-10-31 12:00")
    member.gets(50, "2026-11-02 12:00")
    entries: list[Entry] = member.ledger.entries_of(ANNA)

    assert statement(entries[::-1], NOVEMBER) == statement(entries, NOVEMBER)
