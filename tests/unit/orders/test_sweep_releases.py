"""Releases: points turn from pending to due by the clock alone, once, through the due index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huixue.kernel.events import LinePosting, OrdersChanged
from huixue.kernel.ids import ClaimId, MemberId
from huixue.orders.claims import message_of
from huixue.orders.matcher import match
from huixue.orders.model import Order
from huixue.orders.pool import apply_rows
from huixue.orders.ports import Due, Place
from huixue.orders.pricing import quotes_of, with_release
from huixue.orders.sweep import CLOCKS_APART, DUE_PER_PAGE, sweep
from tests.unit.orders.fakes import FakeRules
from tests.unit.orders.pool_fakes import FillingWorld
from tests.unit.orders.syncing import ended
from tests.unit.orders.world import (
    HASHES,
    HER,
    NOW,
    REF,
    ROOM,
    TERMS,
    a_claim,
    an_order,
    line,
    ownership,
    row,
)

SEVEN_DAYS = replace(TERMS, release_after_days=7)
CONFIRMED = line("confirmed", confirmed_at=NOW)
RELEASE = datetime(2026, 11, 26, 16, tzinfo=UTC)
TOLD = RELEASE + CLOCKS_APART
"""By then every clock has reached the release."""
CHANGED = OrdersChanged(member_id=HER, order_refs=(REF,), correlation_id=REF)


def a_world(*, owned: bool = True, of: Order | None = None) -> FillingWorld:
    world = FillingWorld()
    world.rules = FakeRules({ROOM: SEVEN_DAYS})
    order = of or an_order(CONFIRMED)
    if owned:
        order = with_release(replace(order, ownership=ownership(terms=SEVEN_DAYS)), NOW)
    world.put(order)
    world.rest = timedelta(days=365)
    world.cursor.place = replace(world.cursor.place, not_before=datetime(2030, 1, 1, tzinfo=UTC))
    return world


def at(world: FillingWorld, instant: datetime) -> FillingWorld:
    world.clock.advance(instant - world.clock.now())
    return world


def test_an_order_is_told_of_at_the_instant_of_its_release_and_once() -> None:
    world = a_world()

    early = at(world, TOLD - timedelta(microseconds=1)).swept()
    done = at(world, TOLD).swept()
    again = world.swept()

    assert [each.due_releases for each in (early, done, again)] == [0, 1, 0]
    assert world.take() == [CHANGED]
    assert world.store.by_ref[REF].release_at is None
    assert [quote.status for quote in quotes_of(world.store.by_ref[REF], RELEASE)] == ["due"]


def test_the_mark_moves_on_to_the_next_release_of_the_order() -> None:
    later = line("confirmed", confirmed_at=NOW + timedelta(days=2))
    world = a_world(of=an_order(CONFIRMED, later))

    at(world, TOLD).swept()
    moved = world.store.by_ref[REF].release_at
    at(world, TOLD + timedelta(days=2)).swept()

    assert moved == RELEASE + timedelta(days=2)
    assert world.take() == [CHANGED, CHANGED]
    assert world.store.by_ref[REF].release_at is None


def test_whoever_changes_the_order_meanwhile_sets_the_mark() -> None:
    world = at(a_world(), TOLD)

    def refunded() -> None:
        apply_rows([row(line("closed", at=NOW + timedelta(days=1)))], desk=world.pool, resend=False)

    world.journal.meanwhile["save"] = [refunded]
    assert world.swept().due_releases == 1

    order = world.store.by_ref[REF]
    assert (order.release_at, order.sources["export"]["order"].state) == (None, "closed")
    assert world.swept().due_releases == 0


def test_a_mark_the_index_still_shows_after_it_moved_is_left_alone() -> None:
    world = at(a_world(), TOLD)
    stale = world.store.due(RELEASE, 10)
    world.swept()
    world.take()

    class Stale:
        def due(self, now: datetime, limit: int) -> Due:
            return stale

    desk = replace(world.sweep_desk, due=Stale())

    assert sweep(desk=desk, until=world.clock.now()).due_releases == 0
    assert world.take() == []


def test_a_claim_that_wins_the_order_marks_it() -> None:
    world = a_world(owned=False)
    world.store.add_claim(a_claim())

    assert match(message_of(a_claim()), desk=world.claims) == "owned"

    assert world.store.by_ref[REF].release_at == RELEASE
    assert world.rules.paid_ats == [NOW - timedelta(days=10)]


def test_a_sync_that_wins_the_order_marks_it() -> None:
    world = a_world(owned=False)

    done = ended(world)

    assert (done.lines_credited, done.lines_pending) == (0, 1)
    assert world.store.by_ref[REF].release_at == RELEASE


def test_rows_that_confirm_an_owned_order_mark_it_and_a_refund_takes_the_mark_away() -> None:
    world = a_world(of=an_order(line("paid", at=NOW - timedelta(days=1))))
    before = world.store.by_ref[REF].release_at

    apply_rows([row(CONFIRMED)], desk=world.pool, resend=False)
    marked = world.store.by_ref[REF].release_at
    closed = row(line("closed", at=NOW + timedelta(days=1)))
    apply_rows([closed], desk=world.pool, resend=False)

    assert (before, marked) == (None, RELEASE)
    assert world.store.by_ref[REF].release_at is None


def test_an_order_nobody_owns_waits_for_no_release() -> None:
    world = a_world(owned=False)

    later = line("shipped", confirmed_at=NOW, at=NOW + timedelta(1))
    apply_rows([row(later)], desk=world.pool, resend=False)

    assert world.store.by_ref[REF].release_at is None
    assert at(world, TOLD).swept().due_releases == 0


def test_claims_and_releases_share_one_run() -> None:
    world = a_world()
    ref = HASHES.order_ref("taobao", "unknown")
    world.store.add_claim(a_claim(ref=ref))
    match(message_of(a_claim(ref=ref)), desk=world.claims)
    world.take()

    done = at(world, TOLD).swept()

    assert (done.due_claims, done.due_releases) == (1, 1)


def test_a_midnight_with_more_releases_than_a_page_is_worked_off_in_one_run() -> None:
    world = a_world()
    for index in range(DUE_PER_PAGE + 3):
        ref = HASHES.order_ref("taobao", f"o{index}")
        world.put(replace(world.store.by_ref[REF], order_ref=ref))
        claim = a_claim(ref=ref, member_id=MemberId(f"mem_{index}"))
        if index < 5:
            world.store.add_claim(replace(claim, next_check_at=RELEASE))

    done = at(world, TOLD).swept()

    assert (done.due_claims, done.due_releases) == (5, DUE_PER_PAGE + 4)
    sent = [each for each in world.take() if isinstance(each, OrdersChanged)]
    assert sum(len(each.order_refs) for each in sent) == DUE_PER_PAGE + 4
    assert world.store.due(RELEASE, 10).orders == []


def test_an_index_that_is_behind_ends_no_run_late() -> None:
    world = at(a_world(), TOLD)
    full = Due(orders=[REF] * DUE_PER_PAGE)

    class Behind:
        asked = 0

        def due(self, now: datetime, limit: int) -> Due:
            Behind.asked += 1
            return full

    done = sweep(desk=replace(world.sweep_desk, due=Behind()), until=RELEASE + timedelta(minutes=4))

    assert (done.due_releases, Behind.asked) == (1, 2)


@pytest.mark.parametrize("settled", [True, False])
def test_what_was_released_a_moment_ago_is_no_loss_and_later_it_is(settled: bool) -> None:
    world = a_world()
    world.cursor.place, world.rest = Place(), timedelta(0)
    [quote] = quotes_of(world.store.by_ref[REF], RELEASE)
    held = {True: LinePosting(points=178, peak=178), False: LinePosting(pending=178)}
    world.held[quote.line_id] = held[settled]

    moment = at(world, RELEASE + timedelta(minutes=1)).swept()
    later = at(world, RELEASE + timedelta(minutes=3)).swept()

    assert (moment.repairs, later.repairs) == (0, 0 if settled else 1)


def test_claims_that_nobody_matches_hide_no_release() -> None:
    world = at(a_world(), TOLD)
    for n in range(DUE_PER_PAGE):
        claim = replace(a_claim(), claim_id=ClaimId(f"clm_{n}"))
        world.store.add_claim(replace(claim, next_check_at=RELEASE - timedelta(days=1)))

    done = world.swept()

    assert (done.due_claims, done.due_releases) == (DUE_PER_PAGE, 1)


def test_a_release_that_comes_while_another_is_told_keeps_its_mark() -> None:
    """The second is due a moment after the message about the first was sent."""
    second = RELEASE + timedelta(days=1)
    later = line("confirmed", confirmed_at=NOW + timedelta(days=1))
    world = at(a_world(of=an_order(CONFIRMED, later)), second - timedelta(milliseconds=1))
    world.journal.meanwhile["save"] = [lambda: world.clock.advance(timedelta(milliseconds=2))]

    world.swept()

    assert world.store.by_ref[REF].release_at == second
