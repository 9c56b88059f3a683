"""Starting a sync: five proofs a day, growing locks, repeatable, blind to what the pool holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import ContentionError, HuixueError
from huixue.kernel.events import OrderSyncRequested
from huixue.orders.claims import OrderNumberFormatError, PlatformNotOfferedError
from huixue.orders.model import OrderSync, Tries
from huixue.orders.sync_runs import run
from huixue.orders.syncs import (
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
    assert len(world.store.tries_rows[HER].proofs) == 1
    # told once more: whoever saved it may have died before the message; running it twice is running it once
    assert world.outbox.sent == [message_of_sync(first.sync)] * 2


def test_asking_again_for_an_ended_sync_sends_nothing() -> None:
    world = World()
    first = ask(world)
    ended = replace(first.sync, status="done", finished_at=world.clock.now())
    world.store.save_sync(ended, expected_run=first.sync.run)

    again = ask(world)

    assert (again.is_new, again.sync.status) == (False, "done")
    assert len(world.outbox.sent) == 1


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

    def other_tap() -> None:
        world.clock.advance(timedelta(microseconds=1))
        ask(world)

    world.journal.meanwhile["save_sync"] = [other_tap]

    ask(world)

    assert len(world.store.sync_rows) == 1
    assert len(set(world.outbox.sent)) == 1
    assert len(world.store.tries_rows[HER].proofs) == 1


@pytest.mark.parametrize("run", [1, 2])
def test_a_sync_whose_write_was_made_though_its_reply_was_lost_is_sent_all_the_same(
    run: int,
) -> None:
    world = World()
    if run == 2:
        ask(world)
        world.clock.advance(RESTART_AFTER)
    sent = len(world.outbox.sent)

    written = replace(ask(World()).sync, requested_at=world.clock.now(), run=run)

    def write_first() -> None:
        world.store.sync_rows[HER, written.sync_id] = written

    world.journal.meanwhile["save_sync"] = [write_first]

    answer = ask(world)

    assert answer.is_new == (run == 1)
    assert answer.sync.run == run
    assert len(world.outbox.sent) == sent + 1


def void(_: object) -> None:
    """For calls that are made for what they do."""
