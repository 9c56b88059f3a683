"""The matcher: an order gets its owner once; what is absent and what is somebody else's cost and show the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.calendar import to_epoch_s
from huixue.kernel.errors import ContentionError
from huixue.kernel.events import ClaimSubmitted, OrdersChanged
from huixue.kernel.ids import MemberId
from huixue.orders.claims import message_of
from huixue.orders.matcher import MAX_WAITING, claim_from, match
from huixue.orders.matching import last_check, next_check
from huixue.orders.model import Claim, Order
from huixue.orders.reading import read_claim
from tests.unit.orders.fakes import DiedError, Journal
from tests.unit.orders.world import (
    HER,
    HER_ACCOUNT,
    NOW,
    OTHER,
    REF,
    World,
    a_claim,
    an_order,
    line,
    ownership,
)

CLAIM = a_claim()
MESSAGE = message_of(CLAIM)


def taken(order: Order | None = None) -> Order:
    return replace(order or an_order(), ownership=ownership(OTHER, via="clm_other"))


def a_world(order: Order | None, claim: Claim = CLAIM) -> World:
    world = World()
    world.store.claim_rows[claim.member_id, claim.claim_id] = claim
    if order is not None:
        world.put(order)
    return world


def test_a_free_order_gets_its_owner_and_the_ledger_is_told() -> None:
    world = a_world(an_order())

    assert match(MESSAGE, desk=world.claims) == "owned"

    owner = world.store.by_ref[REF].ownership
    assert owner is not None
    assert (owner.member_id, owner.via, owner.proven) == (HER, CLAIM.claim_id, False)
    (told,) = world.outbox.sent
    assert told == OrdersChanged(member_id=HER, order_refs=(REF,), correlation_id=CLAIM.claim_id)
    assert world.journal.calls == ["claim", "orders", "save", "credit"]


def test_a_message_is_a_claim_and_back() -> None:
    assert claim_from(MESSAGE) == CLAIM
    with_account = replace(CLAIM, account_ref=HER_ACCOUNT, room_level="gold")
    assert claim_from(message_of(with_account)) == with_account


def test_the_same_message_five_times_writes_one_owner_and_tells_the_ledger_again() -> None:
    world = a_world(an_order())
    match(MESSAGE, desk=world.claims)
    order = world.store.by_ref[REF]

    assert {match(MESSAGE, desk=world.claims) for _ in range(4)} == {"already_hers"}

    assert world.store.by_ref[REF] == order
    assert len(world.outbox.sent) == 5


def test_absent_and_somebody_elses_orders_cost_the_same_calls_and_leave_the_same_claim() -> None:
    seen = []
    for order in (None, taken()):
        world = a_world(order)
        outcomes = []
        for hours in (0, 0, 0.1, 3, 30, 24 * 91):
            world.clock.instant = NOW + timedelta(hours=hours)
            outcomes.append(match(MESSAGE, desk=world.claims))
        view = read_claim(HER, CLAIM.claim_id, desk=world.claims, postings=lambda *_: {})
        seen.append(
            (world.journal.calls, outcomes, world.store.claim_rows, world.outbox.sent, view)
        )

    assert seen[0] == seen[1]
    assert seen[0][0][:8] == [
        "claim", "orders", "save", "update_claim", "claim", "orders", "update_claim", "claim",
    ]  # fmt: skip
    assert (seen[0][4].status, seen[0][4].reason) == ("rejected", "NOT_IN_POOL")


def test_a_claim_with_an_account_that_does_not_match_waits_like_an_absent_one() -> None:
    claim = replace(CLAIM, account_ref=HER_ACCOUNT)
    seen = []
    for order in (None, an_order(line(account="别人")), an_order(line(account=None))):
        world = a_world(order, claim)
        seen.append((match(message_of(claim), desk=world.claims), world.journal.calls))

    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == "waiting"


def test_a_waiting_claim_is_remembered_by_a_stub_that_goes_away_with_its_window() -> None:
    world = a_world(None)

    match(MESSAGE, desk=world.claims)

    stub = world.store.by_ref[REF]
    assert stub.waiting == {HER: CLAIM.claim_id}
    assert stub.expires_at_epoch_s == to_epoch_s(last_check(NOW, 90))
    assert stub.first_source is None
    stored = world.store.claim_rows[HER, CLAIM.claim_id]
    assert stored.next_check_at == next_check(NOW, NOW, 90)
    due = world.store.due(NOW + timedelta(minutes=5), 10)
    assert (due.claims, due.orders) == ([(HER, stored.claim_id)], [])


def test_a_real_order_that_is_waited_for_never_expires() -> None:
    world = a_world(taken())

    match(MESSAGE, desk=world.claims)

    assert world.store.by_ref[REF].expires_at_epoch_s is None
    assert world.store.by_ref[REF].ownership == taken().ownership


def test_an_order_remembers_a_bounded_number_of_members() -> None:
    waiting = {f"mem_{index}": f"clm_{index}" for index in range(MAX_WAITING)}
    for order in (replace(an_order(), sources={}, first_source=None), taken()):
        world = a_world(replace(order, waiting=waiting))

        assert match(MESSAGE, desk=world.claims) == "waiting"

        assert world.store.by_ref[REF].waiting == waiting
        assert world.store.claim_rows[HER, CLAIM.claim_id].next_check_at is not None


def test_the_order_that_comes_at_last_is_hers_and_the_waiting_is_over() -> None:
    world = a_world(None)
    match(MESSAGE, desk=world.claims)
    world.clock.advance(timedelta(hours=11))
    world.put(replace(an_order(), waiting=world.store.by_ref[REF].waiting))

    assert match(MESSAGE, desk=world.claims) == "owned"

    assert world.store.by_ref[REF].waiting == {}
    assert world.store.claim_rows[HER, CLAIM.claim_id].next_check_at is None


def test_a_claim_refused_for_its_room_is_decided_again_when_she_asks_again() -> None:
    world = a_world(an_order(line(room="other/main")))
    assert match(MESSAGE, desk=world.claims) == "rejected"
    assert world.store.claim_rows[HER, CLAIM.claim_id].rejected_reason == "NOT_OUR_ROOM"

    world.put(an_order())

    assert match(MESSAGE, desk=world.claims) == "owned"
    stored = world.store.claim_rows[HER, CLAIM.claim_id]
    assert (stored.rejected_reason, stored.next_check_at) == (None, None)


def test_a_refused_claim_says_why_and_stays_refused() -> None:
    order, reason = an_order(line(paid_at=NOW - timedelta(days=120))), "OUT_OF_WINDOW"
    world = a_world(order)

    assert match(MESSAGE, desk=world.claims) == "rejected"

    stored = world.store.claim_rows[HER, CLAIM.claim_id]
    assert (stored.rejected_reason, stored.next_check_at) == (reason, None)
    assert world.store.by_ref[REF].ownership is None
    world.put(an_order())
    assert match(MESSAGE, desk=world.claims) == "rejected"
    assert world.store.by_ref[REF].ownership is None
    assert world.outbox.sent == []


def test_a_refused_claim_no_longer_waits_at_its_order() -> None:
    world = a_world(None)
    match(MESSAGE, desk=world.claims)
    others: dict[str, str] = {OTHER: "clm_other"}
    waiting = {**world.store.by_ref[REF].waiting, **others}
    world.put(replace(an_order(line(room="other/main")), waiting=waiting))

    match(MESSAGE, desk=world.claims)

    assert world.store.by_ref[REF].waiting == others


def test_an_order_that_changed_meanwhile_is_read_and_decided_again() -> None:
    world = a_world(an_order())
    world.journal.meanwhile["save"] = [lambda: void(world.put(taken()))]

    assert match(MESSAGE, desk=world.claims) == "waiting"

    owner = world.store.by_ref[REF].ownership
    assert owner is not None
    assert owner.member_id == OTHER
    assert [each for each in world.outbox.sent if isinstance(each, OrdersChanged)] == []


def test_an_order_that_never_stops_changing_comes_again_later() -> None:
    world = a_world(an_order())
    world.journal.meanwhile["save"] = [lambda: void(world.put(an_order()))] * 20

    with pytest.raises(ContentionError):
        match(MESSAGE, desk=world.claims)

    assert world.store.by_ref[REF].ownership is None


def test_fifty_members_claim_one_order_and_one_of_them_owns_it() -> None:
    world = World()
    world.put(an_order())
    members = [MemberId(f"mem_{index}") for index in range(50)]
    messages = [message_of(a_claim(each)) for each in members]

    outcomes = [match(each, desk=world.claims) for each in messages * 2]

    assert outcomes[:50] == ["owned", *["waiting"] * 49]
    assert outcomes[50:] == ["already_hers", *["waiting"] * 49]


def test_an_order_of_a_member_merged_into_her_is_told_to_the_account_it_was_credited_to() -> None:
    world = a_world(taken())
    world.merged_ids[HER] = (HER, OTHER)

    assert match(MESSAGE, desk=world.claims) == "already_hers"

    (told,) = world.outbox.sent
    assert isinstance(told, OrdersChanged)
    assert told.member_id == OTHER


def test_a_claim_whose_last_check_is_over_leaves_no_stub_behind() -> None:
    world = a_world(None)
    world.clock.advance(timedelta(days=91))

    assert match(MESSAGE, desk=world.claims) == "waiting"

    assert world.store.by_ref == {}
    assert world.store.claim_rows[HER, CLAIM.claim_id].rejected_reason == "NOT_IN_POOL"


CASES: dict[str, Callable[[], Order | None]] = {
    "free": an_order,
    "absent": lambda: None,
    "somebody else's": taken,
    "refused": lambda: an_order(line(room=None)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_matcher_that_died_anywhere_ends_as_if_it_had_not(case: str) -> None:
    undisturbed = World()
    run(undisturbed, CASES[case]())

    for die_at in range(len(undisturbed.journal.calls)):
        world = World(journal=Journal(die_at=die_at))
        with pytest.raises(DiedError):
            run(world, CASES[case]())
        world.journal.die_at = None

        match(MESSAGE, desk=world.claims)

        assert world.store.by_ref == undisturbed.store.by_ref
        assert world.store.claim_rows == undisturbed.store.claim_rows
        assert set(world.outbox.sent) >= set(undisturbed.outbox.sent)


def run(world: World, order: Order | None) -> None:
    if order is not None:
        world.put(order)
    message: ClaimSubmitted = MESSAGE
    match(message, desk=world.claims)


def void(_: object) -> None:
    """For calls that are made for what they do."""
