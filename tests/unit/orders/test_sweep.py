from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.events import (
    ClaimSubmitted,
    LinePosting,
    Message,
    OrdersChanged,
    OrderSyncRequested,
)
from huixue.kernel.ids import AccountRef
from huixue.orders.claims import message_of, submit
from huixue.orders.matcher import match
from huixue.orders.model import Claim, OrderSync
from huixue.orders.pool import apply_rows
from huixue.orders.pricing import quotes_of
from huixue.orders.sweep import STALE_AFTER
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.test_imports import export
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    OTHER,
    REF,
    a_claim,
    an_order,
    line,
    ownership,
    row,
)

LATER = STALE_AFTER + timedelta(seconds=1)
OTHER_ACCOUNT = HASHES.account_ref("taobao", "别人")


def settle(world: FillingWorld) -> None:
    """The ledger as it is once every message was heard."""
    for order in world.store.by_ref.values():
        for quote in quotes_of(order, world.clock.now()):
            due, pending = quote.status == "due", quote.status == "pending"
            world.held[quote.line_id] = LinePosting(
                points=quote.points if due else 0, pending=quote.points if pending else 0,
                peak=quote.points,
            )  # fmt: skip


def a_sound_world() -> FillingWorld:
    """Of everything one, settled, waiting, refused or done; nothing is lost."""
    world = FillingWorld()
    world.put(replace(an_order(), ownership=ownership()))
    world.store.add_claim(a_claim())
    free = HASHES.order_ref("taobao", f"26{9999:017}")
    world.put(an_order(ref=free))
    waits = a_claim(OTHER, ref=HASHES.order_ref("taobao", f"26{7777:017}"))
    world.store.add_claim(waits)
    match(message_of(waits), desk=world.claims)
    world.imported(world.upload(export(5)))
    settle(world)
    world.take()
    return world


def swept_later(world: FillingWorld) -> tuple[int, list[Message]]:
    """Repairs, and their messages; those of due checks come first and are delivered."""
    world.clock.advance(LATER)
    done = world.swept()
    assert done.round_finished
    sent = world.take()
    for each in sent[: done.due_claims]:
        assert isinstance(each, ClaimSubmitted)
        match(each, desk=world.claims)
    assert world.take() == []
    return done.repairs, sent[done.due_claims :]


def test_a_sound_table_gives_no_repair_in_any_round() -> None:
    world = a_sound_world()

    for _ in range(3):
        assert swept_later(world) == (0, [])
    assert world.metrics.counts["SweepRepaired"] == 0


def test_a_lost_match_message_of_a_stored_claim_is_sent_again() -> None:
    world = a_sound_world()
    lost = submit(world.command(f"26{5555:017}"), desk=world.claims, hashes=HASHES).claim
    world.take()

    repairs, sent = swept_later(world)

    assert (repairs, sent) == (1, [message_of(lost)])


def test_a_claim_that_is_on_its_way_is_left_alone() -> None:
    world = a_sound_world()
    submit(world.command(f"26{5555:017}"), desk=world.claims, hashes=HASHES)
    world.take()

    assert world.swept().repairs == 0
    assert world.take() == []


@pytest.mark.parametrize(
    "held",
    [
        LinePosting(),
        LinePosting(pending=178),
        LinePosting(points=177, peak=178),
        LinePosting(points=190, peak=190),
        LinePosting(points=100, peak=100, capped=77),
        LinePosting(points=178, peak=178, written_off=1),
    ],
)
def test_a_lost_credit_message_is_sent_again(held: LinePosting) -> None:
    world = a_sound_world()
    [quote] = quotes_of(world.store.by_ref[REF], NOW)
    world.held[quote.line_id] = held

    repairs, sent = swept_later(world)

    assert (repairs, sent) == (
        1, [OrdersChanged(member_id=HER, order_refs=(REF,), correlation_id=REF)],
    )  # fmt: skip


def test_a_refund_whose_message_was_lost_is_sent_to_the_ledger_again() -> None:
    world = a_sound_world()
    refund = line("closed", at=NOW + timedelta(hours=1))
    apply_rows([row(refund)], desk=world.pool, resend=False)
    world.take()

    repairs, sent = swept_later(world)

    assert (repairs, [type(each) for each in sent]) == (1, [OrdersChanged])


