"""Claims of members who were erased: nothing is written for them, and what was left by others goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from huixue.dynamodb.writes import ConditionFailedError
from huixue.orders.claims import message_of
from huixue.orders.matcher import match
from huixue.orders.model import Order
from tests.unit.orders.test_matcher import taken
from tests.unit.orders.world import HER, REF, World, a_claim, an_order

CLAIM = a_claim()
MESSAGE = message_of(CLAIM)


@pytest.mark.parametrize("order", [None, an_order(), taken()], ids=["absent", "free", "taken"])
def test_a_claim_of_an_erased_member_is_void(order: Order | None) -> None:
    world = World(erased={HER})
    if order is not None:
        world.put(order)
    orders_before = dict(world.store.by_ref)

    assert match(MESSAGE, desk=world.claims) == "erased"

    assert world.store.by_ref == orders_before
    assert world.store.claim_rows == {}
    assert world.outbox.sent == []


def test_the_mark_that_an_earlier_delivery_left_goes_with_her() -> None:
    world = World()
    match(MESSAGE, desk=world.claims)
    world.erased.add(HER)
    assert world.store.by_ref[REF].waiting == {HER: CLAIM.claim_id}

    assert match(MESSAGE, desk=world.claims) == "erased"

    assert world.store.by_ref[REF].waiting == {}


def test_a_mark_that_is_written_behind_her_erasure_is_taken_back_by_the_next_delivery() -> None:
    """The claim has its next check already, so nothing of it changes; it is gone, and so was her mark."""
    world = World()
    match(MESSAGE, desk=world.claims)
    world.store.by_ref.clear()

    def after_the_erasure() -> datetime:
        world.erased.add(HER)
        world.store.claim_rows.clear()
        return world.clock.now()

    with pytest.raises(ConditionFailedError):
        match(MESSAGE, desk=replace(world.claims, now=after_the_erasure))
    assert world.store.by_ref[REF].waiting == {HER: CLAIM.claim_id}

    assert match(MESSAGE, desk=world.claims) == "erased"

    assert world.store.by_ref[REF].waiting == {}
    assert world.store.by_ref[REF].order_hint == ""
