"""The demo season on other days."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.calendar import business_date
from infra.demo.season import SEASON, TONIGHT, demo_season, shifted

TEXT = SEASON.read_text("utf-8")
DATES = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")


@pytest.mark.parametrize(
    "today", [date(2026, 11, 10), date(2027, 1, 1), date(2028, 2, 29), date(2026, 3, 5)]
)
def test_one_stream_is_tonight(today: date) -> None:
    streams = {stream.stream_id: stream for stream, _ in demo_season(today).draft.streams}

    tonight = streams[TONIGHT]

    assert business_date(tonight.starts_at) == today
    assert f"{tonight.starts_at:%H:%M}" == "12:00"


@given(st.dates(date(2021, 1, 1), date(2090, 1, 1)))
def test_every_date_moves_by_the_same_whole_days(today: date) -> None:
    by = today - date(2026, 11, 10)

    moved = shifted(TEXT, today)

    assert DATES.sub("", moved) == DATES.sub("", TEXT)
    before = [date.fromisoformat(each) for each in DATES.findall(TEXT)]
    assert [date.fromisoformat(each) for each in DATES.findall(moved)] == [
        each + by for each in before
    ]
    assert shifted(moved, today) == moved
    assert shifted(moved, today + timedelta(days=1)) == shifted(TEXT, today + timedelta(days=1))


def test_a_stream_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no stream nobody"):
        shifted(TEXT, date(2026, 11, 10), tonight="nobody")
