"""Business days are Shanghai's, wherever the machine stands."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.calendar import (
    SHANGHAI,
    SystemClock,
    business_date,
    end_of_day,
    expires_on,
    from_local_text,
    from_text,
    month_end_after,
    start_of_day,
    to_epoch_s,
    to_text,
    window_key,
    window_start,
    year_of,
)
from huixue.kernel.policies import Expiry, ExpiryMethod

MIDNIGHT = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
"""00:00:00 of 20 November in Shanghai."""
NEW_YORK = ZoneInfo("America/New_York")
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
ENDS: dict[ExpiryMethod, int] = {
    "month_end": 1, "quarter_end": 3, "half_year_end": 6, "year_end": 12,
}  # fmt: skip
"""Months of the periods they are the ends of."""
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


@pytest.mark.parametrize(
    ("method", "after", "day", "last"),
    [
        ("days", 1, date(2026, 12, 31), date(2027, 1, 1)),
        ("days", 365, date(2028, 2, 29), date(2029, 2, 28)),
        ("days", 366, date(2027, 2, 28), date(2028, 2, 29)),
        ("month_end", 0, date(2027, 1, 31), date(2027, 1, 31)),
        ("month_end", 1, date(2027, 1, 31), date(2027, 2, 28)),
        ("month_end", 1, date(2028, 1, 31), date(2028, 2, 29)),
        ("month_end", 1, date(2028, 2, 29), date(2028, 3, 31)),
        ("month_end", 12, date(2028, 2, 29), date(2029, 2, 28)),
        ("month_end", 12, date(2026, 12, 31), date(2027, 12, 31)),
        ("month_end", 3, date(2027, 1, 30), date(2027, 4, 30)),
        ("quarter_end", 0, date(2027, 1, 1), date(2027, 3, 31)),
        ("quarter_end", 0, date(2027, 3, 31), date(2027, 3, 31)),
        ("quarter_end", 1, date(2027, 3, 31), date(2027, 6, 30)),
        ("quarter_end", 12, date(2026, 11, 21), date(2027, 12, 31)),
        ("half_year_end", 0, date(2028, 2, 29), date(2028, 6, 30)),
        ("half_year_end", 6, date(2026, 12, 31), date(2027, 6, 30)),
        ("half_year_end", 7, date(2026, 12, 31), date(2027, 12, 31)),
        ("year_end", 0, date(2026, 12, 31), date(2026, 12, 31)),
        ("year_end", 0, date(2027, 1, 1), date(2027, 12, 31)),
        ("year_end", 1, date(2026, 12, 31), date(2027, 12, 31)),
        ("year_end", 12, date(2028, 2, 29), date(2029, 12, 31)),
    ],
)
def test_points_end_at_the_end_of_the_period_they_were_promised(
    method: ExpiryMethod, after: int, day: date, last: date
) -> None:
    assert expires_on(day, Expiry(method=method, after=after)) == last


def test_points_that_never_end_and_points_of_a_fixed_date() -> None:
    fixed = Expiry(method="fixed_date", on=date(2027, 6, 30))

    assert expires_on(date(2028, 2, 29), Expiry(method="never")) is None
    assert [expires_on(date(year, 1, 31), fixed) for year in (2026, 2028)] == [fixed.on, fixed.on]
    with pytest.raises(ValueError, match="needs `on`"):
        expires_on(date(2026, 1, 31), Expiry(method="fixed_date"))


@given(DAYS, st.integers(0, 120))
def test_the_default_is_the_end_of_the_month_after_so_many_months(day: date, months: int) -> None:
    last = expires_on(day, Expiry(after=months))

    assert last == month_end_after(start_of_day(day), months)
    assert expires_on(day, Expiry()) == month_end_after(start_of_day(day), 12)


@given(DAYS, st.integers(0, 120), st.sampled_from(sorted(ENDS)))
def test_an_end_is_the_last_day_of_the_period_that_holds_the_month(
    day: date, months: int, method: ExpiryMethod
) -> None:
    last = expires_on(day, Expiry(method=method, after=months))

    assert last is not None
    morrow = last + timedelta(days=1)
    assert morrow.day == 1
    assert (morrow.month - 1) % ENDS[method] == 0
    later = (morrow.year - day.year) * 12 + morrow.month - day.month
    assert months < later <= months + ENDS[method]


@given(DAYS, st.integers(1, 3660), st.sampled_from(["days", *sorted(ENDS)]))
def test_points_earned_later_never_end_sooner(day: date, after: int, method: ExpiryMethod) -> None:
    expiry = Expiry(method=method, after=after)

    today, tomorrow = expires_on(day, expiry), expires_on(day + timedelta(days=1), expiry)

    assert today is not None
    assert tomorrow is not None
    assert day <= today <= tomorrow


def test_what_lies_beyond_the_calendar_ends_with_it() -> None:
    for method in ("days", "month_end", "year_end"):
        assert expires_on(date(9990, 1, 31), Expiry(method=method, after=10**6)) == date.max
    assert expires_on(date(9999, 12, 31), Expiry(method="month_end", after=0)) == date.max


def test_a_day_ends_where_the_next_begins_around_midnight_in_shanghai() -> None:
    gone = end_of_day(date(2026, 11, 19))

    assert gone == MIDNIGHT
    assert business_date(gone - timedelta(microseconds=1)) == date(2026, 11, 19)
    assert end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert end_of_day(date(2028, 2, 29)) == datetime(2028, 2, 29, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25), (date(2027, 7, 1), 24)]
)
def test_a_day_on_which_clocks_change_has_another_length(day: date, hours: int) -> None:
    begins, ends = start_of_day(day, NEW_YORK), end_of_day(day, NEW_YORK)

    assert ends - begins == timedelta(hours=hours)
    assert business_date(ends - timedelta(microseconds=1), NEW_YORK) == day
    assert business_date(ends, NEW_YORK) == day + timedelta(days=1)


def test_a_day_may_begin_at_one_where_clocks_change_at_midnight() -> None:
    zone, day = ZoneInfo("America/Sao_Paulo"), date(2018, 11, 3)

    assert end_of_day(day, zone).astimezone(zone).hour == 1
    assert business_date(end_of_day(day, zone) - timedelta(microseconds=1), zone) == day


@pytest.mark.parametrize(
    ("day", "keys"),
    [
        (date(2026, 11, 21), ["2026-11-21", "2026-W47", "2026-11", "2026", "total"]),
        (date(2026, 12, 31), ["2026-12-31", "2026-W53", "2026-12", "2026", "total"]),
        (date(2027, 1, 3), ["2027-01-03", "2026-W53", "2027-01", "2027", "total"]),
        (date(2027, 1, 4), ["2027-01-04", "2027-W01", "2027-01", "2027", "total"]),
        (date(2024, 12, 30), ["2024-12-30", "2025-W01", "2024-12", "2024", "total"]),
        (date(2028, 2, 29), ["2028-02-29", "2028-W09", "2028-02", "2028", "total"]),
    ],
)
def test_windows_are_named_by_business_time(day: date, keys: list[str]) -> None:
    named = [window_key(day, each) for each in ("day", "week", "month", "year", "total")]

    assert named == keys
    assert year_of(day) == keys[3]


@given(DAYS, DAYS)
def test_a_week_is_one_window_from_monday_to_sunday(one: date, other: date) -> None:
    mondays = [each - timedelta(days=each.weekday()) for each in (one, other)]

    assert (window_key(one, "week") == window_key(other, "week")) == (mondays[0] == mondays[1])


@given(DAYS, DAYS)
def test_windows_of_later_days_sort_later(one: date, other: date) -> None:
    earlier, later = sorted((one, other))

    for window in ("day", "week", "month", "year", "total"):
        assert window_key(earlier, window) <= window_key(later, window)


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
