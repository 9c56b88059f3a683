"""Business months and the instants at which streams turn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huixue.seasons.instants import (
    first_after,
    is_open,
    month_of,
    months_around,
    months_of_days,
    next_midnight,
    streams_change_at,
    streams_of,
)
from huixue.seasons.model import Month, state_at
from tests.unit.seasons.fakes import NOW, ZONE, local, stream

HOURS = st.integers(-48, 48)


def test_a_month_begins_at_midnight_of_the_zone() -> None:
    midnight = local("2026-12-01 00:00")

    assert month_of(midnight, ZONE) == "2026-12"
    assert month_of(midnight - timedelta(microseconds=1), ZONE) == "2026-11"
    assert month_of(midnight, "UTC") == "2026-11"


@pytest.mark.parametrize(
    ("now", "months"),
    [
        ("2026-11-20 12:00", ("2026-11",)),
        ("2026-11-24 00:00", ("2026-11", "2026-12")),
        ("2026-12-01 00:30", ("2026-11", "2026-12")),
        ("2026-12-31 12:00", ("2026-12", "2027-01")),
    ],
)
def test_the_home_page_reads_the_months_of_yesterday_to_next_week(
    now: str, months: tuple[str, ...]
) -> None:
    assert months_around(local(now), ZONE) == months


def test_months_of_days_cross_years_and_may_be_none() -> None:
    assert months_of_days(date(2026, 11, 30), date(2027, 2, 1)) == (
        "2026-11", "2026-12", "2027-01", "2027-02",
    )  # fmt: skip
    assert months_of_days(date(2026, 12, 1), date(2026, 11, 1)) == ()


def test_a_stream_read_in_two_months_counts_once_as_it_was_changed_last() -> None:
    before = stream("s", "2026-11-30 20:00")
    after = replace(before, starts_at=local("2026-12-01 20:00"), revision=2)
    months = {
        "2026-12": Month(month="2026-12", streams=(after,), revision=1),
        "2026-11": Month(month="2026-11", streams=(before,), revision=1),
    }

    assert streams_of(months) == (after,)


def test_the_first_instant_after_now_is_found_or_none() -> None:
    later = NOW + timedelta(hours=1)

    assert first_after(NOW, [later, None, NOW, NOW + timedelta(hours=2)]) == later
    assert first_after(NOW, [NOW, None]) is None
    assert next_midnight(local("2026-11-20 00:00"), ZONE) == local("2026-11-21 00:00")


def test_a_window_without_ends_is_open() -> None:
    assert is_open(None, None, NOW)
    assert not is_open(None, NOW, NOW)


@given(HOURS, st.none() | HOURS, st.none() | HOURS, st.booleans(), st.integers(1, 900), HOURS)
def test_no_state_turns_before_the_instant_that_is_told(
    starts: int, began: int | None, finished: int | None, cancelled: bool, lasts: int, at: int
) -> None:
    def instant(hour: int | None) -> object:
        return None if hour is None else NOW + timedelta(hours=hour)

    each = replace(
        stream("s", "2026-11-20 20:00"),
        starts_at=instant(starts), began_at=instant(began), finished_at=instant(finished),
        cancelled_at=NOW if cancelled else None, lasts_min=lasts,
    )  # fmt: skip
    now = NOW + timedelta(hours=at)

    turns = streams_change_at([each], now)

    last = NOW + timedelta(days=99) if turns is None else turns - timedelta(microseconds=1)
    assert state_at(each, last) == state_at(each, now)
