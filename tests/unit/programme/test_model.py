from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from huixue.kernel.ids import AccountRef
from huixue.programme.model import (
    PointsRules,
    canonical_json,
    find_room,
    from_canonical_json,
    level_names,
    offers,
    room_for_position,
    with_hashed_staff,
)
from huixue.programme.policy import terms_for
from huixue.programme.rules import programme_from
from tests.unit.programme.programmes import demo, full_data

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


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
    terms = terms_for(demo(), 7, "main", "taobao", level, paid_at=None, now=NOW)

    assert terms is not None
    assert (terms.level, terms.multiplier_percent) == (counted, percent)
    assert (terms.programme_id, terms.programme_version, terms.rule) == ("demo", 7, "main/taobao")
    assert (terms.rate_milli, terms.window_days, terms.window_clock) == (1000, 90, "paid_at")


def test_each_room_and_platform_has_its_own_terms() -> None:
    terms = terms_for(demo(), 1, "guest", "douyin", "gold", paid_at=None, now=NOW)

    assert terms is not None
    assert (terms.rate_milli, terms.window_days, terms.window_clock) == (500, 30, "confirmed_at")
    assert terms.multiplier_percent == 100


@pytest.mark.parametrize(("room", "platform"), [("main", "douyin"), ("nobody", "taobao")])
def test_there_are_no_terms_where_the_room_does_not_sell(room: str, platform: str) -> None:
    assert terms_for(demo(), 1, room, platform, None, paid_at=None, now=NOW) is None


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


_OF_BEFORE = """{"feeds":[],"programme_id":"demo","rooms":[{"platforms":[{"affiliate_positions":["111"],\
"levels":[{"level":"gold","multiplier_percent":120}],"platform":"taobao","rate_milli":1000,\
"window_clock":"paid_at","window_days":90}],"room_id":"main","title":"主播间"}],"title":"回血",\
"wechat_app_ids":["wx1"],"zone":"Asia/Shanghai"}"""
"""As it was stored before programmes said anything about points, campaigns and staff."""


def test_a_version_stored_by_an_earlier_release_can_still_be_read() -> None:
    programme = from_canonical_json(_OF_BEFORE)

    assert programme.points == PointsRules()
    assert (programme.campaigns, programme.staff_account_refs) == ((), ())
    assert programme.rooms[0].platforms[0].release_after_days == 0
    assert programme.rooms[0].platforms[0].credited_types == ()
    assert from_canonical_json(canonical_json(programme)) == programme


def test_everything_a_programme_can_say_is_stored_and_read_back() -> None:
    written = programme_from(full_data())
    hashed = with_hashed_staff(written, lambda platform, account: AccountRef(f"{platform}:k:x"))

    assert from_canonical_json(canonical_json(hashed)) == hashed


def test_the_zone_and_the_feeds_id_are_ready_to_use() -> None:
    assert demo().zone_info().key == "Asia/Shanghai"
    assert [feed.feed_id for feed in demo().feeds] == ["taobao-affiliate-23"]
