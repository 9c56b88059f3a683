"""What the file says, what it said last, what stands."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huixue.seasons.joining import (
    cancelled,
    joined_blocks,
    joined_guides,
    joined_slots,
    joined_stream,
    moved,
    on_offer,
    restored,
)
from huixue.seasons.model import MAX_SLOTS, Audience, Block, Good, GuideRow, Slot, Stream, Target
from tests.unit.seasons.fakes import BLOCKS, EDITION, GUIDE, NOW, local, slots_of, stream

LATER = NOW + timedelta(hours=1)
SAID = stream("s", "2026-11-20 20:00")
TIMES = st.sampled_from([local(f"2026-11-2{day} 20:00") for day in range(1, 5)])


def said(at: object) -> Stream:
    return replace(SAID, planned_starts_at=at, starts_at=at)


@given(TIMES, st.none() | TIMES, TIMES)
def test_a_start_moves_only_where_the_file_changed_it(
    first: object, moved_to: object, second: object
) -> None:
    stands = joined_stream(said(first), None, NOW)
    if moved_to is not None:
        stands = moved(stands, moved_to, "", NOW)  # type: ignore[arg-type]  # an instant, as sampled

    after = joined_stream(said(second), stands, LATER)

    assert after.starts_at == (stands.starts_at if second == first else second)
    assert after.planned_starts_at == second
    seen_alike = after.starts_at == stands.starts_at
    assert after.revision == stands.revision + (not seen_alike)
    assert joined_stream(said(second), after, LATER) == after


def test_a_file_cannot_say_what_only_commands_say() -> None:
    lies = replace(SAID, cancelled_at=NOW, began_at=NOW, revision=9, rescheduled_from=(NOW,))

    stands = joined_stream(lies, None, NOW)

    assert stands == replace(SAID, revision=1)
    assert joined_stream(lies, stands, LATER) == stands


def test_a_stream_moved_ahead_has_neither_begun_nor_ended() -> None:
    over = replace(SAID, began_at=SAID.starts_at, finished_at=SAID.ends_at)

    again = moved(over, local("2026-11-27 20:00"), "加场", local("2026-11-22 12:00"))

    assert (again.began_at, again.finished_at) == (None, None)


def test_only_the_last_moves_are_remembered() -> None:
    stands = SAID
    for minute in range(30):
        stands = moved(stands, SAID.starts_at + timedelta(minutes=minute + 1), "", NOW)

    assert len(stands.rescheduled_from) == 10
    assert stands.rescheduled_from[-1] == stands.starts_at - timedelta(minutes=1)


def test_slots_that_differ_in_nothing_are_left_alone() -> None:
    stands = joined_slots("s", "2026-11", slots_of("s", 100), None, NOW)

    assert joined_slots("s", "2026-11", slots_of("s", 100), stands, LATER) is stands
    elsewhere = joined_slots("s", "2026-12", slots_of("s", 100), stands, LATER)
    assert (elsewhere.revision, elsewhere.changed_at) == (2, NOW)


def test_a_stream_whose_goods_change_daily_keeps_a_bounded_number() -> None:
    slots = None
    for day in range(5):
        fresh = tuple(
            Slot(slot_id=f"s.d{day}-{n}", brand="云杉", title="面霜", price_fen=100)
            for n in range(MAX_SLOTS)
        )
        slots = joined_slots("s", "2026-11", fresh, slots, NOW)

    assert slots is not None
    assert len(slots.slots) == 2 * MAX_SLOTS
    assert on_offer(slots.slots) == MAX_SLOTS
    assert slots.slots[-1].slot_id == f"s.d3-{MAX_SLOTS - 1}"


def test_a_revision_tells_members_what_changed() -> None:
    other = replace(
        GUIDE,
        title="新清单",
        ends_at=LATER,
        rows=(
            GuideRow(slot_id="s-1120.p0", note="新"),
            GuideRow(slot_id="a.b"),
            GuideRow(slot_id="a.c"),
        ),
    )

    (guide,) = joined_guides([other], EDITION, LATER)

    (revision,) = guide.revisions
    assert revision.note == "新增 2 个商品，移除 1 个商品，更新 1 个商品，更新内容，调整时间"
    (same,) = joined_guides([other], replace(EDITION, guides=(guide,)), LATER)
    assert same == guide


MARKET = Block(
    block_id="farm", kind="market", title="集市", subtitle="周五见", partner="云上农场",
    image_url="https://img.example.com/m.jpg", disclaimer="第三方", priority=3,
    target=Target(kind="page", path="pages/farm"), goods=(Good(title="橙子"),),
    starts_at=NOW, ends_at=LATER, audience=Audience(tags={"skin_type": ("dry",)}),
    ended_text="集市已收摊",
)  # fmt: skip


def test_a_block_that_the_file_dropped_leaves_its_end_page_for_those_it_was_for() -> None:
    before = replace(EDITION, blocks=(*BLOCKS, MARKET))

    *kept, stub = joined_blocks(BLOCKS, before)

    assert tuple(kept) == BLOCKS
    assert stub == Block(
        block_id="farm", kind="market", title="集市", audience=MARKET.audience, enabled=False,
        ended_text="集市已收摊",
    )  # fmt: skip


def test_the_same_file_again_leaves_the_end_pages_as_they_are() -> None:
    blocks = joined_blocks([], replace(EDITION, blocks=(*BLOCKS, MARKET)))

    assert joined_blocks([], replace(EDITION, blocks=blocks)) == blocks


def test_a_block_that_comes_back_in_the_file_is_itself_again() -> None:
    gone = joined_blocks(BLOCKS, replace(EDITION, blocks=(*BLOCKS, MARKET)))

    assert joined_blocks([MARKET, *BLOCKS], replace(EDITION, blocks=gone)) == (MARKET, *BLOCKS)


def test_of_what_the_file_dropped_the_last_fifty_are_kept() -> None:
    edition = EDITION
    for week in range(60):
        block, guide = replace(MARKET, block_id=f"w{week}"), replace(GUIDE, guide_id=f"w{week}")
        edition = replace(
            edition,
            blocks=joined_blocks([block], edition),
            guides=joined_guides([guide], edition, NOW),
        )

    last = [f"w{week}" for week in range(59, 8, -1)]
    assert [each.block_id for each in edition.blocks] == last
    assert [each.guide_id for each in edition.guides] == last


def test_a_guide_that_comes_back_has_the_history_it_had() -> None:
    first = replace(EDITION, guides=joined_guides([replace(GUIDE, title="新")], EDITION, NOW))
    gone = replace(first, guides=joined_guides([], first, NOW))

    (back,) = joined_guides([replace(GUIDE, title="新")], gone, LATER)

    assert [(each.at, each.note) for each in back.revisions] == [
        (NOW, "更新内容"), (LATER, "新增 2 个商品"),
    ]  # fmt: skip


def test_a_cancelled_stream_that_moves_goes_on_saying_why_it_is_cancelled() -> None:
    gone = cancelled(moved(SAID, local("2026-11-21 20:00"), "设备检修", NOW), "主播生病", NOW)

    after = joined_stream(said(local("2026-11-24 20:00")), gone, LATER)

    assert (after.reason, restored(after, "cancel").reason) == ("主播生病", "")
    assert restored(gone, "cancel").reason == "设备检修"
