"""Which lines are a member's own: whatever led her to the order, and no read more than it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from huixue.kernel.ids import ClaimId, MemberId, OrderRef
from huixue.orders.amounts import facts_of
from huixue.orders.model import Order, OrderSync
from huixue.orders.owned_lines import ORDERS_AT_ONCE, owned_lines
from tests.unit.orders.fakes import FakeOrders
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    OTHER,
    REF,
    World,
    a_claim,
    an_order,
    line,
    number,
    ownership,
)

HINT = "2600…34"
"""Of the claims and orders of this world."""


class Counting(FakeOrders):
    """The numbers of orders that were read, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[int] = []

    def orders(self, order_refs: Sequence[str]) -> dict[str, Order]:
        self.read.append(len(order_refs))
        return super().orders(order_refs)


@pytest.fixture
def world() -> World:
    made = World()
    made.store = Counting()
    return made


def ref_of(index: int) -> OrderRef:
    return HASHES.order_ref("taobao", number(index))


def has(
    world: World, owner: MemberId | None = HER, *, ref: OrderRef = REF, lines: int = 1
) -> list[str]:
    """An order in the pool; returns its lines."""
    order = an_order(*[line() for _ in range(lines)], ref=ref)
    order = world.put(replace(order, ownership=ownership(owner) if owner else None))
    return [order.line_id(facts.line_key) for facts in facts_of(order)]


def claimed(
    world: World, *refs: OrderRef, by: MemberId = HER, hint: str = HINT, rejected: bool = False
) -> None:
    for ref in refs:
        claim = replace(a_claim(by, ref=ref), claim_id=ClaimId(f"clm_{by}_{ref}"), order_hint=hint)
        claim = replace(claim, rejected_reason="OWNED_BY_OTHER" if rejected else None)
        world.store.claim_rows[by, claim.claim_id] = claim


def owned(
    world: World, lines: Sequence[str] | Mapping[str, str], *, ids: Sequence[MemberId] = (HER,)
) -> set[str]:
    hints = lines if isinstance(lines, Mapping) else dict.fromkeys(lines, HINT)
    return owned_lines(ids, hints, pool=world.store, asked=world.store)


def read(world: World) -> list[int]:
    assert isinstance(world.store, Counting)
    return world.store.read


def test_every_line_of_an_order_of_hers_is_hers_and_no_other(world: World) -> None:
    lines = has(world, lines=3)
    claimed(world, REF)

    assert owned(world, [*lines, "lin_of_nothing"]) == set(lines)
    assert owned(world, lines[1:2]) == {lines[1]}


@pytest.mark.parametrize("owner", [OTHER, None])
def test_a_claim_makes_no_order_hers(world: World, owner: MemberId | None) -> None:
    lines = has(world, owner)
    claimed(world, REF)

    assert owned(world, lines) == set()


def test_an_order_that_is_not_there_is_nobodys(world: World) -> None:
    claimed(world, REF)

    assert owned(world, ["lin_1"]) == set()


def test_orders_of_members_who_became_her_are_hers_and_found_by_their_claims(world: World) -> None:
    old, new = has(world, OTHER), has(world, HER, ref=ref_of(2))
    claimed(world, REF, by=OTHER)
    claimed(world, ref_of(2))

    assert owned(world, [*old, *new], ids=(HER, OTHER)) == {*old, *new}
    assert owned(world, [*old, *new]) == set(new)


def test_an_order_that_came_to_her_by_transfer_is_hers_whatever_its_claim_said(
    world: World,
) -> None:
    lines = has(world, HER)
    claimed(world, REF, rejected=True)
    claimed(world, REF, by=OTHER)

    assert owned(world, lines) == set(lines)
    assert owned(world, lines, ids=(OTHER,)) == set()


def test_an_order_she_claimed_by_the_number_of_a_part_is_followed(world: World) -> None:
    lines = has(world, HER)
    part = ref_of(5)
    alias = Order(order_ref=part, platform="taobao", order_hint="9999…99", alias_of=REF)
    world.put(alias)
    claimed(world, part, hint="9999…99")

    assert owned(world, lines) == set(lines)


def test_an_order_whose_sync_died_before_its_claim_is_found_by_the_account(world: World) -> None:
    mine, theirs = has(world, HER), has(world, OTHER, ref=ref_of(2))
    sync = OrderSync(
        sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao",
        account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=1, requested_at=NOW, run=1,
    )  # fmt: skip
    world.store.sync_rows[HER, "syn_1"] = sync

    assert owned(world, [*mine, *theirs]) == set(mine)


def test_only_orders_with_the_hint_of_a_line_are_read_and_a_hundred_at_once(world: World) -> None:
    refs = [ref_of(index) for index in range(ORDERS_AT_ONCE + 20)]
    lines = [line_id for ref in refs for line_id in has(world, ref=ref)]
    claimed(world, *refs)
    claimed(world, *(ref_of(10_000 + index) for index in range(500)), hint="1111…11")

    assert owned(world, lines) == set(lines)
    assert read(world) == [ORDERS_AT_ONCE, 20]
    assert "syncs_of" not in world.store.journal.calls


def test_what_lies_behind_the_last_line_is_not_read(world: World) -> None:
    """Many orders share a hint: four digits in front and two behind."""
    lines = has(world)
    claimed(world, REF, *(ref_of(index) for index in range(500)))

    assert owned(world, lines) == set(lines)
    assert read(world) == [ORDERS_AT_ONCE]


def test_a_line_that_is_nobodys_is_looked_for_everywhere(world: World) -> None:
    has(world, OTHER)
    claimed(world, REF, ref_of(2))
    claimed(world, ref_of(3), hint="1111…11")

    assert owned(world, ["lin_forged"]) == set()
    assert read(world) == [2, 1]
    assert world.store.journal.calls[-1] == "syncs_of"
