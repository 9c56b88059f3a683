from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import LineQuote
from huixue.kernel.policies import Clawback, LedgerPolicy, Shortfall
from huixue.points.audit import double_credits, line_nets, violations
from huixue.points.moving import spend
from huixue.points.ports import LedgerDesk
from huixue.points.transfers import Transfer, planned, settled
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    MAIN,
    POLICY,
    Clock,
    FakeLedger,
    Pool,
    quote,
    recomputed,
)


@dataclass(slots=True)
class Room:
    """Anna's lines, until they are Berta's."""

    policy: LedgerPolicy = POLICY
    ledger: FakeLedger = field(default_factory=FakeLedger)
    pool: Pool = field(default_factory=Pool)
    clock: Clock = field(default_factory=Clock)

    @property
    def desk(self) -> LedgerDesk:
        return LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: self.policy, now=self.clock,
            pause=lambda _: None,
        )  # fmt: skip

    def settle(self, member_id: str = ANNA) -> None:
        settled(ANNA if member_id == ANNA else BERTA, ["o1"], quotes=self.pool, desk=self.desk)

    def plan(self) -> Transfer:
        """As a verdict would do it now; the quotes are Berta's already."""
        quotes = [replace(each, owner=BERTA) for each in self.pool.now.values()]
        lines = [each.line_id for each in quotes]
        giver, getter = (self.ledger.standing(each, lines) for each in (ANNA, BERTA))
        return planned(
            quotes, giver, getter, policy=self.policy, now=self.clock(), source={"case_id": "c"},
            shared_of=lambda today: self.ledger.shared_caps(self.policy, BERTA, today),
        )  # fmt: skip

    def transfer(self) -> Transfer:
        plan = self.plan()
        for step in (plan.giving, plan.getting):
            if step.changes:
                self.ledger.post(
                    step.before, step.after, step.entries, policy=self.policy, shared=plan.shared
                )
        self.hand_over()
        return plan

    def hand_over(self) -> None:
        self.pool.say(*(replace(each, owner=BERTA) for each in self.pool.now.values()))

    def balances(self) -> tuple[int, int]:
        return self.ledger.account(ANNA).balance, self.ledger.account(BERTA).balance

    def assert_sound(self) -> None:
        for member_id in (ANNA, BERTA):
            account, entries = self.ledger.whole(member_id)
            assert violations(account, entries, recomputed) == []


def lines_of(*points: int) -> list[LineQuote]:
    return [quote(f"l{index}", "due", each) for index, each in enumerate(points)]


def test_everything_of_a_line_moves_and_both_ledgers_say_so() -> None:
    room = Room()
    room.pool.say(quote("l0", "due", 100, bonus=20), quote("l1", "pending", 30))
    room.settle()

    plan = room.transfer()

    out = [(each.scene, each.points, each.pending, each.bonus) for each in plan.giving.entries]
    came = [(each.scene, each.points, each.pending, each.bonus) for each in plan.getting.entries]
    assert out == [("transfer_out", -100, 0, -20), ("transfer_out", 0, -30, 0)]
    assert came == [("transfer_in", 100, 0, 20), ("transfer_in", 0, 30, 0)]
    assert {each.source["order_hint"] for each in plan.entries} == {"1234…56"}
    assert {each.source["case_id"] for each in plan.giving.entries} == {"c"}
    room.assert_sound()


def test_who_holds_nothing_gets_a_new_version_all_the_same() -> None:
    """So that a settlement of hers that is on its way loses, and reads whose order it is now."""
    room = Room()
    room.pool.say(*lines_of(100))

    plan = room.plan()

    assert plan.giving.entries == []
    assert plan.giving.after == replace(plan.giving.before, version=1)


def test_a_parked_line_leaves_and_is_credited_when_it_is_explained() -> None:
    room = Room()
    room.pool.say(*lines_of(100))
    room.settle()
    room.pool.say(quote("l0", "parked", 100))

    room.transfer()
    assert room.balances() == (0, 0)

    room.pool.say(quote("l0", "due", 100, owner=BERTA))
    room.settle(BERTA)
    assert room.balances() == (0, 100)
    room.assert_sound()


POINTS = st.lists(st.integers(min_value=1, max_value=500), min_size=1, max_size=4)


