"""Running a bulk grant: only as it was previewed, each row once, large ones by two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from huixue.kernel.policies import Cap
from huixue.points.adjusting import approve
from huixue.points.four_eyes import ProposalRejectedError, SameOperatorError, reject
from huixue.points.granting import PreviewStaleError
from huixue.points.grants import Grant, preview
from tests.unit.points.fakes import ANNA, BERTA, MAIN, POLICY
from tests.unit.points.granting_office import Died, GrantOffice, grant, rows

THRESHOLD = POLICY.four_eyes_above_points
_T = TypeVar("_T")
_R = TypeVar("_R")
DAILY = Cap(cap_id="daily", per="member", window="day", points=100)


@pytest.fixture
def office() -> GrantOffice:
    return GrantOffice()


def hash_of(wished: Grant, office: GrantOffice) -> str:
    return preview(wished, at=office.at).hash


def test_a_grant_is_entered_as_it_was_previewed_and_again_enters_nothing(
    office: GrantOffice,
) -> None:
    wished = grant(rows(anna=100, berta=50, nobody=7))
    seen = hash_of(wished, office)

    first, again = office.run(wished, seen), office.run(wished, seen)

    assert (first.entered, again.entered, first.proposal.state) == (2, 0, "done")
    assert {owner: entry.points for (owner, _), entry in office.ledger.by_key.items()} == {
        ANNA: 100, BERTA: 50,
    }  # fmt: skip
    entry = office.ledger.by_key[ANNA, wished.source_key(wished.rows[0])]
    said = {
        "grant_id": wished.grant_id,
        "reason": "campaign",
        "member_note": "双11补发",
        "by": "zoe",
    }
    assert {name: entry.source[name] for name in said} == said


def test_another_result_than_the_previewed_one_aborts_before_anything_is_written() -> None:
    office = GrantOffice(replace(POLICY, caps=(DAILY,)))
    wished = grant(rows(anna=60, berta=50))
    seen = hash_of(wished, office)
    other = grant(rows(anna=60))
    office.run(other, hash_of(other, office))
    before = dict(office.ledger.by_key), dict(office.register.stored)

    with pytest.raises(PreviewStaleError):
        office.run(wished, seen)

    assert (office.ledger.by_key, office.register.stored) == before


def test_a_change_while_it_runs_stops_it_and_what_was_entered_is_as_previewed() -> None:
    office = GrantOffice(replace(POLICY, caps=(DAILY,)))
    wished, other = grant(rows(anna=60, berta=60)), grant(rows(berta=60), reason="test")
    seen, seen_other = hash_of(wished, office), hash_of(other, office)

    def somebody_else_grants() -> None:
        office.run(other, seen_other)

    office.ledger.after_post = [somebody_else_grants]

    with pytest.raises(PreviewStaleError):
        office.run(wished, seen)

    assert office.ledger.account(ANNA).balance == 60
    assert office.ledger.account(BERTA).balance == 60


@pytest.mark.parametrize("postings", [1, 2])
def test_a_run_that_was_killed_is_finished_by_the_next_under_the_same_preview(
    office: GrantOffice, postings: int
) -> None:
    wished = grant(rows(anna=1, berta=2, carla=3))
    seen = hash_of(wished, office)
    office.dies_after(postings)
    with pytest.raises(Died):
        office.run(wished, seen)

    done = office.run(wished, seen)

    assert done.entered == 3 - postings
    assert sum(each.balance for each in office.ledger.accounts.values()) == 6


def test_two_runs_at_the_same_moment_enter_every_row_once(office: GrantOffice) -> None:
    wished = grant(rows(anna=1, berta=2))
    seen = hash_of(wished, office)
    inner: list[int | None] = []
    office.ledger.before_post = [lambda: inner.append(office.run(wished, seen).entered)]

    outer = office.run(wished, seen)

    assert (inner, outer.entered) == ([2], 0)
    assert sum(each.balance for each in office.ledger.accounts.values()) == 3


def test_a_member_merged_half_way_gets_her_row_once_in_the_account_that_is_hers_now(
    office: GrantOffice,
) -> None:
    wished = grant(rows(anna=1, berta=2, carla=3))
    seen = hash_of(wished, office)
    office.dies_after(2)
    office.run_or_die(wished, seen)
    office.ledger.merge(BERTA, ANNA)

    office.run(wished, seen)

    assert office.ledger.account(ANNA).balance == 3
    assert sum(each.balance for each in office.ledger.accounts.values()) == 6


def test_above_the_threshold_in_total_nothing_is_entered_before_another_agrees(
    office: GrantOffice,
) -> None:
    wished = grant(rows(anna=THRESHOLD - 1, berta=2))
    seen = hash_of(wished, office)

    waits = office.run(wished, seen)
    assert (waits.entered, waits.proposal.state, office.ledger.by_key) == (None, "proposed", {})
    with pytest.raises(SameOperatorError):
        approve(MAIN, waits.proposal.proposal_id, "Zoe", desk=office.at.desk, proposals=office.register)  # fmt: skip
    approve(MAIN, waits.proposal.proposal_id, "yan", desk=office.at.desk, proposals=office.register)

    assert office.ledger.by_key == {}
    assert office.run(wished, seen).entered == 2


def test_what_was_agreed_to_is_this_preview_and_no_other() -> None:
    office = GrantOffice(replace(POLICY, caps=(replace(DAILY, points=800),)))
    wished = grant(rows(anna=700, berta=700))
    waits = office.run(wished, hash_of(wished, office))
    approve(MAIN, waits.proposal.proposal_id, "yan", desk=office.at.desk, proposals=office.register)
    other = grant(rows(anna=200))
    office.run(other, hash_of(other, office))

    anew = office.run(wished, hash_of(wished, office))

    assert (anew.entered, anew.proposal.state) == (None, "proposed")
    assert anew.proposal.proposal_id != waits.proposal.proposal_id


def test_a_rejected_grant_is_not_entered(office: GrantOffice) -> None:
    wished = grant(rows(anna=THRESHOLD + 1))
    seen = hash_of(wished, office)
    waits = office.run(wished, seen)
    reject(MAIN, waits.proposal.proposal_id, "yan", office.clock(), proposals=office.register)

    assert office.run(wished, seen).entered is None
    with pytest.raises(ProposalRejectedError):
        approve(MAIN, waits.proposal.proposal_id, "xia", desk=office.at.desk, proposals=office.register)  # fmt: skip
    assert office.ledger.by_key == {}


def test_a_large_grant_in_small_files_needs_a_second_operator(office: GrantOffice) -> None:
    small, more = grant(rows(anna=THRESHOLD)), grant(rows(berta=1))
    office.run(small, hash_of(small, office))

    assert office.run(more, hash_of(more, office)).entered is None
    of_another = grant(rows(berta=2), by="yan")
    assert office.run(of_another, hash_of(of_another, office)).entered == 1


def last_first(work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    """Threads that happen to be quickest at the end of the list."""
    done = [work(item) for item in reversed(list(items))]
    return reversed(done)


def test_rows_that_share_a_cap_are_entered_in_the_order_of_the_file_however_quick_threads_are() -> (
    None
):
    cap = Cap(cap_id="all", per="programme", window="month", points=150)
    office = GrantOffice(replace(POLICY, caps=(cap,)))
    office.at = replace(office.at, in_parallel=last_first)
    wished = grant(rows(anna=100, berta=100))

    office.run(wished, hash_of(wished, office))

    assert (office.ledger.account(ANNA).balance, office.ledger.account(BERTA).balance) == (100, 50)


def test_a_new_day_begins_anew(office: GrantOffice) -> None:
    small, more = grant(rows(anna=THRESHOLD)), grant(rows(berta=THRESHOLD))
    office.run(small, hash_of(small, office))
    office.clock.now += timedelta(days=1)

    assert office.run(more, hash_of(more, office)).entered == 1
