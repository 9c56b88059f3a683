"""Starting a sync: five proofs a day, growing locks, repeatable, blind to what the pool holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huixue.kernel.errors import ContentionError, HuixueError, TooManyTriesError
from huixue.kernel.events import OrderSyncRequested
from huixue.orders.claims import OrderNumberFormatError, PlatformNotOfferedError
from huixue.orders.model import OrderSync, Tries
from huixue.orders.sync_runs import run
from huixue.orders.syncs import (
    MAX_FAILED_PROOFS,
    MAX_ROUNDS,
    RESTART_AFTER,
    Started,
    StartSync,
    message_of_sync,
    start,
)
from tests.unit.orders.fakes import DiedError, Journal
from tests.unit.orders.world import (
    ACCOUNT,
    HASHES,
    HER,
    NOW,
    NUMBER,
    OTHER,
    World,
    a_sync_command,
    an_order,
    ownership,
)


def ask(world: World, command: StartSync | None = None) -> Started:
    return start(command or a_sync_command(), desk=world.syncs, hashes=HASHES)


def work(world: World, sync: OrderSync) -> OrderSync | None:
    return run(message_of_sync(sync), desk=world.syncs, settle=lambda *_: None)


def fail(world: World, amount_fen: int) -> None:
    """One proof with a wrong amount, run to its end."""
    work(world, ask(world, a_sync_command(paid_amount_fen=amount_fen)).sync)


def test_the_same_request_shows_the_same_sync_and_counts_once() -> None:
    world = World()

    first = ask(world)
    again = ask(world)

    assert (first.is_new, again.is_new) == (True, False)
    assert again.sync == first.sync
    assert len(world.outbox.sent) == 1
    assert len(world.store.tries_rows[HER].proofs) == 1
    assert world.outbox.sent == [message_of_sync(first.sync)]


def test_each_fact_makes_a_sync_of_its_own() -> None:
    ids = {
        ask(World(), command).sync.sync_id
        for command in (
            a_sync_command(),
            a_sync_command(number=NUMBER[:-1] + "9"),
            a_sync_command(account="别人"),
            a_sync_command(paid_amount_fen=1),
            a_sync_command(member_id=OTHER),
        )
    }

    assert len(ids) == 5


def test_a_sync_keeps_no_number_and_no_account_in_clear() -> None:
    world = World()

    ask(world)

    kept = f"{world.store.sync_rows}{world.store.tries_rows}{world.outbox.sent}"
    assert NUMBER not in kept
    assert ACCOUNT not in kept


def test_starting_makes_the_same_calls_whatever_the_pool_holds() -> None:
    seen = []
    for order in (None, an_order(), replace(an_order(), ownership=ownership(OTHER))):
        world = World()
        if order is not None:
            world.put(order)
        seen.append((ask(world), world.journal.calls))

    assert seen[0] == seen[1] == seen[2]
    assert seen[0][1] == ["sync_and_tries", "save_tries", "save_sync", "send_sync"]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (replace(a_sync_command(), platform="jd"), PlatformNotOfferedError),
        (a_sync_command(number="1"), OrderNumberFormatError),
    ],
)
def test_what_can_be_no_order_makes_no_sync_and_no_call(
    command: StartSync, error: type[HuixueError]
) -> None:
    world = World()

    with pytest.raises(error):
        ask(world, command)

    assert world.journal.calls == []


def test_a_sync_that_ended_a_minute_ago_looks_again() -> None:
    world = World()
    first = ask(world).sync
    world.clock.advance(timedelta(seconds=5))
    ended = work(world, first)
    assert ended is not None
    world.clock.advance(RESTART_AFTER - timedelta(seconds=1))

    shown = ask(world)
    world.clock.advance(timedelta(seconds=1))
    again = ask(world)

    assert shown == Started(sync=ended, is_new=False)
    assert not again.is_new
    assert (again.sync.run, again.sync.status, again.sync.reason) == (2, "running", None)
    assert again.sync.requested_at == world.clock.now()
    assert len(world.outbox.sent) == 2


def test_a_sync_whose_message_was_lost_starts_again_after_a_minute() -> None:
    world = World()
    ask(world)
    world.clock.advance(RESTART_AFTER)

    again = ask(world)

    assert again.sync.run == 2
    assert len([each for each in world.outbox.sent if isinstance(each, OrderSyncRequested)]) == 2


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


@pytest.mark.parametrize("die_at", range(4))
def test_a_start_that_died_anywhere_is_one_sync_and_one_try_after_its_repetition(
    die_at: int,
) -> None:
    world = World(journal=Journal(die_at=die_at))
    with pytest.raises(DiedError):
        ask(world)
    world.journal.die_at = None

    answer = ask(world)

    assert list(world.store.sync_rows) == [(HER, answer.sync.sync_id)]
    assert len(world.store.tries_rows[HER].proofs) == 1
    if die_at == 3:  # its message is lost: the sweep or her next tap sends it again
        world.clock.advance(RESTART_AFTER)
        assert ask(world).sync.run == 2


def test_a_start_gives_up_after_a_bounded_number_of_rounds() -> None:
    world = World()

    def spend() -> None:
        tries = world.store.tries_rows.get(HER, Tries(member_id=HER))
        world.store.tries_rows[HER] = replace(tries, version=tries.version + 1)

    world.journal.meanwhile["save_tries"] = [spend] * 20

    with pytest.raises(ContentionError):
        ask(world)

    assert len(world.journal.calls) == 2 * MAX_ROUNDS
    assert world.store.sync_rows == {}


def test_two_taps_at_once_make_one_sync() -> None:
    world = World()
    world.journal.meanwhile["save_sync"] = [lambda: void(ask(world))]

    ask(world)

    assert len(world.store.sync_rows) == 1
    assert len(world.outbox.sent) == 1
    assert len(world.store.tries_rows[HER].proofs) == 1


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
