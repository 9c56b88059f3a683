from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from huixue.edge import season_presenting, season_wire
from huixue.seasons import model
from huixue.seasons.blocks import BlockView
from huixue.seasons.home import Home
from huixue.seasons.instants import ContentState

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
STREAM = model.Stream(
    stream_id="st-1", season_id="w", title="夜场", theme="护肤",
    planned_starts_at=NOW + timedelta(hours=8), starts_at=NOW + timedelta(hours=8), changed_at=NOW,
)  # fmt: skip
SLOTS = tuple(
    model.Slot(slot_id=f"st-1.{n}", brand="木语", title="面霜", price_fen=n) for n in range(20)
)
EDITION = model.Edition(programme_id="demo", season_id="w", title="", version=3, published_at=NOW)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Shanghai", "2026-11-20T20:00:00+08:00"),
        ("Asia/Tokyo", "2026-11-20T21:00:00+09:00"),
        ("Asia/Kolkata", "2026-11-20T17:30:00+05:30"),
    ],
)
def test_times_are_told_in_the_programmes_zone(zone: str, shown: str) -> None:
    found = season_presenting.stream_summary(STREAM, now=NOW, zone=ZoneInfo(zone))

    assert msgspec.to_builtins(found)["starts_at"] == shown


def test_a_stream_that_was_ended_by_hand_says_when() -> None:
    ended = replace(STREAM, finished_at=NOW + timedelta(hours=9))

    during = season_presenting.stream_summary(ended, now=NOW + timedelta(hours=8.5), zone=SHANGHAI)
    after = season_presenting.stream_summary(ended, now=NOW + timedelta(hours=9), zone=SHANGHAI)

    assert (during.state, during.ends_at) == ("live", STREAM.ends_at)
    assert (after.state, after.ends_at) == ("ended", NOW + timedelta(hours=9))


def test_what_says_nothing_is_left_out() -> None:
    found = msgspec.to_builtins(season_presenting.stream(STREAM, SLOTS[:1], now=NOW, zone=SHANGHAI))

    assert not {"target", "reason", "rescheduled_from", "color"} & set(found)
    assert set(found["slots"][0]) == {
        "slot_id", "title", "brand", "price_fen", "expected_at", "state", "reserved_count",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (model.Target(kind="page", path="/p"), {"kind": "page", "path": "/p"}),
        (
            model.Target(kind="mini_program", app_id="wx1", path="p"),
            {"kind": "mini_program", "app_id": "wx1", "path": "p"},
        ),
        (
            model.Target(kind="taobao_code", text="￥a￥"),
            {"kind": "taobao_code", "text": "￥a￥"},
        ),
        (
            model.Target(kind="web", url="https://a.cn"),
            {"kind": "web", "url": "https://a.cn"},
        ),
    ],
)
def test_a_target_tells_what_its_kind_needs(target: model.Target, shown: dict[str, str]) -> None:
    found = season_presenting.stream_summary(replace(STREAM, target=target), now=NOW, zone=SHANGHAI)

    assert msgspec.to_builtins(found.target) == shown


def test_the_home_page_tells_how_many_slots_there_are_and_none_of_them() -> None:
    counted = replace(STREAM, slot_count=20)

    found = season_presenting.home(Home(tonight=counted), EDITION, now=NOW)

    summary = season_presenting.stream_summary(counted, now=NOW, zone=SHANGHAI)
    assert found.tonight == summary
    assert "slots" not in msgspec.to_builtins(summary)
    assert (found.tonight.slot_count, found.version, found.updated_at) == (20, 3, NOW)


BLOCK = model.Block(
    block_id="farm", kind="market", title="集市", partner="云上农场", disclaimer="第三方发货",
    target=model.Target(kind="page", path="/p"), goods=(model.Good(title="橙子"),),
    ended_text="集市已收摊",
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "leads_to", "ended_text"),
    [("not_yet", set(), ""), ("open", {"goods", "target"}, ""), ("ended", set(), "集市已收摊")],
)
def test_a_block_leads_to_goods_only_while_it_is_open(
    state: ContentState, leads_to: set[str], ended_text: str
) -> None:
    view = BlockView(block=BLOCK, state=state, changes_at=None)

    found = msgspec.to_builtins(season_presenting.block(view, SHANGHAI))

    assert found.keys() & {"goods", "target"} == leads_to
    assert (found["state"], found.get("ended_text", "")) == (state, ended_text)
    assert found["disclaimer"] == "第三方发货"


def test_where_nothing_was_written_for_its_end_a_block_says_that_it_is_over() -> None:
    view = BlockView(block=replace(BLOCK, ended_text=""), state="ended", changes_at=None)

    assert season_presenting.block(view, SHANGHAI).ended_text == "活动已结束"


def test_every_field_of_the_model_that_members_may_see_reaches_the_wire() -> None:
    for mine, theirs, kept_back in (
        (model.Target, season_wire.Target, set()),
        (model.Good, season_wire.Good, set()),
        (model.Block, season_wire.Block, {"audience", "priority", "enabled", "ended_text"}),
        (model.Block, season_wire.BlockPage, {"audience", "priority", "enabled"}),
        (model.Slot, season_wire.Slot, {"offset_min", "listed"}),
    ):
        assert set(mine.__struct_fields__) - kept_back <= set(theirs.__struct_fields__)


def test_the_ends_of_the_calendar_can_be_shown() -> None:
    last = datetime(9999, 12, 31, 20, tzinfo=UTC)

    assert season_presenting.local(last, SHANGHAI) == last
