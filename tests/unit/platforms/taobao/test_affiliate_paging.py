"""Windows and pages, without any platform: when paging ends, and what is no page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huixue.kernel.errors import UnavailableError
from huixue.platforms.taobao.affiliate_errors import WindowTooFullError
from huixue.platforms.taobao.affiliate_paging import (
    MOST_PAGES,
    Reply,
    Window,
    replies,
    reply_of,
    window_of,
)

NOON = datetime(2026, 3, 2, 4, 0, 0, 700_000, tzinfo=UTC)
WINDOW = Window("2026-03-02 09:00:00", "2026-03-02 12:00:00")


def test_a_window_is_in_the_platforms_hours_and_whole_seconds() -> None:
    assert window_of(NOON - timedelta(hours=3), NOON) == WINDOW


@pytest.mark.parametrize("length", [timedelta(0), timedelta(milliseconds=200), -timedelta(hours=1)])
def test_a_window_without_a_second_is_none(length: timedelta) -> None:
    with pytest.raises(ValueError, match="a second"):
        window_of(NOON, NOON + length)


def test_each_page_is_asked_for_with_the_place_of_the_one_before() -> None:
    asked: list[tuple[int, str]] = []

    def ask(page: int, position: str) -> Reply:
        asked.append((page, position))
        return Reply([page], f"after {page}" if page < 3 else None)

    found = [(number, reply.rows) for number, reply in replies(ask, WINDOW)]

    assert asked == [(1, ""), (2, "after 1"), (3, "after 2")]
    assert found == [(1, [1]), (2, [2]), (3, [3])]


def test_a_place_that_does_not_move_on_is_an_error_and_no_endless_reading() -> None:
    reading = replies(lambda _page, _position: Reply([], "here"), WINDOW)

    assert next(reading)[0] == 1
    assert next(reading)[0] == 2
    with pytest.raises(UnavailableError):
        next(reading)


def test_more_pages_than_the_platform_serves_ask_for_halves_and_the_last_one_was_read() -> None:
    reading = replies(lambda page, _position: Reply([], str(page)), WINDOW)

    assert [next(reading)[0] for _ in range(MOST_PAGES)][-1] == MOST_PAGES
    with pytest.raises(WindowTooFullError) as full:
        next(reading)
    assert full.value.facts == {"start_time": WINDOW.start, "end_time": WINDOW.end}


@pytest.mark.parametrize("wrapper", [None, "", {}])
def test_an_empty_list_may_be_missing_in_any_way(wrapper: object) -> None:
    found = reply_of({"has_next": False, "rows": wrapper}, results="rows", elements=("row",))

    assert found == Reply([], None)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"has_next": None},
        {"has_next": 1},
        {"has_next": True, "position_index": None},
        {"has_next": True, "position_index": "x" * 513},
        {"has_next": False, "rows": []},
        {"has_next": False, "rows": "rows"},
        {"has_next": False, "rows": {"row": {}}},
        {"has_next": False, "rows": {"other": [1]}},
        {"has_next": False, "rows": {"row": None}},
    ],
)
def test_what_is_no_page_is_never_taken_for_an_empty_one(data: dict[str, object]) -> None:
    with pytest.raises(UnavailableError):
        reply_of(data, results="rows", elements=("row",))
