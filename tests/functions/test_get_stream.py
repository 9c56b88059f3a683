"""One stream with its slots; prices, times and states are those of the one record."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from huixue.seasons.use_cases import CACHE_LIFETIME_S
from tests.functions.http import Answered, asked, assert_problem, event_of
from tests.functions.seasons import TONIGHT, Season, running_season, stream

SLOT_FIELDS = {
    "slot_id", "title", "brand", "price_fen", "list_price_fen", "image_url", "target",
    "expected_at", "state", "reserved_count",
}  # fmt: skip


def read(season: Season, stream_id: str) -> Answered:
    return season.call("get_stream", path={"stream_id": stream_id})


def test_a_stream_comes_with_all_its_slots_in_order(season: Season) -> None:
    event = event_of("get_stream/accepted")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    found = asked(season.stage, "get_stream", event)

    assert found.headers["cache-control"] == "public, max-age=30"
    slots = found.body["slots"]
    assert [each["slot_id"] for each in slots] == [f"st-1120.p{n}" for n in range(12)]
    assert set(slots[1]) == SLOT_FIELDS
    assert slots[1] == slots[1] | {
        "title": "保湿面霜 1 号", "brand": "木语", "price_fen": 12_901, "list_price_fen": 19_900,
        "expected_at": "2026-11-20T20:10:00+08:00", "state": "planned", "reserved_count": 0,
    }  # fmt: skip


def test_a_moved_stream_says_from_when_and_its_slots_move_with_it(season: Season) -> None:
    season.move("st-1120", TONIGHT.replace(hour=13), "主播航班延误")

    body = read(season, "st-1120").body

    assert body["starts_at"] == "2026-11-20T21:00:00+08:00"
    assert body["rescheduled_from"] == ["2026-11-20T20:00:00+08:00"]
    assert body["reason"] == "主播航班延误"
    assert body["slots"][1]["expected_at"] == "2026-11-20T21:10:00+08:00"
    assert body["updated_at"] == "2026-11-20T12:00:00+08:00"


def test_a_cancelled_stream_is_found_and_says_so(season: Season) -> None:
    season.cancel("st-1120", "主播生病")

    body = read(season, "st-1120").body

    assert (body["state"], body["reason"]) == ("cancelled", "主播生病")


def test_a_slot_on_the_shelf_says_since_when(season: Season) -> None:
    season.set_slot("st-1120.p1", "on_shelf")

    slot = read(season, "st-1120").body["slots"][1]

    assert (slot["state"], slot["shelved_at"]) == ("on_shelf", "2026-11-20T12:00:00+08:00")


def test_a_stream_that_is_not_there_is_not_found(season: Season) -> None:
    event = event_of("get_stream/refused")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    assert_problem(asked(season.stage, "get_stream", event), 404, "NOT_FOUND")


@pytest.mark.parametrize("stream_id", ["", "直播", "a b", "x" * 129, "#", "st-1120#", "../st-1120"])
def test_what_cannot_be_an_id_is_not_found(season: Season, stream_id: str) -> None:
    assert_problem(read(season, stream_id), 404, "NOT_FOUND")


def test_another_programmes_stream_is_not_found(season: Season) -> None:
    with running_season(season.stage) as other:
        mine = stream("st-mine", TONIGHT)
        other.publish(lambda draft: dataclasses.replace(draft, streams=(*draft.streams, mine)))

        assert read(other, "st-mine").status == 200
        assert_problem(read(season, "st-mine"), 404, "NOT_FOUND")


def test_without_a_session_there_is_no_stream(season: Season) -> None:
    found = season.call("get_stream", token=None, path={"stream_id": "st-1120"})

    assert_problem(found, 401, "UNAUTHENTICATED")


def test_once_a_container_knows_the_zone_a_stream_reads_no_edition(season: Season) -> None:
    """Its slots and its month alone: no single item but the session's."""
    path = {"stream_id": "st-1120"}
    season.call("get_stream", path=path)
    season.clock.advance(timedelta(seconds=CACHE_LIFETIME_S))
    season.stage.calls.clear()

    assert season.call("get_stream", path=path, cold=False).status == 200

    assert season.stage.calls.count("dynamodb.GetItem") == 1
    assert season.stage.calls.count("dynamodb.BatchGetItem") == 2
