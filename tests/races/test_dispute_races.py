"""A verdict races other verdicts, settlements and reads: one owner, no line twice, no sum changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from huixue.edge.dispute_desk import decide
from huixue.kernel.errors import ContentionError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.orders.disputes import Case, CaseDecidedError, Verdict
from huixue.points.moving import spend
from huixue.points.posting import InsufficientPointsError
from huixue.points.transfers import settled
from tests.engines.tables import TableNames
from tests.races.main_job import at_once
from tests.unit.edge.disputing import Disputing
from tests.unit.orders.world import HASHES, HER, OTHER, REF, number

pytestmark = pytest.mark.exact_engines

NOTE = "checked"
POINTS = 178


@pytest.fixture
def dispute(dynamodb: Any, tables: TableNames) -> Disputing:
    return Disputing(dynamodb, tables)


def verdict_of(dispute: Disputing, case: Case, verdict: Verdict, by: str = "op") -> str:
    """What came of it, also where somebody else decided otherwise first."""
    try:
        return decide(case, verdict, by, NOTE, desk=dispute.desk).status
    except CaseDecidedError as error:
        return f"lost to {error.facts['status']}"


def patiently(call: Callable[[], object]) -> object:
    """As a message that comes again after it lost too often."""
    for _ in range(20):
        try:
            return call()
        except ContentionError:
            continue
    raise AssertionError("lost 20 times")


def balances(dispute: Disputing) -> tuple[int, int]:
    return dispute.account(HER).balance, dispute.account(OTHER).balance


@pytest.mark.parametrize("turn", range(3))
def test_two_operators_with_the_same_verdict_transfer_once(dispute: Disputing, turn: int) -> None:
    dispute.has(17_880, 5_000 + turn)
    dispute.settle(HER)
    case = dispute.appealed()

    seen = at_once([partial(verdict_of, dispute, case, "transfer", f"op-{n}") for n in range(4)])

    assert seen == ["transferred"] * 4
    assert balances(dispute) == (0, POINTS + 50)
    assert [each.scene for each in dispute.entries(OTHER)] == ["transfer_in"] * 2
    dispute.assert_sound()


@pytest.mark.parametrize("turn", range(3))
def test_of_two_operators_who_decide_otherwise_one_wins(dispute: Disputing, turn: int) -> None:
    del turn
    dispute.has()
    dispute.settle(HER)
    case = dispute.appealed()
    verdicts: list[Verdict] = ["transfer", "uphold"]

    seen = at_once([partial(verdict_of, dispute, case, each) for each in verdicts])

    transferred = dispute.owner() == OTHER
    won = ["transferred", "lost to transferred"] if transferred else ["lost to upheld", "upheld"]
    assert seen == won
    assert balances(dispute) == ((0, POINTS) if transferred else (POINTS, 0))
    dispute.assert_sound()


@pytest.mark.parametrize("settled_before", [True, False])
@pytest.mark.parametrize("turn", range(3))
def test_settlements_of_both_members_run_meanwhile(
    dispute: Disputing, turn: int, settled_before: bool
) -> None:
    del turn
    dispute.has()
    if settled_before:
        dispute.settle(HER)
    case = dispute.appealed()
    calls: list[Callable[[], object]] = [partial(verdict_of, dispute, case, "transfer")]
    calls += [partial(patiently, partial(dispute.settle, each)) for each in (HER, HER, OTHER)]

    at_once(calls)

    assert balances(dispute) == (0, POINTS)
    assert dispute.owner() == OTHER
    dispute.assert_sound()


def test_a_settlement_that_read_its_price_before_the_verdict_gives_up_what_it_posts(
    dispute: Disputing,
) -> None:
    """The interleaving itself, forced: the verdict falls between the price and the posting."""
    dispute.has()
    case = dispute.appealed()
    verdicts = [partial(verdict_of, dispute, case, "transfer")]

    def quotes_then_verdict(order_refs: Sequence[str]) -> list[LineQuote]:
        found = dispute.quotes(order_refs)
        if verdicts:
            verdicts.pop()()
        return found

    settled(HER, [REF], quotes=quotes_then_verdict, desk=dispute.ledger_desk)

    assert balances(dispute) == (0, POINTS)
    assert [each.scene for each in dispute.entries(HER)] == ["order_accrual", "transfer_out"]
    dispute.assert_sound()


@pytest.mark.parametrize("settled_before", [True, False])
def test_a_posting_between_reading_and_writing_makes_the_verdict_read_again(
    dispute: Disputing, settled_before: bool
) -> None:
    """Also where she held nothing for the line yet: else both of them would be credited."""
    dispute.has()
    if settled_before:
        dispute.settle(HER)
        dispute.between = [partial(spend, HER, "demo", "s1", 78, {}, desk=dispute.ledger_desk)]
    case = dispute.appealed()
    if not settled_before:
        dispute.between = [partial(dispute.settle, HER)]

    assert verdict_of(dispute, case, "transfer") == "transferred"
    assert balances(dispute) == (-78 if settled_before else 0, POINTS)
    dispute.assert_sound()


@pytest.mark.parametrize("turn", range(3))
def test_spending_while_the_order_is_taken_away_leaves_debt_or_nothing_to_spend(
    dispute: Disputing, turn: int
) -> None:
    dispute.has()
    dispute.settle(HER)
    case = dispute.appealed()

    def spent() -> bool:
        try:
            spend(HER, "demo", f"s{turn}", 100, {}, desk=dispute.ledger_desk)
        except InsufficientPointsError:
            return False
        return True

    calls: list[Callable[[], object]] = [partial(verdict_of, dispute, case, "transfer"), spent]

    _, could = at_once(calls)

    assert balances(dispute) == ((-100 if could else 0), POINTS)
    assert dispute.account(HER).debt == (100 if could else 0)
    dispute.assert_sound()


def test_ten_appeals_at_once_make_one_case(dispute: Disputing) -> None:
    dispute.has()

    seen = at_once([dispute.appeal] * 10)

    assert len({each.case for each in seen}) == 1
    assert [each.is_new for each in seen].count(True) <= 10
    assert len(dispute.cases.open_cases(100)) == 1


def test_transfers_of_several_orders_of_the_same_two_members_all_happen(
    dispute: Disputing,
) -> None:
    refs = [HASHES.order_ref("taobao", number(n)) for n in range(4)]
    for ref in refs:
        dispute.has(ref=ref)
        dispute.settle(HER, ref)
    cases = [dispute.appealed(ref=ref) for ref in refs]

    def decided(case: Case) -> object:
        return patiently(partial(verdict_of, dispute, case, "transfer"))

    at_once([partial(decided, case) for case in cases])

    assert balances(dispute) == (0, POINTS * len(refs))
    assert {dispute.owner(ref) for ref in refs} == {OTHER}
    dispute.assert_sound(MemberId(HER), MemberId(OTHER))
