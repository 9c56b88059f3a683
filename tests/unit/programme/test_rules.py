from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.programme.model import Level, canonical_json, from_canonical_json
from huixue.programme.rules import ProgrammeInvalidError, is_id, programme_from
from tests.unit.programme.programmes import demo_data

_TAOBAO = ("rooms", 0, "platforms", 0)


def spoilt(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    data = demo_data()
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return data


def problems_of(data: object) -> list[str]:
    with pytest.raises(ProgrammeInvalidError) as refused:
        programme_from(data)
    assert refused.value.code == "PROGRAMME_INVALID"
    return [".".join(str(step) for step in problem.path) for problem in refused.value.problems]


def test_a_valid_programme_becomes_what_it_says() -> None:
    programme = programme_from(demo_data())

    selling = programme.rooms[0].platforms[0]
    assert (programme.programme_id, programme.zone) == ("demo", "Asia/Shanghai")
    assert (selling.rate_milli, selling.window_days) == (1000, 90)
    assert selling.levels[0] == Level(level="gold", multiplier_percent=120)
    assert programme.rooms[1].platforms[0].rate_milli == 500
    assert programme.rooms[1].platforms[0].affiliate_positions == ()


def test_an_app_that_may_not_read_refunds_says_so() -> None:
    data = demo_data()
    data["feeds"][0]["refunds"] = False

    assert [feed.refunds for feed in programme_from(data).feeds] == [False]
    assert [feed.refunds for feed in programme_from(demo_data()).feeds] == [True]


def test_zone_levels_positions_and_feeds_may_be_left_out() -> None:
    data = demo_data()
    del data["zone"], data["feeds"]

    assert programme_from(data).zone == "Asia/Shanghai"
    assert programme_from(data).feeds == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("programme_id",), "Demo"), (("programme_id",), "x" * 33), (("programme_id",), ""),
        (("programme_id",), 5), (("programme_id",), "a b"), (("programme_id",), "demo\n"),
        (("title",), ""), (("title",), "x" * 65), (("title",), "a\nb"), (("title",), None),
        (("zone",), "Asia/Nowhere"), (("zone",), "Asia"), (("zone",), ""), (("zone",), 8),
        (("zone",), "../etc/passwd"), (("zone",), "+08:00"),
        (("wechat_app_ids",), []), (("wechat_app_ids",), "wx1"),
        (("wechat_app_ids", 0), ""), (("wechat_app_ids", 0), 1),
        (("rooms",), []), (("rooms",), {}), (("rooms",), None), (("rooms", 0), "main"),
        (("rooms", 0, "room_id"), "Main"), (("rooms", 0, "platforms"), []),
        ((*_TAOBAO, "platform"), "amazon"), ((*_TAOBAO, "platform"), "Taobao"),
        ((*_TAOBAO, "window_days"), 0), ((*_TAOBAO, "window_days"), 367),
        ((*_TAOBAO, "window_days"), "90"), ((*_TAOBAO, "window_days"), True),
        ((*_TAOBAO, "window_clock"), "created_at"),
        ((*_TAOBAO, "points_per_yuan"), 0), ((*_TAOBAO, "points_per_yuan"), "0.0001"),
        ((*_TAOBAO, "points_per_yuan"), "1000.001"), ((*_TAOBAO, "points_per_yuan"), 1001),
        ((*_TAOBAO, "points_per_yuan"), -1), ((*_TAOBAO, "points_per_yuan"), "1e2"),
        ((*_TAOBAO, "points_per_yuan"), "NaN"), ((*_TAOBAO, "points_per_yuan"), "１"),
        ((*_TAOBAO, "points_per_yuan"), 1.5), ((*_TAOBAO, "points_per_yuan"), True),
        ((*_TAOBAO, "levels"), "gold"), ((*_TAOBAO, "levels", 0, "level"), "none"),
        ((*_TAOBAO, "levels", 0, "multiplier_percent"), 0),
        ((*_TAOBAO, "levels", 0, "multiplier_percent"), 1001),
        ((*_TAOBAO, "affiliate_positions", 0), 111), ((*_TAOBAO, "affiliate_positions", 0), "1 1"),
        (("feeds", 0, "platform"), "douyin"), (("feeds", 0, "kind"), "push"),
        (("feeds", 0, "app_key"), ""), (("feeds", 0, "refunds"), "no"),
    ],
)  # fmt: skip
def test_one_wrong_value_is_named_by_its_path(path: tuple[str | int, ...], value: object) -> None:
    assert problems_of(spoilt(path, value)) == [".".join(str(step) for step in path)]


