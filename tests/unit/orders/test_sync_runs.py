"""Running a sync: what proves an account, what becomes hers, and counts that survive a death anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import NotFoundError
from huixue.orders.model import Claim, Order, claim_id_of
from huixue.orders.sync_runs import ORDERS_PER_BATCH, read
from tests.unit.orders.fakes import DiedError, Journal
from tests.unit.orders.syncing import asked, ended, shelf, work
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    OTHER,
    REF,
    World,
    an_order,
    line,
    ownership,
)


def test_a_proof_makes_every_order_of_the_window_hers_and_skips_the_rest() -> None:
    world = World()
    shelf(world)

    done = ended(world)

    assert (done.status, done.reason, done.finished_at) == ("done", None, NOW)
    assert (done.lines_found, done.lines_credited) == (7, 2)
    assert (done.lines_pending, done.lines_skipped) == (2, 3)
    hers = {ref for ref, order in world.store.by_ref.items() if is_owned_by(order, HER)}
    assert hers == {
        REF, *(HASHES.order_ref("taobao", name) for name in ("paid", "unpaid", "two lines"))
    }  # fmt: skip
    assert world.store.bindings == {HER_ACCOUNT: HER}
    assert {claim.order_ref for claim in world.store.claim_rows.values()} == hers
    assert all(
        order.ownership.proven for ref in hers if (order := world.store.by_ref[ref]).ownership
    )


def is_owned_by(order: Order, member_id: str) -> bool:
    return order.ownership is not None and order.ownership.member_id == member_id


def test_the_account_of_every_order_is_settled_batch_by_batch() -> None:
    world = World()
    world.put(an_order())
    for index in range(ORDERS_PER_BATCH + 10):
        world.put(an_order(ref=HASHES.order_ref("taobao", f"n{index}")))

    done = ended(world)

    assert done.lines_credited == ORDERS_PER_BATCH + 11
    settled = [call for call in world.journal.calls if call.startswith("settle")]
    assert settled == [f"settle {HER} {ORDERS_PER_BATCH}", f"settle {HER} 11"]


def test_a_proof_out_of_its_window_binds_the_account_but_brings_no_points() -> None:
    world = World()
    world.put(an_order(line(paid_at=NOW - timedelta(days=200))))
    recent = HASHES.order_ref("taobao", "recent")
    world.put(an_order(ref=recent))

    done = ended(world)

    assert (done.lines_found, done.lines_credited, done.lines_skipped) == (2, 1, 1)
    assert world.store.by_ref[REF].ownership is None


def test_the_same_sync_again_counts_the_same_and_takes_what_came_since() -> None:
    world = World()
    shelf(world)
    first = ended(world)
    world.clock.advance(timedelta(minutes=5))
    world.put(an_order(ref=HASHES.order_ref("taobao", "late")))

    second = ended(world)

    assert second.run == 2
    assert second.lines_found == first.lines_found + 1
    assert second.lines_credited == first.lines_credited + 1
    assert second.lines_skipped == first.lines_skipped


def test_a_line_her_own_claim_won_before_is_skipped_not_failed() -> None:
    world = World()
    world.put(an_order())
    world.put(
        replace(an_order(), order_ref=HASHES.order_ref("taobao", "x"), ownership=ownership(HER))
    )

    done = ended(world)

    assert (done.lines_found, done.lines_credited, done.lines_skipped) == (2, 1, 1)


def test_a_sync_that_ended_is_not_run_again_by_its_message() -> None:
    world = World()
    world.put(an_order())
    sync = asked(world)
    work(world, sync)
    calls = len(world.journal.calls)

    assert work(world, sync) is None

    assert world.journal.calls[calls:] == ["sync"]


def test_a_worker_of_an_earlier_run_does_not_end_the_later_one() -> None:
    world = World()
    world.put(an_order())
    sync = asked(world)
    world.clock.advance(timedelta(minutes=2))
    world.journal.meanwhile["orders_of_account"] = [lambda: void(asked(world))]

    assert work(world, sync) is None

    (stored,) = world.store.sync_rows.values()
    assert (stored.run, stored.status) == (2, "running")
    done = work(world, stored)
    assert done is not None
    assert (done.run, done.lines_credited) == (2, 1)


def test_an_order_somebody_took_meanwhile_is_skipped() -> None:
    world = World()
    world.put(an_order())
    ref = HASHES.order_ref("taobao", "x")
    world.put(an_order(ref=ref))
    taken = replace(an_order(ref=ref), ownership=ownership(OTHER, via="clm_other"))
    world.journal.meanwhile["save"] = [lambda: None, lambda: void(world.put(taken))]

    done = ended(world)

    assert (done.lines_credited, done.lines_skipped) == (1, 1)
    assert is_owned_by(world.store.by_ref[ref], OTHER)


def test_an_order_the_index_still_shows_under_her_account_is_left_alone() -> None:
    world = World()
    world.put(an_order())
    ref = HASHES.order_ref("taobao", "x")
    world.put(an_order(ref=ref))
    corrected = an_order(line(account="别人"), ref=ref)
    world.journal.meanwhile["orders"] = [lambda: None, lambda: void(world.put(corrected))]

    done = ended(world)

    assert (done.lines_found, done.lines_credited) == (1, 1)
    assert world.store.by_ref[ref].ownership is None


def test_a_sync_ends_the_waiting_of_her_claim_and_leaves_that_of_others() -> None:
    world = World()
    world.put(replace(an_order(), waiting={HER: "clm_1", OTHER: "clm_2"}))

    ended(world)

    assert world.store.by_ref[REF].waiting == {OTHER: "clm_2"}


def test_a_sync_that_died_anywhere_ends_with_the_same_counts() -> None:
    undisturbed = World()
    shelf(undisturbed)
    expected = ended(undisturbed)
    first = undisturbed.journal.calls.index("sync")

    for die_at in range(first, len(undisturbed.journal.calls)):
        world = World()
        shelf(world)
        sync = asked(world)
        world.journal.die_at = die_at
        with pytest.raises(DiedError):
            work(world, sync)
        world.journal.die_at = None

        assert work(world, sync) == expected
        assert world.store.by_ref == undisturbed.store.by_ref
        assert world.store.claim_rows == undisturbed.store.claim_rows
        assert world.store.bindings == undisturbed.store.bindings
        assert world.store.tries_rows[HER].proofs == {}


@pytest.mark.parametrize("deaths", [2, 3])
def test_a_sync_that_dies_again_and_again_ends_with_the_same_counts(deaths: int) -> None:
    undisturbed = World()
    shelf(undisturbed)
    expected = ended(undisturbed)
    world = World(journal=Journal())
    shelf(world)
    sync = asked(world)
    for round_number in range(deaths):
        world.journal.die_at = len(world.journal.calls) + 5 + 4 * round_number
        with pytest.raises(DiedError):
            work(world, sync)
    world.journal.die_at = None

    assert work(world, sync) == expected


def test_a_sync_is_read_by_its_member_alone() -> None:
    world = World()
    sync = asked(world)

    assert read(HER, sync.sync_id, desk=world.syncs) == sync
    for member_id, sync_id in ((OTHER, sync.sync_id), (HER, "syn_unknown")):
        with pytest.raises(NotFoundError):
            read(member_id, sync_id, desk=world.syncs)
    world.merged_ids[OTHER] = (OTHER, HER)
    assert read(OTHER, sync.sync_id, desk=world.syncs) == sync


def test_claims_of_a_sync_are_those_a_number_would_have_made() -> None:
    world = World()
    world.put(an_order())

    done = ended(world)

    (claim,) = world.store.claim_rows.values()
    assert isinstance(claim, Claim)
    assert claim.claim_id == claim_id_of(HER, REF)
    assert (claim.submission, claim.account_ref) == (done.sync_id, HER_ACCOUNT)


def void(_: object) -> None:
    """For calls that are made for what they do."""


def test_an_alias_that_the_index_still_names_is_nobodys() -> None:
    world = World()
    world.put(an_order())
    part = HASHES.order_ref("taobao", "part")
    world.put(replace(an_order(ref=part), alias_of=HASHES.order_ref("taobao", "whole")))

    ended(world)

    assert world.store.by_ref[part].ownership is None