def test_an_order_in_an_unknown_state_is_no_loss() -> None:
    world = a_sound_world()
    apply_rows(
        [row(line("unknown", at=NOW + timedelta(hours=1)))], desk=world.pool, resend=False
    )  # fmt: skip
    world.take()

    assert swept_later(world) == (0, [])


def waiting_world(claim: Claim) -> FillingWorld:
    """The claim waits, then its order comes, and the signal of it is lost."""
    world = FillingWorld()
    world.store.add_claim(claim)
    match(message_of(claim), desk=world.claims)
    apply_rows([row(line())], desk=world.pool, resend=False)
    world.take()
    return world


@pytest.mark.parametrize("account_ref", [None, HER_ACCOUNT])
def test_a_lost_signal_to_a_waiting_claim_is_sent_again(account_ref: AccountRef | None) -> None:
    world = waiting_world(a_claim(account_ref=account_ref))

    repairs, [sent] = swept_later(world)

    assert repairs == 1
    assert isinstance(sent, ClaimSubmitted)
    assert match(sent, desk=world.claims) == "owned"
    world.take()
    settle(world)
    assert swept_later(world) == (0, [])


def test_a_claim_that_names_another_account_waits_rightly() -> None:
    world = waiting_world(a_claim(account_ref=OTHER_ACCOUNT))

    assert swept_later(world) == (0, [])


def test_a_claim_that_was_refused_after_waiting_is_no_loss() -> None:
    world = FillingWorld()
    world.store.add_claim(a_claim())
    match(message_of(a_claim()), desk=world.claims)
    old = line(paid_at=NOW - timedelta(days=200))
    apply_rows([row(old)], desk=world.pool, resend=False)
    assert match(message_of(a_claim()), desk=world.claims) == "rejected"
    world.take()

    assert swept_later(world) == (0, [])


def test_a_claim_whose_check_is_due_is_looked_at_at_its_time() -> None:
    world = FillingWorld()
    world.store.add_claim(a_claim())
    match(message_of(a_claim()), desk=world.claims)
    world.take()

    world.clock.advance(timedelta(minutes=4))
    assert world.swept().due_claims == 0
    world.clock.advance(timedelta(minutes=1))
    done = world.swept()

    assert (done.due_claims, done.repairs) == (1, 0)
    [sent] = world.take()
    assert isinstance(sent, ClaimSubmitted)
    assert match(sent, desk=world.claims) == "waiting"
    assert world.swept().due_claims == 0


def a_sync(status: str = "running") -> OrderSync:
    sync = OrderSync(
        sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao",
        account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=17880, requested_at=NOW, run=1,
    )  # fmt: skip
    return sync if status == "running" else replace(sync, status="done")


def test_a_lost_sync_message_is_sent_again_and_not_while_it_is_young() -> None:
    world = a_sound_world()
    world.store.save_sync(a_sync(), expected_run=None)
    assert world.swept().repairs == 0
    assert world.take() == []

    repairs, sent = swept_later(world)

    assert (repairs, sent) == (
        1, [OrderSyncRequested(member_id=HER, sync_id="syn_1", correlation_id="syn_1")],
    )  # fmt: skip


def test_a_finished_sync_is_no_loss() -> None:
    world = a_sound_world()
    world.store.save_sync(a_sync("done"), expected_run=None)

    assert swept_later(world) == (0, [])


def test_orders_and_claims_of_an_erased_member_are_left_alone() -> None:
    """Her order is worth something else by now, and a claim of hers was written at the last moment."""
    world = FillingWorld(erased={HER})
    world.put(replace(an_order(), ownership=ownership()))
    taken_ref = HASHES.order_ref("taobao", f"26{9998:017}")
    world.put(replace(an_order(ref=taken_ref), ownership=ownership(OTHER)))
    world.store.add_claim(a_claim(ref=taken_ref))
    settle(world)
    owned = quotes_of(world.store.by_ref[REF], world.clock.now())
    for quote in owned:
        del world.held[quote.line_id]

    assert swept_later(world) == (0, [])
