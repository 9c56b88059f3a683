from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import MismatchError
from huixue.orders.disputes import (
    CaseDecidedError,
    VerdictRefusedError,
    case_id_of,
    claim_case,
    decided_case,
    found_decided,
    freeze_case,
    owner_to_leave,
    same_appeal,
    terms_for_new_owner,
    transferred,
)
from huixue.orders.model import Order
from huixue.orders.pricing import quotes_of
from tests.unit.orders.world import (
    HER,
    NOW,
    OTHER,
    REF,
    TERMS,
    a_claim,
    an_order,
    line,
    ownership,
)

CASE = claim_case(a_claim(), "mine", NOW)


def owned(order: Order | None = None) -> Order:
    return replace(order or an_order(), ownership=ownership(OTHER, proven=True), revision=3)


def test_a_case_is_named_by_its_claim() -> None:
    assert CASE.case_id == case_id_of(a_claim().claim_id)
    assert CASE.case_id.startswith("cas_")
    assert (CASE.status, CASE.claim_id, CASE.frozen_since) == ("open", a_claim().claim_id, None)


def test_each_freeze_has_a_case_of_its_own() -> None:
    ids = {freeze_case(HER, "demo", NOW + timedelta(days=n), "why", NOW).case_id for n in (0, 0, 1)}

    assert len(ids) == 2
    assert all(each.startswith("frz_") for each in ids)


def test_her_words_are_in_no_representation() -> None:
    assert "mine" not in repr(CASE)


def test_the_same_words_again_find_the_case_and_others_name_the_field() -> None:
    assert same_appeal(CASE, "mine") == CASE
    with pytest.raises(MismatchError) as caught:
        same_appeal(CASE, "ours")
    assert caught.value.facts == {"field": "message"}


def test_a_verdict_is_found_done_or_refused() -> None:
    upheld = decided_case(CASE, "uphold", "op", None, NOW)

    assert not found_decided(CASE, "uphold")
    assert found_decided(upheld, "uphold")
    with pytest.raises(CaseDecidedError):
        found_decided(upheld, "transfer")


def test_a_transferred_order_is_priced_for_its_new_owner() -> None:
    order = transferred(owned(), HER, replace(TERMS, multiplier_percent=200), "cas_1", NOW)

    (quote,) = quotes_of(order, NOW)
    assert (quote.owner, quote.points) == (HER, 357)
    assert (order.revision, order.order_ref) == (3, REF)
    assert order.ownership is not None
    assert not order.ownership.proven


def test_a_release_to_come_is_marked_for_the_new_owner_too() -> None:
    terms = replace(TERMS, release_after_days=7)
    waits = owned(an_order(line(confirmed_at=NOW)))

    assert transferred(waits, HER, terms, "cas_1", NOW).release_at is not None


def test_the_new_owners_level_is_all_that_changes_of_the_terms() -> None:
    assert terms_for_new_owner(TERMS, 120, "gold") == replace(
        TERMS, multiplier_percent=120, level="gold"
    )


@pytest.mark.parametrize(
    "order", [None, Order(order_ref=REF, platform="taobao", order_hint="x"), an_order()]
)
def test_there_must_be_somebody_to_take_it_from(order: Order | None) -> None:
    with pytest.raises(VerdictRefusedError) as caught:
        owner_to_leave(order, [HER])
    assert caught.value.facts["why"]


def test_what_is_hers_already_is_not_taken_from_her() -> None:
    with pytest.raises(VerdictRefusedError):
        owner_to_leave(owned(), [HER, OTHER])
    assert owner_to_leave(owned(), [HER]).member_id == OTHER
