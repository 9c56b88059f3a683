"""Reading claims: hers alone, newest first, page by page, with the same calls whosever the orders are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.errors import CursorInvalidError, NotFoundError
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import ClaimId, MemberId
from huixue.orders.model import Claim
from huixue.orders.reading import as_taken, list_claims, read_claim
from tests.unit.orders.world import (
    HASHES,
    HER,
    NOW,
    OTHER,
    REF,
    World,
    a_claim,
    an_order,
    ownership,
)


def no_postings(member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
    return {}


def put(world: World, claim: Claim) -> Claim:
    world.store.claim_rows[claim.member_id, claim.claim_id] = claim
    return claim


def numbered(index: int, member_id: MemberId = HER, minutes: int | None = None) -> Claim:
    at = NOW - timedelta(minutes=index if minutes is None else minutes)
    ref = HASHES.order_ref("taobao", f"n{index}")
    return replace(
        a_claim(member_id, claimed_at=at, ref=ref), claim_id=ClaimId(f"clm_{member_id}_{index:02}")
    )


def test_a_claim_is_read_by_its_member_alone() -> None:
    world = World()
    claim = put(world, a_claim())

    view = read_claim(HER, claim.claim_id, desk=world.claims, postings=no_postings)

    assert view.claim == claim
    for member_id, claim_id in ((OTHER, claim.claim_id), (HER, "clm_unknown")):
        with pytest.raises(NotFoundError):
            read_claim(member_id, claim_id, desk=world.claims, postings=no_postings)


def test_claims_of_a_member_merged_into_her_are_hers_too() -> None:
    world = World()
    world.merged_ids[HER] = (HER, OTHER)
    claim = put(world, a_claim(OTHER))
    world.put(replace(an_order(), ownership=ownership(OTHER)))
    asked: list[tuple[str, int]] = []

    def postings(member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
        asked.append((member_id, len(line_ids)))
        return dict.fromkeys(line_ids, LinePosting(points=178, peak=178))

    view = read_claim(HER, claim.claim_id, desk=world.claims, postings=postings)

    assert view.status == "credited"
    assert (OTHER, 1) in asked


def test_reading_costs_the_same_for_an_absent_order_and_for_somebody_elses() -> None:
    seen = []
    for order in (None, replace(an_order(), ownership=ownership(OTHER))):
        world = World()
        claim = put(world, a_claim())
        if order is not None:
            world.put(order)
        asked: list[tuple[str, Sequence[str]]] = []

        def postings(
            member_id: MemberId,
            line_ids: Sequence[str],
            asked: list[tuple[str, Sequence[str]]] = asked,
        ) -> Mapping[str, LinePosting]:
            asked.append((member_id, tuple(line_ids)))
            return {}

        view = read_claim(HER, claim.claim_id, desk=world.claims, postings=postings)
        page = list_claims(HER, limit=20, after=None, desk=world.claims, postings=postings)
        seen.append((view, page, world.journal.calls, asked))

    assert seen[0] == seen[1]
    assert seen[0][0].status == "waiting"


def test_a_claim_that_was_just_taken_reads_waiting_without_a_look_into_the_pool() -> None:
    world = World()
    world.put(replace(an_order(), ownership=ownership()))

    view = as_taken(a_claim(), desk=world.claims)

    assert (view.status, view.next_check_at) == ("waiting", NOW + timedelta(minutes=5))
    assert world.journal.calls == []


def test_claims_are_listed_newest_first() -> None:
    world = World()
    for index in (2, 0, 1):
        put(world, numbered(index))
    put(world, numbered(5, OTHER))

    page = list_claims(HER, limit=10, after=None, desk=world.claims, postings=no_postings)

    assert [view.claim.claim_id for view in page.claims] == [
        f"clm_{HER}_{index:02}" for index in range(3)
    ]
    assert page.next_claim_id is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 5))
def test_pages_hold_every_claim_once(minutes: list[int], limit: int) -> None:
    world = World()
    for index, minute in enumerate(minutes):
        put(world, numbered(index, minutes=minute))
    whole = list_claims(HER, limit=100, after=None, desk=world.claims, postings=no_postings)

    pages, after = [], None
    while True:
        page = list_claims(HER, limit=limit, after=after, desk=world.claims, postings=no_postings)
        pages += page.claims
        after = page.next_claim_id
        if after is None:
            break

    assert pages == whole.claims
    assert len(pages) == len(minutes)


def test_a_page_after_a_claim_she_does_not_have_is_refused() -> None:
    world = World()
    put(world, numbered(0))
    foreign = put(world, numbered(1, OTHER))

    for after in (foreign.claim_id, "clm_unknown", ""):
        with pytest.raises(CursorInvalidError):
            list_claims(HER, limit=5, after=after, desk=world.claims, postings=no_postings)


def test_all_orders_of_a_page_are_read_at_once() -> None:
    world = World()
    for index in range(20):
        put(world, numbered(index))

    list_claims(HER, limit=20, after=None, desk=world.claims, postings=no_postings)

    assert world.journal.calls == ["claims_of", "orders"]


def test_an_order_that_became_hers_by_a_sync_shows_in_her_claim() -> None:
    world = World()
    claim = put(world, a_claim())
    world.put(replace(an_order(), ownership=ownership(via="syn_1", proven=True)))

    view = read_claim(HER, claim.claim_id, desk=world.claims, postings=no_postings)

    assert view.claim.order_ref == REF
    assert [each.points for each in view.lines] == [178]
