from __future__ import annotations

import json

import pytest

from huixue.programme.model import (
    canonical_json,
    find_room,
    from_canonical_json,
    level_names,
    offers,
    room_for_position,
    terms_for,
)
from tests.unit.programme.programmes import demo


@pytest.mark.parametrize(
    ("platform", "offered"),
    [("taobao", True), ("douyin", True), ("kuaishou", False), ("", False), ("Taobao", False)],
)
def test_a_platform_is_offered_where_some_room_sells_on_it(platform: str, offered: bool) -> None:
    assert offers(demo(), platform) is offered


@pytest.mark.parametrize(
    ("platform", "position", "room"),
    [
        ("taobao", "111", "main"),
        ("taobao", "112", "main"),
        ("taobao", "113", None),
        ("douyin", "111", None),
        ("taobao", "", None),
    ],
)
def test_a_position_tells_the_room_on_its_platform_alone(
    platform: str, position: str, room: str | None
) -> None:
    assert room_for_position(demo(), platform, position) == room


@pytest.mark.parametrize(
    ("level", "counted", "percent"),
    [("gold", "gold", 120), ("diamond", "diamond", 150), ("wood", None, 100), (None, None, 100)],
)
def test_terms_multiply_by_a_level_the_room_knows_and_by_nothing_else(
    level: str | None, counted: str | None, percent: int
) -> None:
    terms = terms_for(demo(), 7, "main", "taobao", level)

    assert terms is not None
    assert (terms.level, terms.multiplier_percent) == (counted, percent)
    assert (terms.programme_id, terms.programme_version, terms.rule) == ("demo", 7, "main/taobao")
    assert (terms.rate_milli, terms.window_days, terms.window_clock) == (1000, 90, "paid_at")


def test_each_room_and_platform_has_its_own_terms() -> None:
    terms = terms_for(demo(), 1, "guest", "douyin", "gold")

    assert terms is not None
    assert (terms.rate_milli, terms.window_days, terms.window_clock) == (500, 30, "confirmed_at")
    assert terms.multiplier_percent == 100


@pytest.mark.parametrize(("room", "platform"), [("main", "douyin"), ("nobody", "taobao")])
def test_there_are_no_terms_where_the_room_does_not_sell(room: str, platform: str) -> None:
    assert terms_for(demo(), 1, room, platform, None) is None


def test_a_rooms_levels_are_named_in_order_and_an_unknown_room_has_none() -> None:
    assert level_names(demo(), "main") == ("gold", "diamond")
    assert level_names(demo(), "guest") == level_names(demo(), "nobody") == ()
    assert find_room(demo(), "nobody") is None


def test_the_canonical_text_reads_back_and_is_the_same_for_the_same_content() -> None:
    text = canonical_json(demo())

    assert from_canonical_json(text) == demo()
    assert canonical_json(from_canonical_json(text)) == text
    assert json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False) == json.dumps(
        json.loads(text), ensure_ascii=False
    )


def test_a_programme_with_keys_of_a_later_release_can_still_be_read() -> None:
    later = json.loads(canonical_json(demo())) | {"check_in": {"points": 5}}

    assert from_canonical_json(json.dumps(later)) == demo()


def test_the_zone_and_the_feeds_id_are_ready_to_use() -> None:
    assert demo().zone_info().key == "Asia/Shanghai"
    assert [feed.feed_id for feed in demo().feeds] == ["taobao-affiliate-23"]
