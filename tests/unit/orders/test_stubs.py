"""Stubs: they last as long as the last claim that waits for them, and keep nothing when nobody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from huixue.kernel.calendar import to_epoch_s
from huixue.orders.stubs import EMPTY_FOR, forgotten, with_waiting
from tests.unit.orders.world import HER, NOW, OTHER, REF, a_claim, an_order

CLAIM = a_claim()
OTHERS = replace(CLAIM, member_id=OTHER)
UNTIL = NOW + timedelta(days=30)


def test_a_stub_is_made_of_the_claim_that_waits_and_lasts_as_long() -> None:
    stub = with_waiting(None, CLAIM, UNTIL)

    assert (stub.order_ref, stub.order_hint) == (REF, CLAIM.order_hint)
    assert stub.waiting == {HER: CLAIM.claim_id}
    assert stub.expires_at_epoch_s == to_epoch_s(UNTIL)


def test_it_lasts_until_the_last_check_of_all_who_wait() -> None:
    later = UNTIL + timedelta(days=3)
    stub = with_waiting(with_waiting(None, CLAIM, UNTIL), OTHERS, later)

    assert stub.expires_at_epoch_s == to_epoch_s(later)
    assert with_waiting(stub, CLAIM, UNTIL).expires_at_epoch_s == to_epoch_s(later)


def test_who_is_forgotten_leaves_the_marks_of_others_and_their_stub() -> None:
    stub = with_waiting(with_waiting(None, CLAIM, UNTIL), OTHERS, UNTIL)

    assert forgotten(stub, [HER], NOW) == replace(stub, waiting={OTHER: OTHERS.claim_id})


def test_a_stub_that_nobody_waits_for_keeps_no_digits_and_ends_soon() -> None:
    stub = forgotten(with_waiting(None, CLAIM, UNTIL), [HER], NOW)

    assert (stub.waiting, stub.order_hint) == ({}, "")
    assert stub.expires_at_epoch_s == to_epoch_s(NOW + EMPTY_FOR)
    assert forgotten(stub, [HER], NOW + timedelta(hours=1)) == stub


def test_an_emptied_stub_is_as_good_as_a_new_one_for_the_next_claim() -> None:
    emptied = forgotten(with_waiting(None, CLAIM, UNTIL), [HER], NOW)

    assert with_waiting(emptied, OTHERS, UNTIL) == with_waiting(None, OTHERS, UNTIL)


def test_an_order_of_the_pool_never_expires() -> None:
    order = with_waiting(an_order(), CLAIM, UNTIL)

    assert order.expires_at_epoch_s is None
    assert forgotten(order, [HER], NOW) == an_order()
