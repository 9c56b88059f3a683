"""Split orders in the pool: both numbers lead to one order, whatever comes first and wherever a run dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from huixue.kernel.errors import ContentionError
from huixue.kernel.events import ClaimSubmitted, OrdersChanged
from huixue.kernel.ids import OrderRef
from huixue.kernel.snapshots import LineState, OrderSnapshot, RefundSnapshot
from huixue.orders.aliases import followed
from huixue.orders.claims import message_of
from huixue.orders.matcher import match
from huixue.orders.model import Order, Row
from huixue.orders.pool import apply_rows, pool_row, refund_row
from huixue.orders.pricing import quotes_of
from huixue.orders.reading import read_claim
from tests.unit.orders.fakes import DiedError
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.world import HASHES, HER, NOW, NUMBER, OTHER, REF, a_claim, number, ownership

CHILDREN = [number(5001), number(5002)]
PARTS = [HASHES.order_ref("taobao", each) for each in CHILDREN]


def said(
    of: str, state: LineState, paid: int, minute: int, *, split_from: str | None = None
) -> Row:
    snapshot = OrderSnapshot(
        platform="taobao", source="affiliate", order_number=of, state=state, paid_fen=paid,
        as_of=NOW + timedelta(minutes=minute), split_from=split_from, paid_at=NOW,
    )  # fmt: skip
    return pool_row(snapshot, room="demo/main", hashes=HASHES)


ORIGINAL = said(NUMBER, "paid", 30000, 0)
GONE = said(NUMBER, "closed", 30000, 2)
SPLIT = [
    said(CHILDREN[0], "paid", 10000, 3, split_from=NUMBER),
    said(CHILDREN[1], "paid", 20000, 3, split_from=NUMBER),
]
CONFIRMED = [
    said(CHILDREN[0], "confirmed", 10000, 9, split_from=NUMBER),
    said(CHILDREN[1], "confirmed", 20000, 9, split_from=NUMBER),
]
PLAIN = said(CHILDREN[0], "shipped", 10000, 5)
"""Of a source that knows nothing of the split."""
REFUND = refund_row(
    RefundSnapshot(
        platform="taobao", source="affiliate", refund_number="7", order_number=CHILDREN[1],
        as_of=NOW, state="done", amount_fen=5000,
    ),
    HASHES,
)  # fmt: skip


def quoted(world: FillingWorld) -> list[tuple[str, int, str]]:
    order = world.store.by_ref[REF]
    owned = replace(order, ownership=order.ownership or ownership(source="affiliate"))
    return [(quote.status, quote.points, quote.line_id) for quote in quotes_of(owned, NOW)]


def applied(*batches: list[Row]) -> FillingWorld:
    world = FillingWorld()
    for rows in batches:
        apply_rows(rows, desk=world.pool, resend=True)
    return world


LINE_ID = Order(order_ref=REF, platform="", order_hint="").line_id("order")


def test_a_split_order_keeps_its_line_through_all_of_its_life() -> None:
    seen = [
        quoted(applied([ORIGINAL])),
        quoted(applied([ORIGINAL], [GONE, *SPLIT])),
        quoted(applied([ORIGINAL], [GONE, *SPLIT], CONFIRMED)),
        quoted(applied([ORIGINAL], [GONE, *SPLIT], CONFIRMED, [REFUND])),
    ]

    assert seen == [
        [("pending", 300, LINE_ID)], [("pending", 300, LINE_ID)], [("due", 300, LINE_ID)],
        [("due", 250, LINE_ID)],
    ]  # fmt: skip


def test_rows_of_a_split_order_come_to_the_same_in_any_order_and_any_batches() -> None:
    rows: list[Row] = [ORIGINAL, GONE, SPLIT[0], CONFIRMED[1], PLAIN, REFUND]

    for each in permutations(rows):
        world = applied(*([row] for row in each))
        assert quoted(world) == [("pending", 250, LINE_ID)]
        assert world.store.by_ref[PARTS[0]].alias_of == REF
    assert quoted(applied(rows)) == [("pending", 250, LINE_ID)]


@pytest.mark.parametrize("known_before", [True, False])
def test_a_claim_by_either_number_finds_the_one_order(known_before: bool) -> None:
    for ref in (REF, *PARTS):
        world = FillingWorld()
        claim = a_claim(ref=ref)
        world.store.add_claim(claim)
        if known_before:
            apply_rows([ORIGINAL, GONE, *SPLIT], desk=world.pool, resend=False)
            assert match(message_of(claim), desk=world.claims) == "owned"
        else:
            assert match(message_of(claim), desk=world.claims) == "waiting"
            apply_rows([ORIGINAL, GONE, *SPLIT], desk=world.pool, resend=False)
            [message] = [each for each in world.take() if isinstance(each, ClaimSubmitted)]
            assert match(message, desk=world.claims) == "owned"

        order = world.store.by_ref[REF]
        assert order.ownership is not None
        assert order.ownership.member_id == HER
        assert world.take() == [
            OrdersChanged(member_id=HER, order_refs=(REF,), correlation_id=claim.claim_id)
        ]
        view = read_claim(HER, claim.claim_id, desk=world.claims, postings=world.postings)
        assert [(each.line_id, each.points) for each in view.lines] == [(LINE_ID, 300)]


def test_what_was_known_of_the_part_before_the_split_was_is_kept() -> None:
    world = applied([PLAIN], [REFUND], [ORIGINAL], [*SPLIT])

    order = world.store.by_ref[REF]
    assert len(order.refunds) == 1
    assert order.sources["affiliate"]["order@" + PARTS[0].rpartition(":")[2][:8]].state == "shipped"


def test_a_part_that_somebody_owned_before_stays_her_order_and_is_not_credited_twice() -> None:
    world = applied([PLAIN])
    part = world.store.by_ref[PARTS[0]]
    world.put(replace(part, ownership=ownership(OTHER, source="affiliate")))

    apply_rows([ORIGINAL, GONE, *CONFIRMED], desk=world.pool, resend=False)

    assert world.store.by_ref[PARTS[0]].alias_of is None
    [quote] = quotes_of(world.store.by_ref[PARTS[0]], NOW)
    assert (quote.status, quote.points) == ("due", 100)
    assert quoted(world) == [("due", 200, LINE_ID)]


def test_whoever_claims_the_part_while_it_becomes_an_alias_keeps_it() -> None:
    world = applied([PLAIN])

    def claimed() -> None:
        part = world.store.by_ref[PARTS[0]]
        world.put(replace(part, ownership=ownership(OTHER, source="affiliate")))

    world.journal.meanwhile["save"] = [claimed]
    apply_rows([ORIGINAL, *CONFIRMED], desk=world.pool, resend=False)

    assert world.store.by_ref[PARTS[0]].alias_of is None
    assert quoted(world) == [("due", 200, LINE_ID)]


def test_a_run_may_die_before_any_call_and_the_next_one_finishes_it() -> None:
    rows: list[Row] = [ORIGINAL, GONE, *SPLIT]
    whole = applied([PLAIN, REFUND], rows)
    calls = len(applied([PLAIN, REFUND], rows).journal.calls)
    first = len(applied([PLAIN, REFUND]).journal.calls)

    for die_at in range(first, calls):
        world = applied([PLAIN, REFUND])
        world.journal.die_at = die_at
        with pytest.raises(DiedError):
            apply_rows(rows, desk=world.pool, resend=False)
        world.journal.die_at = None
        apply_rows(rows, desk=world.pool, resend=True)

        assert quoted(world) == quoted(whole)
        assert world.store.by_ref[REF].refunds == whole.store.by_ref[REF].refunds


def test_an_alias_without_its_original_is_an_order_that_is_not_there_yet() -> None:
    world = FillingWorld()
    alias = Order(order_ref=PARTS[0], platform="taobao", order_hint="x", alias_of=REF)
    world.put(alias)
    claim = a_claim(ref=PARTS[0])
    world.store.add_claim(claim)

    assert followed(world.store, [PARTS[0]])[PARTS[0]].order_ref == REF
    assert match(message_of(claim), desk=world.claims) == "waiting"
    assert world.store.by_ref[REF].waiting == {HER: claim.claim_id}


def test_orders_that_name_one_another_lead_nowhere_and_end() -> None:
    one, two = number(1), number(2)
    world = applied(
        [said(one, "paid", 100, 0, split_from=two)], [said(two, "paid", 100, 0, split_from=one)],
        [said(one, "paid", 100, 0, split_from=one)],
    )  # fmt: skip

    refs: list[OrderRef] = [HASHES.order_ref("taobao", each) for each in (one, two)]
    assert len(followed(world.store, refs)) == 2


def test_numbers_that_were_never_split_cost_one_read() -> None:
    world = applied([ORIGINAL])
    world.journal.calls.clear()

    followed(world.store, [REF, PARTS[0]])
    apply_rows([ORIGINAL], desk=world.pool, resend=False)

    assert world.journal.calls == ["orders", "orders"]


def test_a_row_that_meets_the_split_of_its_order_comes_again_and_is_not_lost() -> None:
    world = applied([ORIGINAL])
    confirmed = said(CHILDREN[0], "confirmed", 10000, 9)

    def split() -> None:
        apply_rows([GONE, *SPLIT], desk=world.pool, resend=False)

    world.journal.meanwhile["save"] = [split]
    with pytest.raises(ContentionError):
        apply_rows([confirmed], desk=world.pool, resend=False)
    apply_rows([confirmed, CONFIRMED[1]], desk=world.pool, resend=True)

    assert quoted(world) == [("due", 300, LINE_ID)]


def test_a_part_that_was_split_again_counts_once_whichever_split_is_told_first() -> None:
    inner = number(5003)
    rows = [
        said(CHILDREN[0], "paid", 10000, 1),
        said(inner, "paid", 5000, 2, split_from=CHILDREN[0]),
        said(CHILDREN[0], "paid", 5000, 2, split_from=NUMBER),
        said(inner, "paid", 5000, 2, split_from=CHILDREN[0]),
    ]

    outcomes = {tuple(quoted(applied(*([row] for row in each)))) for each in permutations(rows)}

    assert len(outcomes) == 1


def test_two_orders_that_call_each_other_a_part_in_one_file_make_no_circle() -> None:
    one, other = PARTS
    world = applied([
        said(CHILDREN[0], "paid", 100, 1, split_from=CHILDREN[1]),
        said(CHILDREN[1], "paid", 100, 1, split_from=CHILDREN[0]),
    ])  # fmt: skip

    assert sum(world.store.by_ref[each].alias_of is not None for each in (one, other)) == 1
    assert all(order.alias_of is None for order in followed(world.store, PARTS).values())
