from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huixue.programme.rules import programme_from
from infra.ops.programme_differences import differences
from tests.unit.programme.programmes import demo, demo_data

TODAY = date(2026, 11, 20)
_90_DAYS = "the last 90 days by paid time"
_30_DAYS = "the last 30 days by time of confirmed receipt"
_LEVELS = "levels gold 120 %, diamond 150 %"


def changed(path: tuple[str | int, ...], value: object) -> list[str]:
    data = demo_data()
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return differences(demo(), programme_from(data), today=TODAY)


def test_nothing_changed_is_told_by_nothing() -> None:
    assert differences(demo(), demo(), today=TODAY) == []


def test_a_new_programme_is_told_room_by_room() -> None:
    assert differences(None, demo(), today=TODAY) == [
        "programme demo is new: 回血",
        "room main is new: 主播间",
        f"main/taobao is new: 1 points a yuan, orders of {_90_DAYS}, {_LEVELS}",
        "room guest is new: 客座",
        f"guest/douyin is new: 0.5 points a yuan, orders of {_30_DAYS}",
        "feed taobao-affiliate-23 is new",
    ]


_TAOBAO = ("rooms", 0, "platforms", 0)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("title",), "新", "programme demo: title 回血 → 新"),
        (("zone",), "UTC", "business days are counted in Asia/Shanghai → UTC"),
        (("rooms", 0, "title"), "新", "room main: title 主播间 → 新"),
        (
            (*_TAOBAO, "points_per_yuan"),
            "0.25",
            "main/taobao: 1 points a yuan → 0.25 points a yuan (orders claimed from now on)",
        ),
        (
            (*_TAOBAO, "window_days"),
            30,
            "main/taobao: orders of the last 90 days by paid time → the last 30 days by paid time",
        ),
        (
            (*_TAOBAO, "levels", 0, "multiplier_percent"),
            130,
            "main/taobao: level gold multiplies by 120 % → 130 %",
        ),
    ],
)
def test_one_change_is_one_sentence(
    path: tuple[str | int, ...], value: object, sentence: str
) -> None:
    assert changed(path, value) == [sentence]


def test_levels_positions_apps_and_feeds_come_and_go() -> None:
    assert changed((*_TAOBAO, "levels"), [{"level": "gold", "multiplier_percent": 120}]) == [
        "main/taobao: level diamond multiplies by 150 % → nothing (100 %)"
    ]
    assert changed((*_TAOBAO, "affiliate_positions"), ["111", "113"]) == [
        "main/taobao: position 113 is new",
        "main/taobao: position 112 is gone",
    ]
    assert changed(("wechat_app_ids",), ["wx2"]) == [
        "mini-program wx2 is new",
        "mini-program wx1 is gone",
    ]
    assert changed(("feeds",), []) == ["feed taobao-affiliate-23 is gone"]


def test_rooms_and_platforms_come_and_go() -> None:
    guest = demo_data()["rooms"][1]

    assert changed(("rooms",), [guest]) == [
        "room main is gone: its orders earn nothing any more, unless claimed before; waiting claims may end"
    ]
    kuaishou = guest["platforms"][0] | {"platform": "kuaishou"}
    assert changed(("rooms", 1, "platforms"), [kuaishou]) == [
        f"guest/kuaishou is new: 0.5 points a yuan, orders of {_30_DAYS}",
        "guest/douyin is gone: its orders earn nothing any more, unless claimed before; waiting claims may end",
    ]
