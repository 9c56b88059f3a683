"""Failed proofs: five a day, growing locks, forgiven once one holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huixue.kernel.errors import TooManyTriesError
from huixue.orders.model import OrderSync
from huixue.orders.sync_runs import run
from huixue.orders.syncs import (
    MAX_FAILED_PROOFS,
    RESTART_AFTER,
    Started,
    StartSync,
    message_of_sync,
    start,
)
from tests.unit.orders.fakes import DiedError
from tests.unit.orders.world import (
    HASHES,
    HER,
    NOW,
    NUMBER,
    World,
    a_sync_command,
    an_order,
)


def ask(world: World, command: StartSync | None = None) -> Started:
    return start(command or a_sync_command(), desk=world.syncs, hashes=HASHES)


def work(world: World, sync: OrderSync) -> OrderSync | None:
    return run(message_of_sync(sync), desk=world.syncs, settle=lambda *_: None)


def fail(world: World, amount_fen: int) -> None:
    """One proof with a wrong amount, run to its end."""
    work(world, ask(world, a_sync_command(paid_amount_fen=amount_fen)).sync)


def test_two_proofs_may_fail_and_then_each_waits_twice_as_long() -> None:
    world = World()
    fail(world, 1)
    fail(world, 2)
    fail(world, 3)
    waits = []
    for amount_fen in (4, 5):
        with pytest.raises(TooManyTriesError) as refusal:
            fail(world, amount_fen)
        waits.append(refusal.value.retry_after_s)
        world.clock.advance(timedelta(seconds=waits[-1] - 1))
        with pytest.raises(TooManyTriesError):
            fail(world, amount_fen)
        world.clock.advance(timedelta(seconds=1))
        fail(world, amount_fen)

    assert waits == [60, 120]
    assert len(world.store.tries_rows[HER].proofs) == MAX_FAILED_PROOFS
    assert world.metrics.counts["ProofThrottled"] == 4


def test_after_five_failures_the_next_proof_is_tomorrow_in_shanghai() -> None:
    world = World()
    for amount_fen in range(1, 6):
        fail(world, amount_fen)
        world.clock.advance(timedelta(minutes=10))

    with pytest.raises(TooManyTriesError) as refusal:
        fail(world, 6)

    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert refusal.value.retry_after_s == (midnight - world.clock.now()).total_seconds()
    world.clock.instant = midnight - timedelta(seconds=1)
    with pytest.raises(TooManyTriesError):
        fail(world, 6)
    world.clock.instant = midnight
    fail(world, 6)
    assert len(world.store.tries_rows[HER].proofs) == 1


def test_a_proof_that_held_is_no_guess() -> None:
    world = World()
    world.put(an_order())

    for day in range(10):
        world.clock.instant = NOW + timedelta(minutes=2 * day)
        ended = work(world, ask(world).sync)
        assert ended is not None
        assert ended.status == "done"

    assert world.store.tries_rows[HER].proofs == {}


def test_a_proof_that_holds_at_last_forgives_its_own_earlier_runs_and_no_others() -> None:
    world = World()
    fail(world, 1)
    ask(world)
    world.clock.advance(RESTART_AFTER)
    lost = ask(world)
    world.put(an_order())

    work(world, lost.sync)

    assert len(world.store.tries_rows[HER].proofs) == 1
    assert not any(key.startswith(lost.sync.sync_id) for key in world.store.tries_rows[HER].proofs)


def test_a_start_that_died_after_it_was_counted_is_not_locked_out_by_itself() -> None:
    world = World()
    fail(world, 1)
    fail(world, 2)
    world.journal.die_at = len(world.journal.calls) + 2
    with pytest.raises(DiedError):
        ask(world)
    world.journal.die_at = None

    assert ask(world).is_new


def test_ten_thousand_guessed_numbers_bind_nothing_and_ring_the_bell() -> None:
    world = World()
    first = int(NUMBER) - 5000
    world.put(an_order())
    refused = 0
    for index in range(10_000):
        world.clock.advance(timedelta(seconds=1))
        command = a_sync_command(number=str(first + index), paid_amount_fen=100)
        try:
            sync = ask(world, command).sync
        except TooManyTriesError:
            refused += 1
        else:
            work(world, sync)

    assert world.store.bindings == {}
    assert all(order.ownership is None for order in world.store.by_ref.values())
    assert 10_000 - refused <= MAX_FAILED_PROOFS
    assert world.metrics.counts["ProofThrottled"] == refused
    assert world.metrics.counts["ProofFailed"] == 10_000 - refused


def void(_: object) -> None:
    """For calls that are made for what they do."""
