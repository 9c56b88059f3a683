"""Imports, and the walk itself, as the sweep goes about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from huixue.kernel.events import (
    ClaimSubmitted,
    ExportUploaded,
    OrdersChanged,
    RowsPlanned,
)
from huixue.orders.imports import ROWS_PER_CHUNK
from huixue.orders.matcher import match
from huixue.orders.sweep import IMPORT_STALE_AFTER, sweep
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.test_imports import export
from tests.unit.orders.test_sweep import LATER, a_sound_world, settle, swept_later, waiting_world
from tests.unit.orders.world import (
    HASHES,
    NUMBER,
    REF,
    a_claim,
    an_order,
    ownership,
)


def test_a_lost_plan_message_is_sent_again_once_no_plan_can_be_running_any_more() -> None:
    world = a_sound_world()
    message = world.upload(export(5), import_id="imp_2")
    assert swept_later(world) == (0, [])
    world.clock.advance(IMPORT_STALE_AFTER)

    repairs, sent = swept_later(world)

    assert (repairs, sent) == (1, [message])
    assert isinstance(sent[0], ExportUploaded)


def test_only_the_chunks_that_are_missing_are_sent_again() -> None:
    world = a_sound_world()
    message = world.upload(export(3 * ROWS_PER_CHUNK), import_id="imp_2")
    world.plan(message)
    chunks = [each for each in world.take() if isinstance(each, RowsPlanned)]
    world.apply(chunks[1])
    world.clock.advance(IMPORT_STALE_AFTER)

    repairs, sent = swept_later(world)

    assert (repairs, sent) == (2, [chunks[0], chunks[2]])
    for each in chunks:
        world.apply(each)
    world.take()
    settle(world)
    assert swept_later(world) == (0, [])


def test_a_failed_import_is_left_alone() -> None:
    world = a_sound_world()
    world.plan(world.upload(b"no export", import_id="imp_2"))
    world.clock.advance(IMPORT_STALE_AFTER)

    assert swept_later(world) == (0, [])


def test_a_run_that_stops_in_the_middle_goes_on_where_it_stopped() -> None:
    world = FillingWorld()
    numbers = [f"26{at:017}" for at in range(20)]
    for number in numbers:
        ref = HASHES.order_ref("taobao", number)
        world.put(replace(an_order(ref=ref), ownership=ownership()))
    world.clock.advance(LATER)
    told: list[str] = []
    rounds = 0

    while True:
        rounds += 1
        world.journal.meanwhile["credit"] = [lambda: world.clock.advance(timedelta(hours=1))]
        done = sweep(desk=world.sweep_desk, until=world.clock.now() + timedelta(minutes=1))
        told += [ref for each in world.take() if isinstance(each, OrdersChanged)
                 for ref in each.order_refs]  # fmt: skip
        if done.round_finished:
            break

    assert rounds == 7
    assert sorted(told) == sorted(HASHES.order_ref("taobao", number) for number in numbers)
    assert world.cursor.place.start is None


def test_a_run_without_time_does_nothing_but_the_due_checks() -> None:
    world = a_sound_world()

    done = sweep(desk=world.sweep_desk, until=world.clock.now())

    assert (done.repairs, done.round_finished) == (0, False)


def test_two_sweeps_at_once_send_twice_and_harm_nobody() -> None:
    claim = a_claim()
    world = waiting_world(claim)
    world.clock.advance(LATER)
    inner = []
    world.journal.meanwhile["match"] = [lambda: inner.append(world.swept())]

    outer = world.swept()

    sent = world.take()
    assert (outer.repairs, inner[0].repairs, len(sent)) == (1, 1, 2)
    answers = [match(each, desk=world.claims) for each in sent if isinstance(each, ClaimSubmitted)]
    assert answers == ["owned", "already_hers"]
    assert world.store.by_ref[REF].order_hint == "2600…34"
    assert NUMBER not in repr(sent)


def test_between_two_rounds_the_walk_rests_and_due_checks_do_not() -> None:
    world = a_sound_world()
    world.rest = timedelta(hours=1)
    first = sweep(desk=world.sweep_desk, until=world.clock.now() + timedelta(minutes=4))

    world.clock.advance(timedelta(minutes=59))
    resting = sweep(desk=world.sweep_desk, until=world.clock.now() + timedelta(minutes=4))
    world.clock.advance(timedelta(minutes=1))
    second = sweep(desk=world.sweep_desk, until=world.clock.now() + timedelta(minutes=4))

    assert (first.round_finished, resting.round_finished, second.round_finished) == (
        True,
        False,
        True,
    )
