from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huixue.programme.model import PointsRules, Programme
from huixue.programme.rules import programme_from
from infra.ops.programme_differences import differences
from tests.unit.programme.programmes import demo, demo_data, full_data

TODAY = date(2026, 11, 20)
_EARNED = "(points earned from now on)"
_SOONER = "some points will end sooner than members were told"


def full(data: dict[str, Any] | None = None) -> Programme:
    return programme_from((full_data() if data is None else data) | {"staff_accounts": []})


def changed(path: tuple[str | int, ...], value: object) -> list[str]:
    data = full_data()
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return differences(full(), full(data), today=TODAY)


def without(path: tuple[str | int, ...]) -> list[str]:
    data = full_data()
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return differences(full(), full(data), today=TODAY)


def from_expiry(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    old, new = (
        programme_from(demo_data() | {"points": {"expiry": each}}) for each in (before, after)
    )
    return differences(old, new, today=TODAY)


def test_nothing_changed_is_told_by_nothing() -> None:
    assert differences(full(), full(), today=TODAY) == []
    assert demo().points == PointsRules()


def test_a_new_programme_tells_what_it_has_beyond_the_defaults() -> None:
    sentences = differences(None, full(), today=TODAY)

    assert [each for each in sentences if not each.startswith(("programme", "room", "feed", "guest"))][
        1:
    ] == [
        "main/taobao: days from confirmed receipt to spendable points 0 → 7 (orders claimed from now on)",
        "main/taobao: trade type gift earns points (orders claimed from now on)",
        "main/taobao: trade type virtual earns points (orders claimed from now on)",
        f"points end at the end of the month 12 months later → at the end of the quarter 12 months later {_EARNED}",
        ("points of class bonus end like all others (at the end of the month 12 months later) → "
        f"after 30 days {_EARNED}; {_SOONER}"),
        ("points of class check_in end like all others (at the end of the month 12 months later) → "
        f"never {_EARNED}"),
        ("points of class grant end like all others (at the end of the month 12 months later) → "
        f"on 2027-06-30 {_EARNED}; {_SOONER}"),
        "days of grace for what comes back 7 → 3",
        "notices before points end, in days 30, 7, 1 → 14, 1",
        ("points to be taken back from the order's own points, then from others; what is missing is a debt "
        "that new points repay → from the order's own points alone; what is missing is a debt, and "
        "redemptions stay frozen until an operator lifts it"),
        "cap day is new: 100 points a day for each member by main/taobao",
        "cap all is new: 1000000 points in all for the whole programme by grant",
        "tiers are counted not at all → over all time, falling to what the points say",
        "tier silver is new: from 0 points",
        "tier gold is new: from 9 points",
        "members read 金卡 for the tier gold",
        "a second operator is needed above points 1000 → 50",
        "fen a point costs 1 → 0.25",
        "ban for refunds none → 30 days from 60 % refunded of 5 or more orders in 90 days",
        "campaign double is new: 200 % of the points, paid from 2026-11-10 20:00 to 2026-11-12 00:00, all rooms",
        ("campaign plus is new: 10 percentage points more, paid from 2026-11-10 00:00 to 2026-11-10 23:59:59, "
        "main on taobao"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            ("points", "caps", 0, "points"), 50,
            ("cap day: 100 points a day for each member by main/taobao → "
            "50 points a day for each member by main/taobao"),
        ),
        (
            ("points", "tiers", "tiers", 1, "from_points"), 10,
            "tier gold from 9 → 10 points: members below may lose it",
        ),
        (("points", "tiers", "tiers", 1, "from_points"), 8, "tier gold from 9 → 8 points"),
        (("points", "tiers", "tiers", 1, "title"), "金", "members read 金 for the tier gold"),
        (
            ("points", "expiry_of", "bonus", "after"), 29,
            f"points of class bonus end after 30 days → after 29 days {_EARNED}; {_SOONER}",
        ),
        (
            ("points", "expiry_of", "bonus", "after"), 31,
            f"points of class bonus end after 30 days → after 31 days {_EARNED}",
        ),
        (("points", "notice_days"), [], "notices before points end, in days 14, 1 → none"),
        (
            ("campaigns", 1, "value"), 20,
            ("campaign plus: 10 percentage points more, paid from 2026-11-10 00:00 to 2026-11-10 23:59:59, "
            "main on taobao → 20 percentage points more, paid from 2026-11-10 00:00 to "
            "2026-11-10 23:59:59, main on taobao (orders claimed from now on, whenever paid)"),
        ),
        (("campaigns", 1, "title"), "更多", "campaign plus: title 加十 → 更多"),
        (
            ("rooms", 0, "platforms", 0, "credited_types"), ["gift"],
            "main/taobao: trade type virtual earns nothing any more (orders claimed from now on)",
        ),
        (("campaigns",), full_data()["campaigns"][::-1], "campaigns are applied in the order plus, double"),
    ],
)  # fmt: skip
def test_one_change_is_one_sentence(
    path: tuple[str | int, ...], value: object, sentence: str
) -> None:
    assert changed(path, value) == [sentence]


