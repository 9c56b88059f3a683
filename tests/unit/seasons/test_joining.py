"""What the file says, what it said last, what stands."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huixue.seasons.joining import (
    joined_guides,
    joined_slots,
    joined_stream,
    moved,
    on_offer,
)
from huixue.seasons.model import MAX_SLOTS, GuideRow, Slot, Stream
from tests.unit.seasons.fakes import EDITION, GUIDE, NOW, local, slots_of, stream

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
