"""Two members become one while their points are on the way: nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from huixue.kernel.ids import MemberId
from tests.races.main_job import MainJob, at_once
from tests.races.test_settle_races import PATIENT_RECEIVES, change, owned
from tests.unit.members.signing_in import Door, door_of, identity

pytestmark = pytest.mark.exact_engines

ALONE, WITH_UNION = identity("o1"), identity("o1", "u")
ELSEWHERE = identity("o2", "u", app_id="wx2")


def door(job: MainJob) -> Door:
    found = door_of(job.members)
    found.ledger = job
    return found


def two_members(at: Door) -> tuple[MemberId, MemberId]:
    """The one who will be merged, and her survivor."""
    return at.sign_in(ALONE).member_id, at.sign_in(ELSEWHERE).member_id


def test_first_sign_ins_at_once_end_in_one_member_and_one_account(job: MainJob) -> None:
    at = door(job)

    signed_in = at_once([partial(at.sign_in, WITH_UNION)] * 10)

    assert len({each.member_id for each in signed_in}) == 1


@pytest.mark.parametrize("turn", range(2))
def test_a_merger_that_races_settlements_keeps_every_point(job: MainJob, turn: int) -> None:
    at = door(job)
    gone, survivor = two_members(at)
    numbers = owned(job, 12, gone)
    if turn % 2:
        job.act(change(*numbers[:6], owner=gone))
    settlements: list[Callable[[], object]] = [
        partial(job.delivered, change(number, owner=gone), PATIENT_RECEIVES) for number in numbers
    ]

    sign_ins: list[Callable[[], object]] = [partial(at.sign_in, WITH_UNION)] * 2
    at_once([*settlements, *sign_ins])

    assert at.living(gone) == survivor
    job.assert_holds(gone, 0)
    job.assert_holds(survivor, 1200)
    lines = [entry for each in (gone, survivor) for entry in job.entries(each)]
    assert len([entry for entry in lines if entry.source["kind"] == "order_line"]) == 12
    assert len(job.ledger.merged_entries(job.entries(survivor))) == len(job.entries(gone))


def test_a_refund_after_the_merger_is_taken_from_the_survivor(job: MainJob) -> None:
    at = door(job)
    gone, survivor = two_members(at)
    (number,) = owned(job, 1, gone)
    job.act(change(number, owner=gone))
    at.sign_in(WITH_UNION)
    job.clock.advance(timedelta(hours=1))

    job.arrive(number, refunded_fen=10_000)
    job.deliver_all()

    job.assert_holds(gone, 0)
    job.assert_holds(survivor, 0)
    assert [entry.points for entry in job.entries(survivor)] == [100, -100]
    assert job.claim_of(gone, number).status == "clawed_back"
