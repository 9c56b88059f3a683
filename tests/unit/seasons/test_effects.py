"""The readable differences of a publication."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from huixue.seasons.effects import (
    Effect,
    differences,
    edition_effects,
    slots_effects,
    stream_effects,
)
from huixue.seasons.model import MemberDay, Slots
from tests.unit.seasons.fakes import BLOCKS, EDITION, GUIDE, NOW, slots_of, stream

PLANNED = stream("s", "2026-11-20 20:00")
LATER = PLANNED.starts_at + timedelta(hours=1)


def short(effects: object) -> list[tuple[object, ...]]:
    return [(e.kind, e.field, e.before, e.after) for e in effects]  # type: ignore[attr-defined]  # any iterable


def test_a_new_stream_tells_when_it_starts() -> None:
    assert list(stream_effects(None, PLANNED)) == [
        Effect(kind="stream_added", subject="s", title="s 直播", after=PLANNED.starts_at)
    ]


def test_a_stream_tells_every_field_that_differs() -> None:
    after = replace(PLANNED, starts_at=LATER, title="新", hosts=("甲", "乙"), revision=2)

    assert short(stream_effects(PLANNED, after)) == [
        ("stream_moved", "starts_at", PLANNED.starts_at, LATER),
        ("stream_changed", "title", "s 直播", "新"),
        ("stream_changed", "hosts", "[]", '["甲","乙"]'),
    ]
    assert short(stream_effects(PLANNED, PLANNED)) == []


def test_a_cancelled_stream_tells_that_alone() -> None:
    gone = replace(PLANNED, cancelled_at=NOW, reason="已取消", title="新")

    assert short(stream_effects(PLANNED, gone)) == [
        ("stream_cancelled", "", PLANNED.starts_at, "已取消")
    ]


def test_slots_come_go_come_back_and_change_their_price() -> None:
    one, two, three = slots_of("s", 100, 200, 300)
    before = Slots(
        stream_id="s", month="2026-11", changed_at=NOW,
        slots=(one, replace(two, state="withdrawn")),
    )  # fmt: skip
    after = replace(
        before,
        slots=(replace(one, state="withdrawn", price_fen=90), two, replace(three, title="新")),
    )

    assert short(slots_effects(before, after)) == [
        ("slot_withdrawn", "state", "planned", "withdrawn"),
        ("slot_repriced", "price_fen", 100, 90),
        ("slot_back", "state", "withdrawn", "planned"),
        ("slot_added", "", None, 300),
    ]


def test_everything_of_a_first_edition_is_new() -> None:
    kinds = [each.kind for each in edition_effects(None, EDITION)]

    assert kinds == ["block_added", "block_added", "guide_added", "member_day_added"]


def test_blocks_come_go_are_switched_off_and_end_at_another_time() -> None:
    shop, double = BLOCKS
    ends = NOW + timedelta(days=3)
    after = replace(
        EDITION,
        blocks=(replace(shop, enabled=False), replace(double, ends_at=ends)),
        guides=(),
        member_days=(MemberDay(title="会员日", weekday=4),),
        title="冬季",
    )

    assert short(edition_effects(EDITION, after)) == [
        ("edition_changed", "title", "秋季", "冬季"),
        ("block_removed", "", None, None),
        ("block_changed", "ends_at", double.ends_at, ends),
        ("guide_removed", "", None, None),
        ("member_day_added", "", None, None),
        ("member_day_removed", "", None, None),
    ]
    on_again = short(edition_effects(after, replace(after, blocks=BLOCKS)))
    assert on_again[0] == ("block_added", "", None, None)


def test_what_is_off_and_stays_off_nobody_sees_change() -> None:
    off = replace(EDITION, blocks=(replace(BLOCKS[0], enabled=False),), guides=())

    assert not list(edition_effects(off, replace(off, blocks=())))
    renamed = replace(off, blocks=(replace(off.blocks[0], title="新"),))
    assert not list(edition_effects(off, renamed))


def test_the_history_of_a_guide_is_no_difference_of_it() -> None:
    assert [name for name, _, _ in differences(GUIDE, replace(GUIDE, title="新"), ["title"])] == [
        "title"
    ]
    assert not list(edition_effects(EDITION, replace(EDITION, guides=(replace(GUIDE),))))


def test_another_order_is_told_of_those_that_stay_alone() -> None:
    one, two, three = slots_of("s", 100, 200, 300)
    before = Slots(stream_id="s", month="2026-11", changed_at=NOW, slots=(one, two))
    gone = replace(one, state="withdrawn", listed=False)

    assert short(slots_effects(before, replace(before, slots=(two, one)))) == [
        ("slot_order", "", None, None)
    ]
    for slots in ((three, one, two), (two, gone)):
        kinds = [each.kind for each in slots_effects(before, replace(before, slots=slots))]
        assert "slot_order" not in kinds
