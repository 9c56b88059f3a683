"""The hour's budget of numbers, and claims whose process ended on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.errors import ContentionError, TooManyTriesError
from huixue.orders.claims import (
    MAX_ROUNDS,
    MAX_UNMATCHED_NUMBERS,
    SubmitClaim,
    Submitted,
    submit,
)
from huixue.orders.matcher import match
from huixue.orders.model import Tries
from tests.unit.orders.fakes import DiedError, Journal
from tests.unit.orders.world import (
    HASHES,
    HER,
    OTHER,
    World,
    an_order,
    number,
    ownership,
)


def send(world: World, command: SubmitClaim) -> Submitted:
    return submit(command, desk=world.claims, hashes=HASHES)


def test_an_eleventh_number_within_an_hour_is_too_many_until_the_first_is_an_hour_old() -> None:
    world = World()
    for index in range(MAX_UNMATCHED_NUMBERS):
        send(world, world.command(number(index)))
        world.clock.advance(timedelta(minutes=1))

    with pytest.raises(TooManyTriesError) as refusal:
        send(world, world.command(number(99)))

    assert refusal.value.retry_after_s == 3600 - 10 * 60
    assert world.metrics.counts == {"ClaimThrottled": 1}
    assert len(world.store.claim_rows) == MAX_UNMATCHED_NUMBERS
    assert len(world.sent_claims()) == MAX_UNMATCHED_NUMBERS
    world.clock.advance(timedelta(seconds=refusal.value.retry_after_s - 1))
    with pytest.raises(TooManyTriesError):
        send(world, world.command(number(99)))
    world.clock.advance(timedelta(seconds=1))
    assert send(world, world.command(number(99))).is_new
    with pytest.raises(TooManyTriesError):
        send(world, world.command(number(100)))


def test_a_number_claimed_before_is_answered_though_the_budget_is_used_up() -> None:
    world = World()
    for index in range(MAX_UNMATCHED_NUMBERS):
        send(world, world.command(number(index)))

    assert not send(world, world.command(number(3))).is_new


def test_numbers_that_turned_out_hers_cost_nothing() -> None:
    world = World()
    for index in range(3 * MAX_UNMATCHED_NUMBERS):
        world.put(an_order(ref=HASHES.order_ref("taobao", number(index))))

        assert send(world, world.command(number(index))).is_new
        match(world.sent_claims()[-1], desk=world.claims)

    assert world.metrics.counts == {}


def test_somebody_elses_orders_cost_like_numbers_that_do_not_exist() -> None:
    world = World()
    for index in range(MAX_UNMATCHED_NUMBERS):
        ref = HASHES.order_ref("taobao", number(index))
        world.put(replace(an_order(ref=ref), ownership=ownership(OTHER)))
        send(world, world.command(number(index)))
        match(world.sent_claims()[-1], desk=world.claims)

    with pytest.raises(TooManyTriesError):
        send(world, world.command(number(99)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 1200)), max_size=60))
def test_no_hour_ever_holds_more_than_ten_accepted_numbers(tries: list[tuple[int, int]]) -> None:
    world = World()
    accepted = []
    for index, pause_s in tries:
        world.clock.advance(timedelta(seconds=pause_s))
        try:
            if send(world, world.command(number(index))).is_new:
                accepted.append(world.clock.now())
        except TooManyTriesError:
            pass

    for start in accepted:
        within = [at for at in accepted if start <= at < start + timedelta(hours=1)]
        assert len(within) <= MAX_UNMATCHED_NUMBERS
    kept = world.store.tries_rows.get(HER, Tries(member_id=HER)).numbers
    assert len(kept) <= MAX_UNMATCHED_NUMBERS


def test_a_try_somebody_spent_meanwhile_is_counted_too() -> None:
    world = World()
    for index in range(MAX_UNMATCHED_NUMBERS - 1):
        send(world, world.command(number(index)))
    world.journal.meanwhile["save_tries"] = [lambda: void(send(world, world.command(number(50))))]

    with pytest.raises(TooManyTriesError):
        send(world, world.command(number(51)))

    assert len(world.store.claim_rows) == MAX_UNMATCHED_NUMBERS


def test_a_claim_gives_up_after_a_bounded_number_of_rounds() -> None:
    world = World()

    def spend() -> None:
        tries = world.store.tries_rows.get(HER, Tries(member_id=HER))
        world.store.tries_rows[HER] = replace(tries, version=tries.version + 1)

    world.journal.meanwhile["save_tries"] = [spend] * 20

    with pytest.raises(ContentionError):
        send(world, world.command())

    assert world.journal.calls == ["claim_and_tries", "save_tries"] * MAX_ROUNDS
    assert world.store.claim_rows == {}


@pytest.mark.parametrize("die_at", range(4))
def test_a_claim_that_died_anywhere_is_taken_once_by_its_repetition(die_at: int) -> None:
    world = World(journal=Journal(die_at=die_at))
    with pytest.raises(DiedError):
        send(world, world.command())
    world.journal.die_at = None

    answer = send(world, world.command())

    assert list(world.store.claim_rows) == [(HER, answer.claim.claim_id)]
    assert list(world.store.tries_rows[HER].numbers) == [answer.claim.claim_id]
    assert {each.claim_id for each in world.sent_claims()} == {answer.claim.claim_id}


def test_the_last_number_of_a_budget_that_died_on_its_way_is_not_refused_when_it_comes_again() -> (
    None
):
    world = World()
    for index in range(MAX_UNMATCHED_NUMBERS - 1):
        send(world, world.command(number(index)))
    world.journal.die_at = len(world.journal.calls) + 2
    with pytest.raises(DiedError):
        send(world, world.command(number(50)))
    world.journal.die_at = None

    assert send(world, world.command(number(50))).is_new


def test_an_accepted_claim_whose_row_was_never_written_is_written_by_the_matcher() -> None:
    world = World(journal=Journal(die_at=3))
    with pytest.raises(DiedError):
        send(world, world.command())
    world.journal.die_at = None
    (message,) = world.sent_claims()

    match(message, desk=world.claims)

    assert (HER, message.claim_id) in world.store.claim_rows


def void(_: object) -> None:
    """For calls that are made for what they do."""
