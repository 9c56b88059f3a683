from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.calendar import SHANGHAI, start_of_day
from huixue.programme.reading import ABSENT, Node, Reader
from huixue.programme.words import (
    choice_or,
    choices_of,
    date_of,
    end_of,
    flag_or,
    milli_of,
    start_of,
    whole_or,
)

NEW_YORK = ZoneInfo("America/New_York")
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


def node(value: object) -> Node:
    return Node(value, ("here",))


def test_what_is_left_out_has_its_default_and_is_no_problem() -> None:
    reader, absent = Reader(), node(ABSENT)

    assert whole_or(absent, reader, 1, 5, default=3) == 3
    assert choice_or(absent, reader, ("a", "b"), default="b") == "b"
    assert flag_or(absent, reader, default=True) is True
    assert choices_of(absent, reader, ("a", "b"), "letter", at_least=1) == ()
    assert reader.problems == []


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_only_true_and_false_are_flags(value: object) -> None:
    reader = Reader()

    assert flag_or(node(False), reader, default=True) is False
    assert flag_or(node(value), reader, default=True) is False
    assert str(reader.problems[0]).startswith("here: expected true or false")


@given(st.integers(0, 1_000_000))
def test_every_thousandth_that_can_be_written_is_read_exactly(milli: int) -> None:
    reader = Reader()

    for text in (f"{milli // 1000}.{milli % 1000:03}", f"{milli / 1000:.3f}"):
        assert milli_of(node(text), reader, at_least=0, expected="it") == milli
    assert reader.problems == []


@given(st.integers(0, 86_400 * 365 * 900), st.sampled_from(["T", " "]))
def test_a_time_as_it_is_written_is_that_instant_or_one_the_clocks_never_show(
    seconds: int, between: str
) -> None:
    written = (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).replace(tzinfo=None)
    reader = Reader()

    instant = start_of(node(written.isoformat(between)), reader, NEW_YORK)

    if instant is None:
        assert len(reader.problems) == 1
        assert (written.month, written.weekday(), written.hour) in {(3, 6, 2), (4, 6, 2)}
    else:
        assert instant.astimezone(NEW_YORK).replace(tzinfo=None) == written
        assert instant.utcoffset() == timedelta(0)


@given(st.dates(date(2000, 1, 1), date(2999, 12, 30)))
def test_a_date_begins_at_its_midnight_and_ends_with_its_last_instant(day: date) -> None:
    reader = Reader()

    assert date_of(node(day.isoformat()), reader) == day
    assert start_of(node(day.isoformat()), reader, SHANGHAI) == start_of_day(day)
    assert end_of(node(day.isoformat()), reader, SHANGHAI) == start_of_day(day + timedelta(days=1))
    assert reader.problems == []


@given(ANYTHING)
def test_anything_else_is_one_problem_and_nothing_worse(value: Any) -> None:
    for read in (date_of, lambda at, reader: start_of(at, reader, SHANGHAI)):
        reader = Reader()
        assert (read(node(value), reader) is None) == (len(reader.problems) == 1)


def test_a_time_of_a_date_that_is_none_is_refused() -> None:
    reader = Reader()

    for text in ("2027-02-29", "2027-02-29 20:00", "2027-01-01 20:60", "1999-12-31", "2027-1-1"):
        assert start_of(node(text), reader, SHANGHAI) is None
        assert end_of(node(text), reader, SHANGHAI) is None
    assert len(reader.problems) == 10
    assert end_of(node("2027-01-01 20:00:30"), reader, SHANGHAI) == datetime(
        2027, 1, 1, 12, 0, 30, tzinfo=UTC
    )
