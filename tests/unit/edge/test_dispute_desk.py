from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huixue.edge.dispute_desk import decide, planned_transfer
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Cap, Clawback, LedgerPolicy
from huixue.orders.disputes import CaseDecidedError, Verdict
from huixue.orders.worth import points_of
from huixue.points.audit import violations
from huixue.points.moving import spend
from tests.engines.tables import TableNames
from tests.unit.edge.disputing import POLICY, Disputing
from tests.unit.orders.world import HASHES, HER, NOW, OTHER, REF, TERMS, an_order, number

BY, NOTE = "operator-1", "已核对付款记录"


@pytest.fixture
def dispute(dynamodb: Any, tables: TableNames) -> Disputing:
    return Disputing(dynamodb, tables)


def scenes(dispute: Disputing, member_id: MemberId) -> list[tuple[str, int, int]]:
    return [(each.scene, each.points, each.pending) for each in dispute.entries(member_id)]


def test_a_transfer_moves_the_order_its_points_and_both_claims(dispute: Disputing) -> None:
    dispute.has(17_880, 5_050)
    dispute.settle(HER)
    case = dispute.appealed()

    decided = decide(case, "transfer", BY, NOTE, desk=dispute.desk)

    assert (decided.status, decided.note, decided.decided_by) == ("transferred", NOTE, BY)
    assert dispute.cases.case(OTHER, case.case_id) == decided
    assert dispute.owner() == OTHER
    assert scenes(dispute, HER)[-2:] == [("transfer_out", -178, 0), ("transfer_out", -50, 0)]
    assert scenes(dispute, OTHER) == [("transfer_in", 178, 0), ("transfer_in", 50, 0)]
    assert (dispute.account(HER).balance, dispute.account(OTHER).balance) == (0, 228)
    assert (dispute.account(HER).lifetime, dispute.account(OTHER).lifetime) == (0, 228)
    dispute.assert_sound()


def test_her_claim_is_rejected_with_its_reason_and_the_other_shows_its_lines(
    dispute: Disputing,
) -> None:
    dispute.has()
    dispute.settle(HER)

    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)

    left, got = dispute.seen_by(HER), dispute.seen_by(OTHER)
    assert (left.status, left.reason, left.lines) == ("rejected", "OWNED_BY_OTHER", ())
    assert (got.status, [each.points for each in got.lines]) == ("credited", [178])
    waiting = dispute.orders.claim(OTHER, dispute.claim_id())
    assert waiting is not None
    assert waiting.next_check_at is None
    assert dispute.order().waiting == {}


def test_a_transferred_order_is_no_proof_and_keeps_its_terms(dispute: Disputing) -> None:
    dispute.has()
    dispute.terms_of = lambda pinned, _: replace(pinned, multiplier_percent=120, level="gold")
    dispute.settle(HER)

    decide(case := dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)

    owner = dispute.order().ownership
    assert owner is not None
    assert (owner.proven, owner.via, owner.credit_source) == (False, case.case_id, "export")
    assert owner.terms == replace(TERMS, multiplier_percent=120, level="gold")
    assert dispute.account(OTHER).balance == 17_880 * 120 // 10_000
    dispute.assert_sound()


def test_what_settles_later_goes_to_the_new_owner(dispute: Disputing) -> None:
    dispute.has(state="shipped")
    dispute.settle(HER)
    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)
    assert scenes(dispute, HER) == [("order_pending", 0, 178), ("transfer_out", 0, -178)]
    assert scenes(dispute, OTHER) == [("transfer_in", 0, 178)]

    order = dispute.order()
    confirmed = an_order(replace(order.lines()[0], state="confirmed"))
    dispute.orders.save(replace(order, sources=confirmed.sources))
    dispute.settle(OTHER)
    dispute.settle(HER)

    assert scenes(dispute, OTHER)[-1] == ("order_accrual", 178, -178)
    assert dispute.account(HER).balance == 0
    dispute.assert_sound()


def test_points_she_spent_become_her_debt(dispute: Disputing) -> None:
    dispute.has()
    dispute.settle(HER)
    spend(HER, "demo", "s1", 100, {}, desk=dispute.ledger_desk)

    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)

    account = dispute.account(HER)
    assert (account.available, account.debt) == (0, 100)
    assert dispute.account(OTHER).balance == 178
    dispute.assert_sound()


def test_points_she_spent_are_written_off_where_the_programme_says_so(dispute: Disputing) -> None:
    dispute.policy = replace(POLICY, clawback=Clawback(shortfall="write_off"))
    dispute.has()
    dispute.settle(HER)
    spend(HER, "demo", "s1", 100, {}, desk=dispute.ledger_desk)

    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)
    dispute.settle(HER)

    assert (dispute.account(HER).balance, dispute.account(HER).debt) == (0, 0)
    assert sum(each.written_off for each in dispute.entries(HER)) == 100
    assert [each.scene for each in dispute.entries(HER)].count("transfer_out") == 1
    dispute.assert_sound()


