"""The programme's own people earn nothing with their own accounts (OC-M7)."""

from __future__ import annotations

import pytest

from huixue.orders.claims import message_of
from huixue.orders.matcher import match
from huixue.orders.matching import Reject, decided
from huixue.orders.reading import read_claim
from tests.unit.orders.syncing import ended
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    REF,
    TERMS,
    World,
    a_claim,
    an_order,
    line,
    pooled,
    row,
)

OTHER_ACCOUNT = HASHES.account_ref("taobao", "别人")


def test_an_order_of_a_staff_account_is_refused_and_stays_nobodys() -> None:
    world = World()
    world.rules.staff = {HER_ACCOUNT}
    world.put(an_order())
    world.store.add_claim(a_claim())

    assert match(message_of(a_claim()), desk=world.claims) == "rejected"

    assert world.store.by_ref[REF].ownership is None
    view = read_claim(HER, a_claim().claim_id, desk=world.claims, postings=lambda _, __: {})
    assert (view.status, view.reason) == ("rejected", "EXCLUDED_TYPE")


def test_a_list_that_was_wrong_can_be_put_right() -> None:
    world = World()
    world.rules.staff = {HER_ACCOUNT}
    world.put(an_order())
    world.store.add_claim(a_claim())
    match(message_of(a_claim()), desk=world.claims)

    world.rules.staff = set()

    assert match(message_of(a_claim()), desk=world.claims) == "owned"


def test_it_is_enough_that_one_source_names_a_staff_account() -> None:
    order = pooled([
        row(line(account="别人")), row(line(account="小满1990"), source="affiliate"),
    ])  # fmt: skip

    for account in (HER_ACCOUNT, OTHER_ACCOUNT):
        decision = decided(
            a_claim(), order, hers=[HER], terms_for=lambda _, __: TERMS,
            is_staff={account}.__contains__, now=NOW,
        )  # fmt: skip
        assert decision == Reject("EXCLUDED_TYPE")


def test_a_sync_of_a_staff_account_fails_and_binds_nothing() -> None:
    world = World()
    world.rules.staff = {HER_ACCOUNT}
    world.put(an_order())

    done = ended(world)

    assert (done.status, done.reason) == ("failed", "EXCLUDED_TYPE")
    assert world.store.bindings == {}
    assert world.store.by_ref[REF].ownership is None


@pytest.mark.parametrize("order", ["absent", "free"])
def test_without_proof_a_sync_does_not_tell_whose_accounts_are_staffs(order: str) -> None:
    world = World()
    world.rules.staff = {HER_ACCOUNT}
    if order == "free":
        world.put(an_order(line("paid")))

    assert ended(world).reason == "PROOF_FAILED"
