from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import msgspec
import pytest

from huixue.kernel.policies import (
    Cap,
    Clawback,
    Expiry,
    LedgerPolicy,
    RefundBan,
    Tier,
    Tiers,
)
from huixue.points.lines import BONUS, ORDER
from huixue.points.model import EARNING
from huixue.programme.ledger_rules import EARNING_SCENES, LOT_CLASSES
from huixue.programme.model import PointsRules
from huixue.programme.rules import ProgrammeInvalidError, programme_from
from tests.unit.programme.programmes import demo_data, full_data

_CAP = ("points", "caps", 0)
_TIERS = ("points", "tiers")
_EXPIRY = ("points", "expiry")
_BAN = ("points", "refund_ban")


def spoilt(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    data = full_data()
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return data


def problems_of(data: object) -> list[tuple[str, str]]:
    with pytest.raises(ProgrammeInvalidError) as refused:
        programme_from(data)
    return [
        (".".join(str(step) for step in each.path), each.expected)
        for each in refused.value.problems
    ]


def test_what_is_left_out_is_as_the_ledger_has_it_by_default() -> None:
    assert programme_from(demo_data()).points == PointsRules()
    assert programme_from(demo_data() | {"points": {}}).points == PointsRules()

    defaults = LedgerPolicy()
    names = {each.name for each in fields(LedgerPolicy)} - {"programme_id", "version", "zone_name"}
    assert msgspec.structs.asdict(PointsRules()) == {
        name: getattr(defaults, name) for name in names
    }


def test_everything_that_can_be_written_is_read() -> None:
    assert programme_from(full_data()).points == PointsRules(
        expiry=Expiry(method="quarter_end", after=12),
        expiry_of={
            "bonus": Expiry(method="days", after=30),
            "grant": Expiry(method="fixed_date", after=0, on=date(2027, 6, 30)),
            "check_in": Expiry(method="never", after=0),
        },
        grace_days=3,
        notice_days=(14, 1),
        clawback=Clawback(other_lots=False, shortfall="freeze"),
        caps=(
            Cap(cap_id="day", per="member", window="day", points=100, rules=("main/taobao",)),
            Cap(cap_id="all", per="programme", window="total", points=10**6, scenes=("grant",)),
        ),
        tiers=Tiers(
            tiers=(
                Tier(tier="silver", from_points=0),
                Tier(tier="gold", from_points=9, title="金卡"),
            ),
            period="lifetime",
            downgrade="by_points",
        ),
        four_eyes_above_points=50,
        cost_milli_fen=250,
        refund_ban=RefundBan(window_days=90, min_orders=5, ratio_percent=60, ban_days=30),
    )


def test_a_programme_has_at_most_four_caps_for_everybody() -> None:
    data = full_data()
    data["points"]["caps"] = [
        {"cap_id": f"c{n}", "per": "programme", "window": "day", "points": 100} for n in range(5)
    ]

    with pytest.raises(ProgrammeInvalidError) as refused:
        programme_from(data)

    assert [each.path for each in refused.value.problems] == [("points", "caps", 4, "per")]


def test_tiers_and_caps_have_defaults_of_their_own() -> None:
    data = full_data()
    del data["points"]["tiers"]["period"], data["points"]["tiers"]["downgrade"]
    data["points"]["clawback"] = {}

    points = programme_from(data).points

    assert points.tiers is not None
    assert (points.tiers.period, points.tiers.downgrade) == ("calendar_year", "one_step")
    assert points.clawback == Clawback()
    assert points.caps[0].per == "member"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("points",), None), (("points",), []),
        (_EXPIRY, "never"), ((*_EXPIRY, "after"), -1), ((*_EXPIRY, "after"), 121),
        ((*_EXPIRY, "after"), "12"), ((*_EXPIRY, "after"), True),
        (("points", "expiry_of", "bonus", "after"), 0),
        (("points", "expiry_of", "grant", "on"), "2027-02-29"),
        (("points", "expiry_of", "grant", "on"), "2027-6-30"),
        (("points", "expiry_of", "grant", "on"), "2027-06-30 20:00"),
        (("points", "expiry_of", "grant", "on"), 20270630),
        (("points", "grace_days"), -1), (("points", "grace_days"), 367),
        (("points", "notice_days"), 7), (("points", "notice_days", 0), 0),
        (("points", "notice_days", 1), 0), (("points", "notice_days"), [*range(11, 0, -1)]),
        (("points", "clawback"), "debt"), (("points", "clawback", "other_lots"), 1),
        (("points", "clawback", "other_lots"), "yes"),
        (("points", "clawback", "shortfall"), "forgive"),
        (("points", "caps"), {}), ((*_CAP, "cap_id"), "Day"), ((*_CAP, "points"), 0),
        ((*_CAP, "points"), -5), ((*_CAP, "points"), 10**9 + 1), ((*_CAP, "per"), "room"),
        ((*_CAP, "window"), "hour"), ((*_CAP, "rules"), []), ((*_CAP, "rules", 0), "main/douyin"),
        ((*_CAP, "rules", 0), 1), ((*_CAP, "scenes"), []), ((*_CAP, "scenes"), "grant"),
        (_TIERS, []), ((*_TIERS, "tiers"), []), ((*_TIERS, "period"), "month"),
        ((*_TIERS, "downgrade"), "never"), ((*_TIERS, "tiers", 0, "tier"), "银"),
        ((*_TIERS, "tiers", 0, "title"), ""),
        ((*_TIERS, "tiers", 0, "from_points"), -1),
        (("points", "four_eyes_above_points"), -1),
        (("points", "cost_fen_per_point"), "0.0001"), (("points", "cost_fen_per_point"), -1),
        (("points", "cost_fen_per_point"), 1001), (("points", "cost_fen_per_point"), 0.5),
        (_BAN, True), ((*_BAN, "window_days"), 0), ((*_BAN, "min_orders"), 0),
        ((*_BAN, "ratio_percent"), 0), ((*_BAN, "ratio_percent"), 101), ((*_BAN, "ban_days"), 0),
        (("rooms", 0, "platforms", 0, "release_after_days"), -1),
        (("rooms", 0, "platforms", 0, "release_after_days"), 61),
        (("rooms", 0, "platforms", 0, "release_after_days"), "7"),
        (("rooms", 0, "platforms", 0, "credited_types", 0), "normal"),
        (("rooms", 0, "platforms", 0, "credited_types", 0), "odd"),
        (("rooms", 0, "platforms", 0, "credited_types", 1), "gift"),
        (("rooms", 0, "platforms", 0, "credited_types"), "gift"),
    ],
)  # fmt: skip
def test_one_wrong_value_is_named_by_its_path(path: tuple[str | int, ...], value: object) -> None:
    assert [where for where, _ in problems_of(spoilt(path, value))] == [
        ".".join(str(step) for step in path)
    ]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("points",), "more"), (_EXPIRY, "more"), (("points", "expiry_of"), "orders"),
        (("points", "clawback"), "more"), (_CAP, "more"), (_TIERS, "more"),
        ((*_TIERS, "tiers", 0), "more"), (_BAN, "more"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_wherever_it_stands(
    path: tuple[str | int, ...], key: str
) -> None:
    where = (*path, key)

    assert [each for each, _ in problems_of(spoilt(where, 1))] == [".".join(map(str, where))]


@pytest.mark.parametrize(
    ("expiry", "problem"),
    [
        ({}, ("method", "one of never, days, month_end, quarter_end, half_year_end, year_end, fixed_date")),
        ({"method": "days"}, ("after", "a whole number from 1 to 3660")),
        ({"method": "month_end"}, ("after", "a whole number from 0 to 120")),
        ({"method": "fixed_date"}, ("on", "a date such as 2026-12-31")),
        ({"method": "never", "after": 1}, ("after", "nothing with the method never")),
        (
            {"method": "fixed_date", "on": "2027-01-01", "after": 1},
            ("after", "nothing with the method fixed_date"),
        ),
        (
            {"method": "year_end", "after": 1, "on": "2027-01-01"},
            ("on", "nothing with the method year_end"),
        ),
    ],
)  # fmt: skip
def test_an_expiry_has_what_its_method_uses_and_nothing_else(
    expiry: dict[str, Any], problem: tuple[str, str]
) -> None:
    where, expected = problem

    assert problems_of(spoilt(_EXPIRY, expiry)) == [(f"points.expiry.{where}", expected)]


@pytest.mark.parametrize(
    ("days", "problems"),
    [
        ([1, 7], [("points.notice_days.1", "fewer days than the 1 before it")]),
        ([7, 7], [("points.notice_days.1", "fewer days than the 7 before it")]),
        ([30, 7, 8, 1], [("points.notice_days.2", "fewer days than the 7 before it")]),
    ],
)
def test_notices_come_closer_to_the_end(days: list[int], problems: list[tuple[str, str]]) -> None:
    assert problems_of(spoilt(("points", "notice_days"), days)) == problems
    assert programme_from(spoilt(("points", "notice_days"), [])).points.notice_days == ()


def test_tiers_ascend_and_have_different_names() -> None:
    higher = {"tier": "gold", "from_points": 9}

    assert problems_of(spoilt((*_TIERS, "tiers", 1), {"tier": "gold", "from_points": 0})) == [
        ("points.tiers.tiers.1.from_points", "more points than the 0 of the tier before it")
    ]
    assert problems_of(spoilt((*_TIERS, "tiers"), [higher, higher | {"from_points": 10}])) == [
        ("points.tiers.tiers.1.tier", "each tier only once")
    ]


def test_caps_have_different_ids() -> None:
    assert problems_of(spoilt(("points", "caps", 1, "cap_id"), "day")) == [
        ("points.caps.1.cap_id", "each cap_id only once")
    ]


def test_all_problems_are_told_at_once() -> None:
    data = spoilt((*_CAP, "points"), 0)
    data["points"]["grace_days"] = -1
    data["campaigns"][0]["value"] = 0
    data["title"] = ""

    assert {where for where, _ in problems_of(data)} == {
        "title", "points.grace_days", "points.caps.0.points", "campaigns.0.value",
    }  # fmt: skip


def test_caps_and_expiries_name_what_the_ledger_knows() -> None:
    assert EARNING_SCENES == EARNING
    assert {ORDER, BONUS} < set(LOT_CLASSES)