@given(
    points=POINTS, spent=st.integers(min_value=0, max_value=2_000),
    shortfall=st.sampled_from(["debt", "freeze"]), other_lots=st.booleans(),
    refunded=st.integers(min_value=0, max_value=500),
)  # fmt: skip
def test_a_transfer_changes_no_sum(
    points: list[int], spent: int, shortfall: Shortfall, other_lots: bool, refunded: int
) -> None:
    """Whatever was refunded or spent before: what one loses the other gets, debt included."""
    policy = replace(POLICY, clawback=Clawback(shortfall=shortfall, other_lots=other_lots))
    room = Room(policy=policy)
    room.pool.say(*lines_of(*points))
    room.settle()
    room.pool.say(quote("l0", "due", max(0, points[0] - refunded)))
    room.settle()
    available = room.ledger.account(ANNA).available
    if min(spent, available):
        spend(ANNA, MAIN, "s1", min(spent, available), {}, desk=room.desk)
    before = sum(room.balances())

    room.transfer()

    assert sum(room.balances()) == before
    assert room.balances()[0] == -min(spent, available)
    room.settle()
    room.settle(BERTA)
    assert sum(room.balances()) == before
    room.assert_sound()


@given(points=POINTS, spent=st.integers(min_value=0, max_value=2_000))
def test_where_shortfalls_are_written_off_the_loss_is_the_programmes(
    points: list[int], spent: int
) -> None:
    room = Room(policy=replace(POLICY, clawback=Clawback(shortfall="write_off")))
    room.pool.say(*lines_of(*points))
    room.settle()
    spent = min(spent, sum(points))
    if spent:
        spend(ANNA, MAIN, "s1", spent, {}, desk=room.desk)

    room.transfer()
    room.settle()

    assert room.balances() == (0, sum(points))
    lost = sum(each.written_off for each in room.ledger.entries_of(ANNA))
    assert lost == spent
    room.assert_sound()
    held = {who: line_nets(room.ledger.entries_of(who)) for who in (ANNA, BERTA)}
    lines = {**held[ANNA], **held[BERTA]}
    by_line: dict[str, dict[str, int]] = {
        line: {who: held[who].get(line, 0) for who in held} for line in lines
    }
    assert double_credits(by_line) == []


def test_a_settlement_overtaken_by_a_transfer_gives_up_what_it_posted() -> None:
    """Its price was read while the order was still hers; it posts when it is not."""
    room = Room()
    room.pool.say(*lines_of(100))
    room.pool.after_read = [partial(_transferred, room)]

    room.settle()

    assert room.balances() == (0, 100)
    scenes = [each.scene for each in room.ledger.entries_of(ANNA)]
    assert scenes == ["order_accrual", "transfer_out"]
    room.assert_sound()


def _transferred(room: Room) -> None:
    room.transfer()


def test_a_settlement_that_died_before_it_gave_up_does_so_when_it_comes_again() -> None:
    room = Room()
    room.pool.say(*lines_of(100))
    room.settle()
    room.hand_over()

    room.settle()
    room.settle()

    assert room.balances() == (0, 0)
    assert len(room.ledger.entries_of(ANNA)) == 2


def test_orders_of_a_member_merged_into_her_stay() -> None:
    room = Room()
    room.pool.say(*lines_of(100))
    room.settle()
    room.ledger.merge(ANNA, BERTA)

    settled(BERTA, ["o1"], quotes=room.pool, desk=room.desk)

    assert room.ledger.account(BERTA).balance == 100


def test_settling_what_is_hers_reads_no_more_than_before() -> None:
    room = Room()
    room.pool.say(*lines_of(100))

    room.settle()

    assert room.pool.reads == 2


def test_others_who_keep_posting_end_in_contention() -> None:
    room = Room()
    room.pool.say(*lines_of(100))
    room.settle()
    room.hand_over()

    def somebody_else() -> None:
        account = room.ledger.account(ANNA)
        room.ledger.accounts[ANNA] = replace(account, version=account.version + 1)

    room.ledger.before_post = [somebody_else] * 50

    with pytest.raises(ContentionError):
        room.settle()


def test_many_lines_are_given_up_in_pieces() -> None:
    room = Room()
    room.pool.say(*lines_of(*[10] * 60))
    room.settle()
    room.hand_over()

    room.settle()

    assert room.balances() == (0, 0)
    assert len(room.ledger.entries_of(ANNA)) == 120
    room.assert_sound()
