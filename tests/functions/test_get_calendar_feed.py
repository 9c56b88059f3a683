"""The public calendar that phones subscribe to: RFC 5545, stable bytes, one address that cannot be guessed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from tests.functions.http import Answered, asked, assert_problem, event_of
from tests.functions.icalendar_rules import (
    ContentLine,
    calendar_properties,
    published_events,
    unescaped,
)
from tests.functions.seasons import NOON, TONIGHT, Season, stream, with_edition

Event = Mapping[str, ContentLine]


def read(season: Season, key: str | None = None, **headers: str) -> Answered:
    path = {"feed_key": f"{season.feed_key()}.ics" if key is None else key}
    return season.call("get_calendar_feed", token=None, path=path, headers=headers)


def uid(season: Season, stream_id: str = "st-1120") -> str:
    return f"stream-{stream_id}@{season.programme_id}.huixue"


def events(found: Answered) -> dict[str, Event]:
    assert found.status == 200, found.text
    return {each["UID"].value: each for each in published_events(found.text.encode())}


def test_it_is_a_calendar_by_the_letter_and_by_the_library(season: Season) -> None:
    event = event_of("get_calendar_feed/accepted")
    event["pathParameters"]["feed_key"] = f"{season.feed_key()}.ics"

    found = asked(season.stage, "get_calendar_feed", event)

    assert found.headers["content-type"] == "text/calendar; charset=utf-8"
    assert found.headers["cache-control"] == "public, max-age=30"
    assert "vary" not in found.headers
    parsed = Calendar.from_ical(found.text)
    assert {str(each["uid"]) for each in parsed.walk("VEVENT")} == set(events(found))
    assert [list(each.errors) for each in parsed.walk()] == [[]] * (1 + len(events(found)))
    (tonight,) = [each for each in parsed.walk("VEVENT") if each["uid"] == uid(season)]
    assert tonight.decoded("dtstart") == TONIGHT
    assert tonight.decoded("dtend") == TONIGHT + timedelta(hours=4)
    assert str(tonight["summary"]) == "护肤之夜直播"


def test_it_has_a_name_and_says_how_often_to_come_again(season: Season) -> None:
    found = calendar_properties(read(season).text.encode())

    assert found["X-WR-CALNAME"].value == found["NAME"].value == "回血直播日历"
    assert found["REFRESH-INTERVAL"] == ContentLine(
        "REFRESH-INTERVAL", {"VALUE": "DURATION"}, "PT15M"
    )
    assert found["X-PUBLISHED-TTL"].value == "PT15M"
    assert found["X-WR-TIMEZONE"].value == "Asia/Shanghai"


def test_a_stream_is_told_in_utc_with_its_hosts(season: Season) -> None:
    event = events(read(season))[uid(season)]

    assert (event["DTSTART"].value, event["DTEND"].value) == (
        "20261120T120000Z", "20261120T160000Z",
    )  # fmt: skip
    assert (event["SEQUENCE"].value, event["STATUS"].value) == ("0", "CONFIRMED")
    assert event["DTSTAMP"].value == event["LAST-MODIFIED"].value == "20261119T120000Z"
    assert "小美、阿宁" in unescaped(event["DESCRIPTION"].value)


def test_a_moved_stream_moves_and_keeps_its_identity(season: Season) -> None:
    later = TONIGHT + timedelta(days=20)
    for number, at in enumerate((TONIGHT + timedelta(hours=1), later), start=1):
        season.clock.instant = NOON + timedelta(minutes=number)
        season.move("st-1120", at)
        event = events(read(season))[uid(season)]

        assert event["DTSTART"].value == f"{at:%Y%m%dT%H%M%SZ}"
        assert event["SEQUENCE"].value == str(number)
        assert event["LAST-MODIFIED"].value == f"20261120T0{4}0{number}00Z"


def test_a_stream_that_moves_to_a_month_of_its_own_is_still_there(season: Season) -> None:
    at = TONIGHT + timedelta(days=300)
    season.move("st-1120", at)

    assert events(read(season))[uid(season)]["DTSTART"].value == f"{at:%Y%m%dT%H%M%SZ}"


def test_it_is_there_though_the_function_has_an_edition_without_that_month(
    season: Season,
) -> None:
    guessed = {"feed_key": f"{season.programme_id}.guessed.ics"}
    season.call("get_calendar_feed", token=None, path=guessed)
    season.move("st-1120", TONIGHT + timedelta(days=300))

    warm = season.call(
        "get_calendar_feed", token=None, path={"feed_key": f"{season.feed_key()}.ics"}, cold=False
    )

    assert uid(season) in events(warm)


def test_a_cancelled_stream_is_struck_out_and_comes_back(season: Season) -> None:
    season.cancel("st-1120", "主播生病")
    gone = events(read(season))[uid(season)]
    season.restore("st-1120")

    back = events(read(season))[uid(season)]

    assert (gone["STATUS"].value, gone["SEQUENCE"].value) == ("CANCELLED", "1")
    assert "已取消：主播生病" in unescaped(gone["DESCRIPTION"].value)
    assert (back["STATUS"].value, back["SEQUENCE"].value) == ("CONFIRMED", "2")


def test_a_cancelled_stream_stays_for_three_months_and_no_longer(season: Season) -> None:
    season.cancel("st-1120", "主播生病")
    season.clock.instant = TONIGHT + timedelta(days=92)
    assert uid(season) in events(read(season))

    season.clock.advance(timedelta(seconds=1))

    assert uid(season) not in events(read(season))


def test_member_days_are_whole_days_that_take_nobodys_time(season: Season) -> None:
    days = [each for each in events(read(season)).values() if "RRULE" in each]

    (weekly,) = days
    assert unescaped(weekly["SUMMARY"].value) == "会员日"
    assert weekly["RRULE"].value == "FREQ=WEEKLY;BYDAY=WE"
    first = datetime.strptime(weekly["DTSTART"].value, "%Y%m%d").replace(tzinfo=UTC)
    assert first.weekday() == 2
    assert weekly["DTEND"].value == f"{first + timedelta(days=1):%Y%m%d}"
    assert weekly["TRANSP"].value == "TRANSPARENT"


def test_a_named_date_is_one_day(season: Season) -> None:
    (day,) = [each for each in events(read(season)).values() if each["SUMMARY"].value == "年度狂欢"]

    assert day["DTSTART"].value == f"{date(2026, 11, 11):%Y%m%d}"
    assert "RRULE" not in day


def test_the_bytes_stay_the_same_until_something_changes(season: Season) -> None:
    first = read(season)
    season.clock.advance(timedelta(days=2))
    same = read(season, **{"if-none-match": first.headers["etag"]})
    season.set_slot("st-1125.p0", "on_shelf")
    shelved = read(season)
    season.move("st-1203", TONIGHT + timedelta(days=14))

    moved = read(season)

    assert (same.status, same.text) == (304, "")
    assert shelved.text == first.text
    assert moved.headers["etag"] != first.headers["etag"]


def test_words_of_any_kind_are_written_as_the_format_asks(season: Season) -> None:
    words = '全场五折，买一送一；A,B;C\\D "quoted"\n第二行\r\x07 ' + "长" * 200 + "😀" * 40

    found, slots = stream("st-words", TONIGHT + timedelta(days=1))
    wordy = (replace(found, title=words), slots)

    season.publish(
        lambda draft: dataclasses.replace(draft, title=words, streams=(*draft.streams, wordy))
    )

    answer = read(season)
    event = events(answer)[uid(season, "st-words")]
    shown = words.replace("\r", "\n").replace("\x07", "")
    assert unescaped(event["SUMMARY"].value) == shown
    assert unescaped(calendar_properties(answer.text.encode())["NAME"].value) == shown
    parsed = Calendar.from_ical(answer.text)
    assert shown in {str(each["summary"]) for each in parsed.walk("VEVENT")}


@pytest.mark.parametrize(
    "key",
    [
        "{0}.ics", "{0}..ics", ".ics", "{0}", "other.{1}.ics", "{0}.{1}", "{0}.{1}.ICS",
        "{0}.{1}x.ics", "{0}.{1}.ics.ics", "{0}.aaaaaaaaaaaaaaaaaaaaaaaaaa.ics", "x" * 128,
    ],
)  # fmt: skip
def test_every_other_address_is_not_found(season: Season, key: str) -> None:
    programme_id, _, digest = season.feed_key().partition(".")

    found = read(season, key.format(programme_id, digest))

    assert_problem(found, 404, "NOT_FOUND")


def test_a_guessed_address_is_not_found(season: Season) -> None:
    found = asked(season.stage, "get_calendar_feed", event_of("get_calendar_feed/refused"))

    assert_problem(found, 404, "NOT_FOUND")


def test_another_generation_ends_the_old_address(season: Season) -> None:
    season.publish(lambda draft: with_edition(draft, feed_generation=2), at=NOON)

    assert_problem(read(season), 404, "NOT_FOUND")
    assert read(season, f"{season.feed_key(2)}.ics").status == 200


def test_nothing_of_anybody_is_in_it(season: Season) -> None:
    season.stage.calls.clear()

    read(season)

    assert set(season.stage.calls) == {
        "secretsmanager.GetSecretValue", "dynamodb.GetItem", "dynamodb.Query",
    }  # fmt: skip