def test_shared_capacity_moves_with_the_points(dispute: Disputing) -> None:
    """The whole programme's cap is used up by this order: who gets it gets all of it."""
    cap = Cap(cap_id="all", per="programme", window="day", points=178)
    dispute.policy = LedgerPolicy(programme_id="demo", caps=(cap,))
    dispute.has()
    dispute.settle(HER)
    assert dispute.account(HER).balance == 178

    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)

    assert (dispute.account(HER).balance, dispute.account(OTHER).balance) == (0, 178)
    today = dispute.clock.now().date()
    left = dispute.caps.left(dispute.policy, OTHER, today)["all"]
    assert left.remaining == 0


@pytest.mark.parametrize("verdict", ["transfer", "uphold"])
def test_the_same_verdict_again_finds_it_done(dispute: Disputing, verdict: Verdict) -> None:
    dispute.has()
    dispute.settle(HER)
    case = dispute.appealed()
    first = decide(case, verdict, BY, NOTE, desk=dispute.desk)
    before = (dispute.entries(HER), dispute.entries(OTHER), dispute.order())

    again = decide(case, verdict, "operator-2", "another note", desk=dispute.desk)

    assert again == first
    assert (dispute.entries(HER), dispute.entries(OTHER), dispute.order()) == before


def test_members_who_merge_after_a_transfer_keep_one_credit(dispute: Disputing) -> None:
    """Both partitions hold entries of the line; what happens to it later is posted after them."""
    dispute.has()
    dispute.settle(HER)
    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)
    writes = dispute.ledger.merge_writes(OTHER, HER, lambda _: dispute.policy, NOW, max)
    dispute.database.transact(writes)

    order = dispute.order()
    refunded = an_order(replace(order.lines()[0], refunded_fen=17_880))
    dispute.orders.save(replace(order, sources=refunded.sources))
    dispute.settle(OTHER)

    account, entries = dispute.ledger.whole(HER)
    merged = dispute.ledger.merged_entries(entries)
    assert account.balance == 0
    assert violations(account, entries, points_of, merged=merged) == []


def test_another_verdict_is_refused(dispute: Disputing) -> None:
    dispute.has()
    case = dispute.appealed()
    decide(case, "uphold", BY, NOTE, desk=dispute.desk)

    with pytest.raises(CaseDecidedError) as caught:
        decide(case, "transfer", BY, NOTE, desk=dispute.desk)

    assert caught.value.facts == {"status": "upheld"}
    assert dispute.owner() == HER


def test_upholding_touches_neither_order_nor_ledger(dispute: Disputing) -> None:
    dispute.has()
    dispute.settle(HER)
    before = (dispute.order(), dispute.account(HER), dispute.account(OTHER))

    decided = decide(dispute.appealed(), "uphold", BY, NOTE, desk=dispute.desk)

    assert decided.status == "upheld"
    assert (dispute.order(), dispute.account(HER), dispute.account(OTHER)) == before


def test_who_lost_the_order_may_appeal_in_turn_and_get_it_back(dispute: Disputing) -> None:
    dispute.has()
    dispute.settle(HER)
    decide(dispute.appealed(), "transfer", BY, NOTE, desk=dispute.desk)

    decide(dispute.appealed(member_id=HER), "transfer", BY, NOTE, desk=dispute.desk)

    assert dispute.owner() == HER
    assert (dispute.account(HER).balance, dispute.account(OTHER).balance) == (178, 0)
    assert dispute.seen_by(OTHER).reason == "OWNED_BY_OTHER"
    dispute.assert_sound()


def test_a_plan_shows_both_sides_and_writes_nothing(dispute: Disputing) -> None:
    dispute.has()
    dispute.settle(HER)
    case = dispute.appealed()

    plan = planned_transfer(case, desk=dispute.desk)

    assert sum(each.points for each in plan.ledgers.giving.entries) == -178
    assert sum(each.points for each in plan.ledgers.getting.entries) == 178
    assert plan.left.member_id == HER
    assert dispute.owner() == HER


def test_a_claim_by_the_number_of_a_part_transfers_the_order_it_belongs_to(
    dispute: Disputing,
) -> None:
    part = HASHES.order_ref("taobao", number(77))
    dispute.has()
    dispute.settle(HER)
    alias = replace(an_order(ref=part), sources={}, first_source=None, alias_of=REF)
    dispute.orders.save(alias)
    dispute.claimed(OTHER, part)

    decide(dispute.appealed(ref=part), "transfer", BY, NOTE, desk=dispute.desk)

    assert dispute.owner() == OTHER
    assert dispute.seen_by(OTHER, part).status == "credited"
    assert dispute.account(OTHER).balance == 178
