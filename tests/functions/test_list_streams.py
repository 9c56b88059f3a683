"""The streams of a span of business days, in the programme's zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.edge.requests import cursor_of
from tests.engines.clock import FrozenClock
from tests.functions import seasons
from tests.functions.http import asked, assert_problem, call, event_of, pointers
from tests.functions.seasons import MIDNIGHT, NOON, Season, published, running_season
from tests.functions.stage import Stage


@pytest.fixture
def clock(shared_stage: Stage) -> Iterator[FrozenClock]:
    published()
    standing = FrozenClock(NOON)
    with shared_stage.at(standing):
        yield standing


def listed(stage: Stage, query: Mapping[str, str]) -> list[str]:
    found = call(stage, "list_streams", token=stage.token(), query=query)
    assert found.status == 200, found.text
    return [each["stream_id"] for each in found.body["items"]]


def test_streams_come_by_time_with_all_a_list_shows(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    event = event_of("list_streams/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    items = asked(shared_stage, "list_streams", event).body["items"]

    assert [each["stream_id"] for each in items] == ["st-1120", "st-1125", "st-1203"]
    assert items[0] == {
        "stream_id": "st-1120", "title": "护肤之夜直播", "theme": "护肤之夜", "color": "#FF6699",
        "starts_at": "2026-11-20T20:00:00+08:00", "ends_at": "2026-11-21T00:00:00+08:00",
        "state": "planned", "hosts": ["小美", "阿宁"], "platform": "taobao", "room_id": "main",
        "target": {"kind": "taobao_code", "text": "￥abc123￥"}, "slot_count": 12,
        "updated_at": "2026-11-19T20:00:00+08:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["st-1120", "st-1125", "st-1203"]),
        ({"from": "2026-11-20", "to": "2026-11-20"}, ["st-1120"]),
        ({"from": "2026-11-21", "to": "2026-11-24"}, []),
        ({"from": "2026-11-25"}, ["st-1125", "st-1203"]),
        ({"to": "2026-11-25"}, ["st-1120", "st-1125"]),
        ({"from": "2026-11-20", "to": "2027-02-19"}, ["st-1120", "st-1125", "st-1203"]),
        ({"from": "9999-12-31"}, []),
        ({"from": "0001-01-01"}, []),
    ],
)
def test_both_days_are_included_and_both_may_be_left_out(
    shared_stage: Stage, clock: FrozenClock, query: Mapping[str, str], ids: list[str]
) -> None:
    assert listed(shared_stage, query) == ids


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "2026-11-31"}, "?from"),
        ({"from": "2026-1-1"}, "?from"),
        ({"from": ""}, "?from"),
        ({"from": "2026-11-20T00:00:00"}, "?from"),
        ({"from": "２０２６-11-20"}, "?from"),
        ({"to": "tomorrow"}, "?to"),
        ({"to": "2026-11-19"}, "?to"),
        ({"from": "2026-11-20", "to": "2026-11-19"}, "?to"),
        ({"from": "2026-11-20", "to": "2027-02-20"}, "?to"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "?to"),
    ],
)
def test_days_that_are_none_in_the_wrong_order_or_too_many_are_refused(
    shared_stage: Stage, clock: FrozenClock, query: Mapping[str, str], pointer: str
) -> None:
    found = call(shared_stage, "list_streams", token=shared_stage.token(), query=query)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == [pointer]


def test_a_bad_day_is_refused_before_anything_is_read(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    event = event_of("list_streams/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    assert_problem(asked(shared_stage, "list_streams", event), 400, "FIELDS_INVALID")


def test_a_list_from_today_is_kept_no_longer_than_today(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    clock.instant = MIDNIGHT + timedelta(days=1, seconds=-10)  # no stream turns then
    token = shared_stage.token()

    by_itself = call(shared_stage, "list_streams", token=token, query={})
    of_a_day = call(shared_stage, "list_streams", token=token, query={"from": "2026-11-22"})

    assert by_itself.headers["cache-control"] == "public, max-age=10"
    assert of_a_day.headers["cache-control"] == "public, max-age=30"
    assert by_itself.headers["vary"] == "Authorization"


def test_the_state_turns_with_the_clock_and_no_copy_outlives_it(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    day = {"from": "2026-11-20", "to": "2026-11-20"}
    token = shared_stage.token()
    clock.instant = NOON + timedelta(hours=8) - timedelta(seconds=7)
    before = call(shared_stage, "list_streams", token=token, query=day)
    clock.instant = NOON + timedelta(hours=8)

    after = call(
        shared_stage, "list_streams", token=token, query=day,
        headers={"if-none-match": before.headers["etag"]},
    )  # fmt: skip

    assert before.headers["cache-control"] == "public, max-age=7"
    assert [each["state"] for each in before.body["items"]] == ["planned"]
    assert [each["state"] for each in after.body["items"]] == ["live"]


def test_another_programmes_streams_are_not_in_it(shared_stage: Stage, clock: FrozenClock) -> None:
    token = shared_stage.token(programme_id="other")

    assert_problem(call(shared_stage, "list_streams", token=token), 404, "SEASON_NOT_FOUND")


def test_without_a_session_there_is_no_list(shared_stage: Stage) -> None:
    assert_problem(call(shared_stage, "list_streams"), 401, "UNAUTHENTICATED")


@pytest.fixture
def season(shared_stage: Stage) -> Iterator[Season]:
    with running_season(shared_stage) as running:
        yield running


def pages(season: Season, query: Mapping[str, str]) -> list[list[str]]:
    found: list[list[str]] = []
    more = dict(query)
    while True:
        page = season.call("list_streams", query=more)
        assert page.status == 200, page.text
        found.append([each["stream_id"] for each in page.body["items"]])
        if "next_cursor" not in page.body:
            return found
        more = {**query, "cursor": page.body["next_cursor"]}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_every_stream_once_and_the_last_says_so(season: Season, limit: int) -> None:
    found = pages(season, {"limit": str(limit)})

    ids = ["st-1120", "st-1125", "st-1203"]
    assert found == [ids[at : at + limit] for at in range(0, len(ids), limit)]


def test_without_a_limit_there_are_twenty_and_a_cursor_where_there_are_more(
    season: Season,
) -> None:
    at = seasons.TONIGHT + timedelta(hours=1)
    many = tuple(  # all at one instant: then their ids are the order
        seasons.stream(f"many-{number:02}", at, slots=0) for number in range(42)
    )
    season.publish(lambda draft: replace(draft, streams=(*draft.streams, *many)))

    found = pages(season, {})

    assert [len(each) for each in found] == [20, 20, 5]
    ids = ["st-1120", *(each.stream_id for each, _ in many), "st-1125", "st-1203"]
    assert [each for page in found for each in page] == ids


def test_a_stream_that_moves_behind_the_cursor_leaves_the_others_alone(
    season: Season,
) -> None:
    first = season.call("list_streams", query={"limit": "1"}).body
    season.move("st-1120", seasons.TONIGHT + timedelta(days=6))

    second = season.call("list_streams", query={"cursor": first["next_cursor"]}).body

    assert [each["stream_id"] for each in second["items"]] == ["st-1125", "st-1120", "st-1203"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "FIELDS_INVALID"),
        ({"limit": "101"}, "FIELDS_INVALID"),
        ({"limit": "x"}, "FIELDS_INVALID"),
        ({"limit": ""}, "FIELDS_INVALID"),
        ({"cursor": ""}, "CURSOR_INVALID"),
        ({"cursor": "nonsense"}, "CURSOR_INVALID"),
        ({"cursor": cursor_of("clm_1") or ""}, "CURSOR_INVALID"),
        ({"cursor": cursor_of("2026-11-20,st-1") or ""}, "CURSOR_INVALID"),
        ({"cursor": cursor_of("2026-11-20T12:00:00.000000Z,St 1") or ""}, "CURSOR_INVALID"),
        ({"cursor": cursor_of("9999-99-20T12:00:00.000000Z,st-1") or ""}, "CURSOR_INVALID"),
    ],
)
def test_a_bad_limit_or_cursor_is_refused(
    shared_stage: Stage, clock: FrozenClock, query: Mapping[str, str], code: str
) -> None:
    found = call(shared_stage, "list_streams", token=shared_stage.token(), query=query)

    assert_problem(found, 400, code)