@pytest.mark.parametrize(
    "path",
    [("more",), ("rooms", 0, "more"), (*_TAOBAO, "more"), (*_TAOBAO, "levels", 0, "more"),
     ("feeds", 0, "more")],
)  # fmt: skip
def test_an_unknown_key_is_refused_wherever_it_stands(path: tuple[str | int, ...]) -> None:
    assert problems_of(spoilt(path, 1)) == [".".join(str(step) for step in path)]


@pytest.mark.parametrize(
    ("path", "second"),
    [
        (("rooms",), "rooms.2.room_id"),
        ((*_TAOBAO, "levels"), "rooms.0.platforms.0.levels.2.level"),
        ((*_TAOBAO, "affiliate_positions"), "rooms.0.platforms.0.affiliate_positions.2"),
        (("rooms", 1, "platforms"), "rooms.1.platforms.1.platform"),
        (("feeds",), "feeds.1.app_key"),
        (("wechat_app_ids",), "wechat_app_ids.1"),
    ],
)
def test_the_same_id_twice_is_refused_where_it_stands_again(
    path: tuple[str | int, ...], second: str
) -> None:
    data = demo_data()
    at: Any = data
    for step in path:
        at = at[step]
    at.append(at[0] if path != ("rooms",) else at[0] | {"platforms": data["rooms"][1]["platforms"]})

    assert problems_of(data) == [second]


def test_a_position_belongs_to_one_room_of_its_platform() -> None:
    data = demo_data()
    data["rooms"][1]["platforms"][0]["affiliate_positions"] = ["111"]
    assert programme_from(data)  # another platform: another position

    data["rooms"][1]["platforms"][0]["platform"] = "taobao"

    assert problems_of(data) == ["rooms.1.platforms.0.affiliate_positions.0"]


def test_all_problems_are_told_at_once() -> None:
    data = spoilt((*_TAOBAO, "window_days"), 0) | {"title": "", "more": 1}

    assert set(problems_of(data)) == {"more", "title", "rooms.0.platforms.0.window_days"}


@given(st.integers(1, 1_000_000))
def test_every_rate_that_can_be_written_is_read_exactly(rate_milli: int) -> None:
    text = f"{rate_milli // 1000}.{rate_milli % 1000:03}"
    data = spoilt((*_TAOBAO, "points_per_yuan"), text)

    assert programme_from(data).rooms[0].platforms[0].rate_milli == rate_milli


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["programme_id", "title", "zone", "rooms", "platforms", "levels", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(_PLAIN)
def test_any_other_data_is_refused_and_nothing_worse(data: object) -> None:
    assert problems_of(data)


@given(_PLAIN, st.sampled_from(["title", "zone", "wechat_app_ids", "rooms", "feeds"]))
def test_any_value_in_any_place_is_read_or_refused(value: object, key: str) -> None:
    with suppress(ProgrammeInvalidError):
        programme = programme_from(spoilt((key,), value))
        assert from_canonical_json(canonical_json(programme)) == programme


@pytest.mark.parametrize(
    ("text", "valid"), [("demo", True), ("a-1", True), ("", False), ("A", False), ("a\n", False)]
)
def test_ids_are_small_letters_digits_and_hyphens(text: str, valid: bool) -> None:
    assert is_id(text) is valid
