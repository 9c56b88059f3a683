"""Submitting a claim: repeatable, budgeted, and blind to what the pool holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huixue.kernel.errors import HuixueError, MismatchError
from huixue.orders.claims import (
    OrderNumberFormatError,
    PlatformNotOfferedError,
    SubmitClaim,
    Submitted,
    order_hint,
    submit,
)
from huixue.orders.matcher import match
from tests.unit.orders.world import (
    ACCOUNT,
    HASHES,
    HER_ACCOUNT,
    NUMBER,
    OTHER,
    World,
    an_order,
    ownership,
)


def send(world: World, command: SubmitClaim) -> Submitted:
    return submit(command, desk=world.claims, hashes=HASHES)


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


def void(_: object) -> None:
    """For calls that are made for what they do."""
