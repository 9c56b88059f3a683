"""What an operator mistypes: years, and streams begun, finished or cancelled by a slip."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from huixue.seasons.changing import FURTHEST, StreamStateError, begin, cancel, finish, move, restore
from huixue.seasons.model import state_at
from tests.unit.seasons.fakes import NOW, PROGRAMME, MemorySeasons, local, published, standing


@pytest.fixture
def store() -> MemorySeasons:
    return published()[0]


def test_a_stream_moves_two_years_ahead_and_no_further(store: MemorySeasons) -> None:
    after, changed = move(PROGRAMME, "s-1120", NOW + FURTHEST, "", store=store, now=NOW)

    assert (changed, after.starts_at) == (True, NOW + FURTHEST)
    with pytest.raises(StreamStateError, match="more than 730 days ahead"):
        move(PROGRAMME, "s-1128", NOW + FURTHEST + timedelta(1), "", store=store, now=NOW)


def test_a_slip_of_begin_finish_and_cancel_is_taken_back_one_by_one(store: MemorySeasons) -> None:
    early = local("2026-11-20 19:50")
    before = standing(store, "s-1120")
    begin(PROGRAMME, "s-1120", store=store, now=early)
    finish(PROGRAMME, "s-1120", store=store, now=early + timedelta(minutes=1))

    running, _ = restore(
        PROGRAMME, "s-1120", "finish", store=store, now=early + timedelta(minutes=2)
    )
    planned, _ = restore(
        PROGRAMME, "s-1120", "begin", store=store, now=early + timedelta(minutes=3)
    )

    assert (running.began_at, running.finished_at) == (early, None)
    assert state_at(running, early + timedelta(minutes=2)) == "live"
    assert state_at(planned, early + timedelta(minutes=3)) == "planned"
    assert replace(planned, revision=1, changed_at=before.changed_at) == before
    assert planned.revision == 5
    assert restore(PROGRAMME, "s-1120", "begin", store=store, now=early) == (planned, False)


def test_a_stream_that_had_begun_when_it_was_cancelled_is_live_again(store: MemorySeasons) -> None:
    early = local("2026-11-20 19:50")
    begin(PROGRAMME, "s-1120", store=store, now=early)
    cancel(PROGRAMME, "s-1120", "", store=store, now=early)

    back, _ = restore(PROGRAMME, "s-1120", store=store, now=early)

    assert (back.cancelled_at, back.began_at, state_at(back, early)) == (None, early, "live")


def test_taking_a_cancellation_back_twice_leaves_a_live_stream_on_the_air(
    store: MemorySeasons,
) -> None:
    """The reply was lost, or two operators did it at once: the second one finds it done."""
    early = local("2026-11-20 19:50")
    begin(PROGRAMME, "s-1120", store=store, now=early)
    cancel(PROGRAMME, "s-1120", "", store=store, now=early)
    restore(PROGRAMME, "s-1120", store=store, now=early)

    again, changed = restore(PROGRAMME, "s-1120", store=store, now=early)

    assert (changed, state_at(again, early)) == (False, "live")
