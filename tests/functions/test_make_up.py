from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from huixue.edge import bootstrap
from huixue.edge.problems import STATUS
from huixue.edge.sentences import MAKE_UP
from huixue.kernel.ids import MemberId
from huixue.points.model import Frozen
from tests.functions.check_ins import NOON, RULE, TODAY, Her, member, published
from tests.functions.http import Answered, asked, assert_problem, call, event_of, pointers
from tests.functions.ledgers import given
from tests.functions.stage import Stage

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def her(shared_stage: Stage) -> Iterator[Her]:
    published()
    with member(shared_stage) as her:
        yield her


@pytest.fixture
def rich(her: Her) -> Her:
    given(her.member_id, 100, "2027-11-30|adjust", at=NOON)
    return her


def refused(found: Answered, why: str) -> None:
    assert (found.status, found.body["code"], found.body["why"]) == (
        422,
        "MAKE_UP_NOT_ALLOWED",
        why,
    )
    assert found.body["detail"] == MAKE_UP[why][0]
    assert STATUS["MAKE_UP_NOT_ALLOWED"] == 422


def test_a_missed_day_is_made_up_for_its_price_and_joins_the_streak(rich: Her) -> None:
    rich.checks_in_on(17, 18, 20)

    found = rich.makes_up(YESTERDAY)

    assert found.status == 201
    assert found.body == {
        "date": "2026-11-19", "price": 5, "points": 10, "streak": 4,
        "rewards": [{"kind": "consecutive", "points": 10, "days": 3}],
        "next_reward": {
            "days_left": 1, "points": 20, "kind": "cumulative", "days": 5, "date": "2026-11-21",
        },
    }  # fmt: skip
    entries = rich.entries()
    assert entries["check_in#2026-11-19"] == -5
    assert entries["check_in#2026-11-19#run-3"] == 10
    assert rich.balance() == sum(entries.values()) == 100 + 3 * 2 - 5 + 10


def test_the_example_is_taken(rich: Her) -> None:
    event = event_of("make_up/accepted")
    event["headers"]["authorization"] = f"Bearer {rich.stage.token(rich.member_id)}"

    with rich.stage.at(rich.clock):
        assert asked(rich.stage, "make_up", event).status == 201


def test_again_it_costs_nothing(rich: Her) -> None:
    rich.checks_in_on(17, 18, 20)
    first = rich.makes_up(YESTERDAY)
    before = rich.stage.contents()

    again = rich.makes_up(YESTERDAY)

    assert (again.status, again.headers["idempotency-hit"]) == (200, "true")
    assert again.body == first.body
    assert rich.stage.contents() == before


def test_a_day_that_was_checked_in_on_is_marked_already(rich: Her) -> None:
    rich.checks_in_on(19)

    found = rich.makes_up(YESTERDAY)

    assert (found.status, found.headers["idempotency-hit"]) == (200, "true")
    assert (found.body["price"], found.body["points"]) == (0, 2)
    assert rich.balance() == 102


def test_with_rewards_in_full_the_day_brings_its_base_as_an_entry_of_its_own(rich: Her) -> None:
    assert RULE.make_up is not None
    full = replace(RULE, make_up=replace(RULE.make_up, rewards="full"))
    published(rule=replace(full, starts_on=date(2026, 10, 2), ends_cycle=True))

    found = rich.makes_up(YESTERDAY)
    again = rich.makes_up(YESTERDAY)

    assert found.body["rewards"] == again.body["rewards"] == [{"kind": "base", "points": 2}]
    assert rich.entries()["check_in#2026-11-19#base"] == 2


def test_the_price_rises_with_each_and_a_month_has_only_so_many(rich: Her) -> None:
    prices = [rich.makes_up(TODAY - timedelta(days=back)).body["price"] for back in (1, 3)]

    assert prices == [5, 8]
    refused(rich.makes_up(TODAY - timedelta(days=5)), "month_limit")


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (0, "today"),
        (1, "future"),
        (400, "future"),
        (-8, "too_long_ago"),
        (-700_000, "before_joining"),
    ],
)
def test_days_that_cannot_be_made_up_for(rich: Her, days: int, why: str) -> None:
    before = rich.stage.contents()

    refused(rich.makes_up(TODAY + timedelta(days=days)), why)

    assert rich.stage.contents() == before


def test_no_day_before_she_joined(shared_stage: Stage) -> None:
    published()
    with member(shared_stage, joined=NOON - timedelta(days=2)) as her:
        given(her.member_id, 100, "2027-11-30|adjust", at=NOON)

        refused(her.makes_up(TODAY - timedelta(days=3)), "before_joining")
        assert her.makes_up(TODAY - timedelta(days=2)).status == 201


def test_who_has_no_row_joined_just_now(shared_stage: Stage) -> None:
    published()

    found = call(
        shared_stage, "make_up", token=shared_stage.token("mem_x"), path={"date": "2026-11-19"}
    )

    refused(found, "before_joining")


def test_without_points_in_debt_or_frozen_nothing_is_made_up(her: Her) -> None:
    assert_problem(her.makes_up(YESTERDAY), 422, "INSUFFICIENT_POINTS")

    given(her.member_id, 100, "2027-11-30|adjust", at=NOON)
    bootstrap.ledger().freeze(MemberId(her.member_id), Frozen(reason="operator", since=NOON))
    assert_problem(her.makes_up(YESTERDAY), 422, "ACCOUNT_FROZEN")
    assert her.balance() == 100


@pytest.mark.parametrize(
    "text", ["2026-02-30", "yesterday", "2026-11-1", "0000-01-01", "", "٢٠٢٦-١١-١٩"]
)
def test_what_is_no_date_is_refused(rich: Her, text: str) -> None:
    found = rich.makes_up(text)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["{date}"]


def test_without_a_session_and_for_a_day_that_is_none(shared_stage: Stage) -> None:
    found = asked(shared_stage, "make_up", event_of("make_up/refused"))

    assert_problem(found, 401, "UNAUTHENTICATED")


def test_without_published_rules_there_is_nothing_to_make_up(shared_stage: Stage) -> None:
    found = call(
        shared_stage, "make_up", token=shared_stage.token("mem_y", "other"),
        path={"date": "2026-11-19"},
    )  # fmt: skip

    assert_problem(found, 404, "SEASON_NOT_FOUND")
