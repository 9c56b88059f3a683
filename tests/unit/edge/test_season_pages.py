"""What pages decide themselves; what they show is tested through the functions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.problems import FieldsInvalidError
from huixue.edge.season_pages import MAX_DAYS, streams_between, window
from huixue.seasons.model import Stream

TODAY = date(2026, 11, 20)
days = st.dates()


@given(st.none() | days, st.none() | days)
def test_a_span_is_in_order_and_bounded_or_refused(first: date | None, last: date | None) -> None:
    try:
        start, end = window(first, last, TODAY)
    except FieldsInvalidError:
        assert last is not None
        assert not timedelta(0) <= last - (first or TODAY) < timedelta(days=MAX_DAYS)
        return

    assert start == (first or TODAY)
    assert timedelta(0) <= end - start < timedelta(days=MAX_DAYS)
    assert last in (None, end)


def test_without_an_end_it_is_thirty_days_later_or_where_the_calendar_ends() -> None:
    assert window(None, None, TODAY) == (TODAY, date(2026, 12, 20))
    assert window(date(9999, 12, 20), None, TODAY) == (date(9999, 12, 20), date.max)


@pytest.mark.parametrize(
    ("local", "is_in"),
    [
        ("2026-11-19T23:59:59", False), ("2026-11-20T00:00:00", True),
        ("2026-11-21T23:59:59", True), ("2026-11-22T00:00:00", False),
    ],
)  # fmt: skip
def test_days_begin_and_end_at_midnight_in_the_programmes_zone(local: str, *, is_in: bool) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    stream = Stream(
        stream_id="s", season_id="w", title="", planned_starts_at=at, starts_at=at, changed_at=at
    )

    found = streams_between((stream,), TODAY, TODAY + timedelta(days=1), "Asia/Shanghai")

    assert (found == (stream,)) == is_in
