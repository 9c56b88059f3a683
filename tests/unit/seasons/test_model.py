"""States by the clock and by what an operator said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from huixue.seasons.model import LONGEST, is_id, is_slot_id, state_at, stream_of_slot
from tests.unit.seasons.fakes import NOW, local, stream

TICK = timedelta(microseconds=1)
EIGHT = local("2026-11-20 20:00")
MIDNIGHT = local("2026-11-21 00:00")


@pytest.mark.parametrize(
    ("at", "state"),
    [(EIGHT - TICK, "planned"), (EIGHT, "live"), (MIDNIGHT - TICK, "live"), (MIDNIGHT, "ended")],
)
def test_the_clock_alone_makes_a_stream_live_and_ends_it(at: datetime, state: str) -> None:
    assert state_at(stream("s", "2026-11-20 20:00"), at) == state


def test_a_stream_begun_early_is_live_until_somebody_ends_it_or_half_a_day_later() -> None:
    begun = stream("s", "2026-11-20 20:00", began_at=EIGHT - timedelta(hours=1))

    assert state_at(begun, EIGHT - timedelta(hours=1)) == "live"
    assert state_at(begun, MIDNIGHT + timedelta(hours=1)) == "live"
    assert state_at(begun, EIGHT - timedelta(hours=1) + LONGEST) == "ended"
    ended = replace(begun, finished_at=EIGHT)
    assert (state_at(ended, EIGHT - TICK), state_at(ended, EIGHT)) == ("live", "ended")


def test_a_cancelled_stream_is_that_and_nothing_else() -> None:
    gone = stream("s", "2026-11-20 20:00", cancelled_at=NOW, began_at=NOW)

    assert {state_at(gone, at) for at in (NOW, EIGHT, MIDNIGHT)} == {"cancelled"}


@pytest.mark.parametrize("text", ["", "A", "a b", "a.b", "双十一", "x" * 49, "a\n"])
def test_ids_are_small_letters_digits_and_hyphens(text: str) -> None:
    assert not is_id(text)
    assert is_id("s-1120")


def test_a_slot_id_tells_its_stream() -> None:
    assert stream_of_slot("s-1120.p0") == "s-1120"
    assert is_slot_id("s-1120.p0")
    assert not any(map(is_slot_id, ("s-1120", "s-1120.", ".p0", "s.p.q", "s#.p")))
