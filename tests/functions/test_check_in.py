from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.functions.check_ins import NOON, TODAY, Her, failed_on, member, published
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.stage import Stage


@pytest.fixture
def her(shared_stage: Stage) -> Iterator[Her]:
    published()
    with member(shared_stage) as her:
        yield her


def test_the_first_check_in_of_the_day_is_credited(her: Her) -> None:
    found = her.checks_in()

    assert found.status == 201
    assert found.body == {
        "date": "2026-11-20", "points": 2, "streak": 1,
        "rewards": [{"kind": "base", "points": 2}],
        "next_reward": {
            "days_left": 2, "points": 10, "kind": "consecutive", "days": 3, "date": "2026-11-22",
        },
    }  # fmt: skip
    assert her.entries() == {"check_in#2026-11-20": 2}


def test_the_example_is_taken(her: Her) -> None:
    event = event_of("check_in/accepted")
    event["headers"]["authorization"] = f"Bearer {her.stage.token(her.member_id)}"

    assert asked(her.stage, "check_in", event).status == 201


def test_again_on_the_same_day_it_is_the_same_answer_and_nothing_is_written(her: Her) -> None:
    her.checks_in_on(18, 19)
    first = her.checks_in()
    before = her.stage.contents()

    her.clock.advance(timedelta(hours=11, minutes=59))
    again = her.checks_in()

    assert (again.status, again.headers["idempotency-hit"]) == (200, "true")
    assert again.body == first.body
    assert her.stage.contents() == before


def test_a_milestone_is_an_entry_of_its_own_on_top_of_the_base(her: Her) -> None:
    her.checks_in_on(14, 15, 16, 17, 18, 19)

    found = her.checks_in()

    assert found.body["points"] == 2 + 30
    assert found.body["streak"] == 7
    assert found.body["rewards"] == [
        {"kind": "base", "points": 2},
        {"kind": "consecutive", "points": 30, "days": 7, "title": "一周"},
    ]
    assert found.body["next_reward"]["date"] == "2026-12-03"  # the third day of the next cycle
    entries = her.entries()
    assert entries["check_in#2026-11-16#run-3"] == 10
    assert entries["check_in#2026-11-18#sum-5"] == 20
    assert entries["check_in#2026-11-20#run-7"] == 30
    assert her.balance() == sum(entries.values()) == 7 * 2 + 10 + 20 + 30


def test_the_entries_tell_what_they_are_for(her: Her) -> None:
    her.checks_in_on(18, 19, 20)

    items = her.asks("list_entries", query={}).body["items"]

    assert [each["note"] for each in items[:2]] == ["连续签到 3 天奖励", "每日签到"]
    assert items[0]["source"] == {"kind": "check_in", "date": "2026-11-20", "days": 3}
    assert items[1]["source"] == {"kind": "check_in", "date": "2026-11-20", "streak": 3}


def test_the_servers_clock_decides_and_no_body_counts(her: Her) -> None:
    found = her.asks("check_in", body={"date": "2026-11-25", "points": 999})

    assert (found.status, found.body["date"], found.body["points"]) == (201, "2026-11-20", 2)


@pytest.mark.parametrize("raw", ["", "no json", "[]", b"\xff\xfe", '{"date": "x'])
def test_a_body_that_is_none_changes_nothing(her: Her, raw: str | bytes) -> None:
    found = her.asks("check_in", raw=raw)

    assert (found.status, found.body["date"]) == (201, "2026-11-20")


def test_a_missed_day_ends_the_streak_and_an_outage_does_not(her: Her) -> None:
    her.checks_in_on(17, 18)
    assert her.checks_in().body["streak"] == 1

    failed_on(TODAY - timedelta(days=1), NOON)
    before = her.entries()

    again = her.checks_in()
    assert (again.status, again.body["streak"]) == (200, 3)
    assert her.entries() == before


def test_what_a_late_outage_brings_comes_with_the_next_check_in(her: Her) -> None:
    her.checks_in_on(9, 10, 12)
    failed_on(TODAY - timedelta(days=9), NOON)
    her.clock.instant = NOON - timedelta(days=7)

    found = her.checks_in()

    assert found.body["streak"] == 4
    assert [each.get("days") for each in found.body["rewards"]] == [None, 3]


def test_without_published_rules_there_is_nothing_to_check_in_to(shared_stage: Stage) -> None:
    token = shared_stage.token("mem_elsewhere", "other")

    assert_problem(call(shared_stage, "check_in", token=token), 404, "SEASON_NOT_FOUND")


def test_without_a_session_nobody_checks_in(shared_stage: Stage) -> None:
    before = shared_stage.contents()

    assert_problem(
        asked(shared_stage, "check_in", event_of("check_in/refused")), 401, "UNAUTHENTICATED"
    )

    assert shared_stage.contents() == before


def test_it_writes_one_transaction_and_reads_rules_programme_and_her(her: Her) -> None:
    her.checks_in()
    her.clock.advance(timedelta(days=1))
    her.checks_in()
    her.clock.advance(timedelta(seconds=1))
    her.stage.calls.clear()

    her.clock.instant = NOON + timedelta(days=1, seconds=2)
    her.checks_in()

    assert her.stage.calls == ["dynamodb.GetItem", "dynamodb.BatchGetItem"]
    her.clock.advance(timedelta(days=1))
    her.stage.calls.clear()
    her.checks_in()
    assert her.stage.calls.count("dynamodb.TransactWriteItems") == 1
    assert "dynamodb.PutItem" not in her.stage.calls


def test_a_sheet_and_its_entry_stay_small(her: Her) -> None:
    her.checks_in_on(*range(1, 21))

    items = her.stage.dynamodb.query(
        TableName=her.stage.tables.points, KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": her.member_id}},
    )["Items"]  # fmt: skip

    assert max(len(json.dumps(each, ensure_ascii=False).encode()) for each in items) < 1500
    assert all(
        len(each["check_in_sheet"]["S"]) <= 300 for each in items if "check_in_sheet" in each
    )