@pytest.mark.parametrize(
    ("path", "sentences"),
    [
        (("points", "caps", 1), ["cap all is gone"]),
        (("points", "tiers", "tiers", 0), ["tier silver is gone: members lose it"]),
        (
            ("campaigns", 0),
            [
                "campaign double is gone: orders paid during it and claimed from now on get nothing extra"
            ],
        ),
        (
            ("points", "expiry_of", "check_in"),
            [
                (
                    "points of class check_in end never → like all others (at the end of the quarter 12 months "
                    f"later) {_EARNED}; {_SOONER}"
                )
            ],
        ),
        (
            ("points", "refund_ban"),
            ["ban for refunds 30 days from 60 % refunded of 5 or more orders in 90 days → none"],
        ),
    ],
)
def test_what_goes_is_told_with_what_members_lose(
    path: tuple[str | int, ...], sentences: list[str]
) -> None:
    assert without(path) == sentences


def test_a_class_that_ends_like_the_others_by_its_own_word_is_told_so() -> None:
    before = programme_from(demo_data())
    own = {"expiry_of": {"order": {"method": "month_end", "after": 12}}}
    after = programme_from(demo_data() | {"points": own})

    assert differences(before, after, today=TODAY) == [
        (
            "points of class order end like all others (at the end of the month 12 months later) → "
            f"at the end of the month 12 months later {_EARNED}"
        )
    ]


@pytest.mark.parametrize(
    ("before", "after", "sooner"),
    [
        ({"method": "never"}, {"method": "year_end", "after": 120}, True),
        ({"method": "year_end", "after": 12}, {"method": "never"}, False),
        ({"method": "days", "after": 365}, {"method": "month_end", "after": 12}, False),
        ({"method": "days", "after": 380}, {"method": "month_end", "after": 12}, True),
        ({"method": "month_end", "after": 12}, {"method": "year_end", "after": 11}, True),
        ({"method": "month_end", "after": 12}, {"method": "year_end", "after": 12}, False),
        (
            {"method": "fixed_date", "on": "2027-12-31"},
            {"method": "fixed_date", "on": "2028-12-31"},
            False,
        ),
        ({"method": "month_end", "after": 1}, {"method": "fixed_date", "on": "2027-06-30"}, True),
    ],
)
def test_a_sooner_end_is_a_warning_whichever_way_it_is_counted(
    before: dict[str, Any], after: dict[str, Any], sooner: bool
) -> None:
    (sentence,) = from_expiry(before, after)

    assert (_SOONER in sentence) is sooner


def test_an_end_that_has_passed_already_is_a_warning() -> None:
    sentences = from_expiry({"method": "never"}, {"method": "fixed_date", "on": "2026-11-19"})

    assert sentences[1:] == ["points end on a day that has passed: what is earned is gone at once"]
    assert len(from_expiry({"method": "never"}, {"method": "fixed_date", "on": "2026-11-20"})) == 1


def test_tiers_that_change_places_are_told_in_their_new_order() -> None:
    turned = [
        {"tier": "gold", "from_points": 0, "title": "金卡"}, {"tier": "silver", "from_points": 9},
    ]  # fmt: skip

    assert changed(("points", "tiers", "tiers"), turned) == [
        "tier gold from 9 → 0 points",
        "tier silver from 0 → 9 points: members below may lose it",
        "the order of tiers is gold, silver",
    ]
