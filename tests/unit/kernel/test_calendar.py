"""Business days are Shanghai's, wherever the machine stands."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.calendar import (
    SHANGHAI,
    SystemClock,
    business_date,
    from_local_text,
    from_text,
    month_end_after,
    start_of_day,
    to_epoch_s,
    to_text,
    window_start,
)

MIDNIGHT = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
"""00:00:00 of 20 November in Shanghai."""
INSTANTS = st.integers(-(10**15), 10**15).map(lambda us: MIDNIGHT + timedelta(microseconds=us))


@pytest.fixture(params=["Asia/Shanghai", "America/Los_Angeles"], autouse=True)
def machine_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert business_date(MIDNIGHT) == date(2026, 11, 20)
    assert business_date(MIDNIGHT - timedelta(milliseconds=1)) == date(2026, 11, 19)
    assert start_of_day(date(2026, 11, 20)) == MIDNIGHT


def test_the_offset_an_instant_was_written_in_does_not_matter() -> None:
    for hours in (-12, 0, 8, 14):
        moved = MIDNIGHT.astimezone(timezone(timedelta(hours=hours)))
        assert business_date(moved) == date(2026, 11, 20)
        assert to_text(moved) == "2026-11-19T16:00:00.000000Z"


@pytest.mark.parametrize("days", [1, 30, 90, 366])
def test_a_window_is_the_same_all_day_and_moves_at_midnight(days: int) -> None:
    opens = start_of_day(date(2026, 11, 20) - timedelta(days=days))

    assert window_start(MIDNIGHT, days) == opens
    assert window_start(MIDNIGHT + timedelta(hours=24) - timedelta(milliseconds=1), days) == opens
    assert window_start(MIDNIGHT + timedelta(hours=24), days) == opens + timedelta(days=1)


def test_a_window_crosses_summer_time_where_shanghai_had_it() -> None:
    assert start_of_day(date(1988, 7, 1)) == datetime(1988, 6, 30, 15, 0, tzinfo=UTC)
    assert window_start(datetime(1988, 10, 1, tzinfo=UTC), 92).astimezone(SHANGHAI).hour == 0


@pytest.mark.parametrize(
    "written", ["2020-02-20 23:59:54", "2020/02/20 23:59:54", " 2020-02-20T23:59:54\t"]
)
def test_what_platforms_print_is_shanghais_time(written: str) -> None:
    assert from_local_text(written) == datetime(2020, 2, 20, 15, 59, 54, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "昨天", "2020-02-30 00:00:00", "20:00"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_local_text(written)


@pytest.mark.parametrize(
    ("month", "months", "end"),
    [
        (1, 0, date(2027, 1, 31)),
        (1, 1, date(2027, 2, 28)),
        (12, 0, date(2027, 12, 31)),
        (12, 2, date(2028, 2, 29)),
        (3, 12, date(2028, 3, 31)),
        (11, 14, date(2029, 1, 31)),
    ],
)
def test_the_end_of_a_month_some_months_later(month: int, months: int, end: date) -> None:
    assert month_end_after(start_of_day(date(2027, month, 1)), months) == end
    last = start_of_day(date(2027, month, 28))
    assert month_end_after(last, months) == end


@given(INSTANTS)
def test_text_reads_back_to_the_same_instant(instant: datetime) -> None:
    assert from_text(to_text(instant)) == instant


@given(INSTANTS, INSTANTS)
def test_text_sorts_in_the_order_of_time(one: datetime, two: datetime) -> None:
    assert (to_text(one) < to_text(two)) == (one < two)


def test_epoch_seconds_count_from_1970_in_utc() -> None:
    assert to_epoch_s(datetime(1970, 1, 1, 8, 0, tzinfo=SHANGHAI)) == 0
    assert to_epoch_s(MIDNIGHT + timedelta(milliseconds=999)) == to_epoch_s(MIDNIGHT)


def test_the_systems_clock_tells_aware_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
