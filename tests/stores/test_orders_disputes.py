"""Cases in the Orders table: once for each claim, listed while they are open, invisible to the sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.writes import ConditionFailedError
from huixue.orders.dispute_store import Binding
from huixue.orders.disputes import Case, claim_case, decided_case, freeze_case
from huixue.orders.model import OrderSync, claim_id_of
from tests.engines.tables import TableNames
from tests.unit.edge.disputing import Disputing, later
from tests.unit.orders.world import HASHES, HER, HER_ACCOUNT, NOW, OTHER, REF, a_claim, number


@pytest.fixture
def dispute(dynamodb: Any, tables: TableNames) -> Disputing:
    return Disputing(dynamodb, tables)


def a_case(index: int = 1, *, minutes: int = 0) -> Case:
    ref = HASHES.order_ref("taobao", number(index))
    claim = replace(a_claim(ref=ref), claim_id=claim_id_of(HER, ref))
    return claim_case(claim, f"case {index}", later(NOW, minutes=minutes))


def test_a_case_comes_back_as_it_was_stored(dispute: Disputing) -> None:
    of_freeze = freeze_case(HER, "demo", NOW, "why", NOW)
    decided = decided_case(a_case(), "uphold", "op", "checked", later(NOW, days=1))
    for case in (of_freeze, decided):
        dispute.cases.open_case(case)

        assert dispute.cases.case(HER, case.case_id) == case
    assert dispute.cases.case(OTHER, of_freeze.case_id) is None


def test_the_first_case_of_a_claim_stays(dispute: Disputing) -> None:
    first, second = a_case(), replace(a_case(), message="other words")

    assert dispute.cases.open_case(first) == first
    assert dispute.cases.open_case(second) == first


def test_open_cases_are_listed_oldest_first_until_they_are_decided(dispute: Disputing) -> None:
    made = [a_case(index, minutes=-index) for index in range(4)]
    for case in made:
        dispute.cases.open_case(case)
    dispute.database.write(dispute.cases.decided(decided_case(made[3], "close", "op", None, NOW)))

    assert dispute.cases.open_cases(100) == [made[2], made[1], made[0]]
    assert dispute.cases.open_cases(1) == [made[2]]


def test_the_sweep_never_meets_a_case(dispute: Disputing) -> None:
    dispute.cases.open_case(a_case())

    due = dispute.orders.due(NOW + timedelta(days=400), 100)

    assert (list(due.claims), list(due.orders)) == ([], [])
    assert list(dispute.orders.claims_of(HER)) == []


def test_a_case_is_decided_once(dispute: Disputing) -> None:
    case = a_case()
    absent = dispute.cases.decided(decided_case(case, "close", "op", None, NOW))
    with pytest.raises(ConditionFailedError):
        dispute.database.write(absent)
    dispute.cases.open_case(case)
    dispute.database.write(dispute.cases.decided(decided_case(case, "close", "op", None, NOW)))

    with pytest.raises(ConditionFailedError):
        dispute.database.write(dispute.cases.decided(decided_case(case, "uphold", "op", None, NOW)))


def test_an_order_moves_only_as_it_was_read(dispute: Disputing) -> None:
    order = dispute.has()
    dispute.database.write(dispute.cases.moved(order))
    assert dispute.order().revision == order.revision + 1

    with pytest.raises(ConditionFailedError):
        dispute.database.write(dispute.cases.moved(order))


def test_answering_a_claim_changes_its_answer_alone(dispute: Disputing) -> None:
    claim = dispute.claimed(OTHER)
    dispute.database.write(dispute.cases.answered(OTHER, claim.claim_id, "OWNED_BY_OTHER"))
    refused = dispute.orders.claim(OTHER, claim.claim_id)
    assert refused == replace(claim, rejected_reason="OWNED_BY_OTHER", next_check_at=None)

    dispute.database.write(dispute.cases.answered(OTHER, claim.claim_id, None))

    assert dispute.orders.claim(OTHER, claim.claim_id) == replace(claim, next_check_at=None)
    with pytest.raises(ConditionFailedError):
        dispute.database.write(dispute.cases.answered(HER, "clm_none", None))


def test_a_binding_says_who_proved_the_account(dispute: Disputing) -> None:
    sync = OrderSync(
        sync_id="syn_1", member_id=OTHER, programme_id="demo", platform="taobao",
        account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=1, requested_at=NOW, run=1,
    )  # fmt: skip
    dispute.orders.bind(HER_ACCOUNT, [OTHER], sync)

    found = dispute.cases.binding("demo", HER_ACCOUNT)

    assert found == Binding(member_id=OTHER, sync_id="syn_1", bound_at=NOW)
    assert dispute.cases.binding("other", HER_ACCOUNT) is None
