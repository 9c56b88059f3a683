"""Submitting a claim: repeatable, budgeted, and blind to what the pool holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.errors import ContentionError, HuixueError, MismatchError, TooManyTriesError
from huixue.orders.claims import (
    MAX_ROUNDS,
    MAX_UNMATCHED_NUMBERS,
    OrderNumberFormatError,
    PlatformNotOfferedError,
    SubmitClaim,
    Submitted,
    order_hint,
    submit,
)
from huixue.orders.matcher import match
from huixue.orders.model import Tries
from tests.unit.orders.fakes import DiedError, Journal
from tests.unit.orders.world import (
    ACCOUNT,
    HASHES,
    HER,
    HER_ACCOUNT,
    NUMBER,
    OTHER,
    World,
    an_order,
    ownership,
)


def send(world: World, command: SubmitClaim) -> Submitted:
    return submit(command, desk=world.claims, hashes=HASHES)


def number(index: int) -> str:
    return str(2600000000000000000 + index)


def test_a_claim_is_taken_once_and_its_repetition_shows_it_again() -> None:
    world = World()

    first = send(world, world.command())
    again = send(world, world.command())

    assert (first.is_new, again.is_new) == (True, False)
    assert again.claim == first.claim
    assert len(world.store.claim_rows) == 1
    assert len(world.sent_claims()) == 2  # looked at once more


def test_a_claim_keeps_no_number_and_no_account_in_clear() -> None:
    world = World()

    claim = send(world, world.command(account=ACCOUNT)).claim

    assert claim.account_ref == HER_ACCOUNT
    assert claim.order_hint == order_hint(NUMBER) == "2600…34"
    kept = f"{world.store.claim_rows}{world.store.tries_rows}{world.outbox.sent}"
    assert NUMBER not in kept
    assert ACCOUNT not in kept


@pytest.mark.parametrize("written", [f" {NUMBER}\t", "".join(chr(ord(c) + 0xFEE0) for c in NUMBER)])
def test_a_number_written_wide_or_with_blanks_is_the_same_number(written: str) -> None:
    world = World()
    first = send(world, world.command())

    again = send(world, world.command(written))

    assert again.claim.claim_id == first.claim.claim_id


@pytest.mark.parametrize(
    ("before", "after"), [(None, ACCOUNT), (ACCOUNT, None), (ACCOUNT, ACCOUNT)]
)
def test_an_account_added_later_or_left_out_is_the_same_claim(
    before: str | None, after: str | None
) -> None:
    world = World()
    first = send(world, world.command(account=before))

    again = send(world, world.command(account=after, room_level="gold"))

    assert again == Submitted(claim=first.claim, is_new=False)


@pytest.mark.parametrize("field", ["account", "room_level"])
def test_another_account_or_level_for_the_same_order_is_refused_by_name(field: str) -> None:
    world = World()
    first, other = ({field: value} for value in ("甲", "乙"))
    send(world, world.command(account=first.get("account"), room_level=first.get("room_level")))
    calls = len(world.outbox.sent)

    with pytest.raises(MismatchError) as refusal:
        send(world, world.command(account=other.get("account"), room_level=other.get("room_level")))

    assert refusal.value.facts["field"] == field
    assert len(world.outbox.sent) == calls


def test_a_declared_level_is_kept_but_never_reaches_the_terms() -> None:
    world = World()
    world.put(an_order())

    claim = send(world, world.command(room_level="black")).claim
    match(world.sent_claims()[0], desk=world.claims)

    assert claim.room_level == "black"
    owner = next(iter(world.store.by_ref.values())).ownership
    assert owner is not None
    assert (owner.terms.level, owner.terms.multiplier_percent) == (None, 100)


def test_a_refused_claim_is_shown_and_not_looked_at_again() -> None:
    world = World()
    claim = send(world, world.command()).claim
    world.store.update_claim(replace(claim, rejected_reason="OUT_OF_WINDOW"))
    sent = len(world.outbox.sent)

    again = send(world, world.command())

    assert again.claim.rejected_reason == "OUT_OF_WINDOW"
    assert len(world.outbox.sent) == sent


@pytest.mark.parametrize(
    ("platform", "written", "error"),
    [
        ("jd", NUMBER, PlatformNotOfferedError),
        ("", NUMBER, PlatformNotOfferedError),
        ("taobao", "12345", OrderNumberFormatError),
        ("taobao", NUMBER + "x", OrderNumberFormatError),
        ("taobao", "", OrderNumberFormatError),
    ],
)
def test_what_can_be_no_order_makes_no_claim_and_no_call(
    platform: str, written: str, error: type[HuixueError]
) -> None:
    world = World()
    command = replace(world.command(written), platform=platform)

    with pytest.raises(error):
        send(world, command)

    assert world.journal.calls == []


def test_submitting_makes_the_same_calls_whatever_the_pool_holds() -> None:
    seen = []
    for order in (None, an_order(), replace(an_order(), ownership=ownership(OTHER))):
        world = World()
        if order is not None:
            world.put(order)

        first = send(world, world.command())
        again = send(world, world.command())

        seen.append((world.journal.calls, first, again))

    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == [
        "claim_and_tries", "save_tries", "match", "add_claim", "claim_and_tries", "match",
    ]  # fmt: skip


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
