"""A member's month in one call: her check-ins, the streams, member days, milestones, and what her streak is made of."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from huixue.check_ins.store import RuleStore
from huixue.edge import bootstrap, check_in_desk
from huixue.edge.session_tokens import Session
from huixue.edge.settings import settings
from huixue.kernel.check_ins import CheckInRule, CheckInRules, Milestone, Outage
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import publish
from tests.functions.http import asked, assert_problem, event_of, pointers
from tests.functions.seasons import NOON, TONIGHT, Season

RULE = CheckInRule(
    starts_on=date(2026, 11, 1), base_points=1,
    consecutive=(Milestone(days=3, points=5, title="三连"), Milestone(days=7, points=20)),
    cumulative=(Milestone(days=10, points=30, title="十天"),),
)  # fmt: skip


def with_rules(season: Season, rule: CheckInRule = RULE, *outages: Outage) -> None:
    store = RuleStore(bootstrap.database(), settings().seasons_table_name)
    rules = CheckInRules(programme_id=season.programme_id, versions=(rule,), outages=outages)
    store.write(rules, 0)
    programmes = DynamoDbProgrammes(bootstrap.database(), settings().programmes_table_name)
    demo = bootstrap.programmes().current("demo")[1]
    mine = replace(demo, programme_id=ProgrammeId(season.programme_id))
    publish(mine, store=programmes, now=NOON)


def check_in(season: Season, day: int, member_id: str = "") -> None:
    before = season.clock.instant
    season.clock.instant = datetime(2026, 11, day, 4, 0, tzinfo=UTC)
    check_in_desk.check_in(
        Session(
            member_id=MemberId(member_id or season.member_id),
            programme_id=ProgrammeId(season.programme_id),
        )
    )
    season.clock.instant = before


def month(season: Season, name: str | None = None, **changes: Any) -> dict[str, Any]:
    query = {} if name is None else {"month": name}
    found = season.call("get_calendar", query=query, **changes)
    assert found.status == 200, found.text
    assert isinstance(found.body, dict)
    return found.body


def day(body: dict[str, Any], number: int) -> dict[str, Any]:
    found = body["days"][number - 1]
    assert isinstance(found, dict)
    return found


def test_without_rules_of_check_ins_it_is_the_calendar_of_streams(season: Season) -> None:
    event = event_of("get_calendar/accepted")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    body = asked(season.stage, "get_calendar", event).body

    assert set(body) == {"month", "today", "days", "streak", "feed_key", "feed_url"}
    assert (body["month"], body["today"], body["streak"]) == ("2026-11", "2026-11-20", 0)
    assert [each["date"] for each in body["days"]] == [f"2026-11-{n:02}" for n in range(1, 31)]
    assert not any(each["checked_in"] or each["made_up"] for each in body["days"])
    assert day(body, 20) == {
        "date": "2026-11-20", "checked_in": False, "made_up": False, "milestones": [],
        "streams": [
            {
                "stream_id": "st-1120", "title": "护肤之夜直播", "theme": "护肤之夜",
                "starts_at": "2026-11-20T20:00:00+08:00", "color": "#FF6699", "state": "planned",
            }
        ],
    }  # fmt: skip
    assert day(body, 11)["member_day"] == ["会员日", "年度狂欢"]
    assert [each["date"][-2:] for each in body["days"] if "member_day" in each] == [
        "04", "11", "18", "25",
    ]  # fmt: skip


def test_the_address_of_the_feed_is_in_it_and_leads_there(season: Season) -> None:
    body = month(season)

    assert body["feed_url"] == f"/v1/calendar/{body['feed_key']}.ics"
    segment = body["feed_url"].rpartition("/")[2]
    assert season.call("get_calendar_feed", token=None, path={"feed_key": segment}).status == 200


def test_her_days_are_marked_and_the_streak_names_them(season: Season) -> None:
    with_rules(season)
    for each in (10, 15, 17, 18, 19):
        check_in(season, each)
    check_in(season, 20, "mem_somebody_else")

    body = month(season)

    marked = [each["date"] for each in body["days"] if each["checked_in"]]
    assert marked == [f"2026-11-{n}" for n in (10, 15, 17, 18, 19)]
    assert body["streak"] == 3
    assert body["streak_days"] == ["2026-11-17", "2026-11-18", "2026-11-19"]
    assert body["reset"] == {
        "date": "2026-11-16", "reason": "missed",
        "reason_detail": "这一天没有签到，连续天数从后一天重新算起",
    }  # fmt: skip


def test_what_is_still_to_be_reached_stands_on_its_day(season: Season) -> None:
    with_rules(season)
    for each in (18, 19):
        check_in(season, each)

    body = month(season)

    assert day(body, 20)["milestones"] == [
        {"kind": "consecutive", "days": 3, "points": 5, "title": "三连"}
    ]
    assert day(body, 24)["milestones"] == [{"kind": "consecutive", "days": 7, "points": 20}]
    assert day(body, 27)["milestones"] == [
        {"kind": "cumulative", "days": 10, "points": 30, "title": "十天"}
    ]
    assert body["next_reward"] == {
        "date": "2026-11-20", "days_left": 1, "kind": "consecutive", "days": 3, "points": 5,
        "title": "三连",
    }  # fmt: skip


def test_a_day_on_which_the_service_failed_is_shown_as_protected(season: Season) -> None:
    failed = date(2026, 11, 18)
    outage = Outage(first=failed, last=failed, reason="服务中断", declared_at=NOON)
    with_rules(season, RULE, outage)
    for each in (17, 19):
        check_in(season, each)

    body = month(season)

    assert (day(body, 18).get("protected"), day(body, 18)["checked_in"]) == (True, False)
    assert day(body, 18)["protected_reason"] == "服务中断"
    assert "protected_reason" not in day(body, 19)
    assert body["streak"] == 2


def test_late_at_night_it_is_still_the_business_day_before(season: Season) -> None:
    with_rules(season, dataclasses.replace(RULE, day_starts_min=240))
    season.clock.instant = datetime(2026, 11, 30, 19, 59, tzinfo=UTC)  # 03:59 on 1 December
    before = month(season)
    season.clock.advance(timedelta(minutes=1))

    after = month(season)

    assert (before["month"], before["today"]) == ("2026-11", "2026-11-30")
    assert (after["month"], after["today"]) == ("2026-12", "2026-12-01")


def test_reasons_are_told_in_english_on_request(season: Season) -> None:
    with_rules(season)
    check_in(season, 18)
    check_in(season, 20)

    body = month(season, headers={"accept-language": "en"})

    assert body["reset"]["reason_detail"].startswith("There was no check-in on this day")


def test_a_check_in_of_a_moment_ago_is_in_it(season: Season) -> None:
    with_rules(season)
    before = season.call("get_calendar", query={})
    same = season.call(
        "get_calendar", cold=False, query={}, headers={"if-none-match": before.headers["etag"]}
    )
    check_in(season, 20)

    after = season.call(
        "get_calendar", cold=False, query={}, headers={"if-none-match": before.headers["etag"]}
    )

    assert before.headers["cache-control"] == "private, no-cache"
    assert (same.status, same.text) == (304, "")
    assert after.status == 200
    assert day(after.body, 20)["checked_in"]


@pytest.mark.parametrize(
    ("name", "length"), [("2028-02", 29), ("2027-02", 28), ("9999-12", 31), ("0001-01", 31)]
)
def test_any_month_of_the_calendar_can_be_read(season: Season, name: str, length: int) -> None:
    with_rules(season)
    check_in(season, 19)

    body = month(season, name)

    assert (body["month"], len(body["days"])) == (name, length)
    assert not any(each["checked_in"] for each in body["days"])
    assert body["streak"] == 1


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "0000-01", "2026-1", "2026-11-01", "", "nonsense", "２０２６-11"]
)
def test_what_is_no_month_is_refused(season: Season, name: str) -> None:
    found = season.call("get_calendar", query={"month": name})

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["?month"]


def test_a_month_that_is_none_is_refused(season: Season) -> None:
    event = event_of("get_calendar/refused")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    assert_problem(asked(season.stage, "get_calendar", event), 400, "FIELDS_INVALID")


def test_a_cancelled_stream_stays_on_its_day_and_says_so(season: Season) -> None:
    season.cancel("st-1120")

    assert day(month(season), 20)["streams"][0]["state"] == "cancelled"


def test_a_stream_after_midnight_is_on_the_day_the_clock_shows(season: Season) -> None:
    season.move("st-1120", TONIGHT + timedelta(hours=4))

    body = month(season)

    assert day(body, 20)["streams"] == []
    assert [each["stream_id"] for each in day(body, 21)["streams"]] == ["st-1120"]


def test_without_a_session_there_is_no_calendar(season: Season) -> None:
    assert_problem(season.call("get_calendar", token=None), 401, "UNAUTHENTICATED")


def test_a_programme_that_published_nothing_says_so(season: Season) -> None:
    token = season.stage.token(programme_id="nothing")

    assert_problem(season.call("get_calendar", token=token), 404, "SEASON_NOT_FOUND")
