"""Publishing a season: the three-way join of what the file says, what it said last and what stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from huixue.seasons.changing import cancel, move, set_slot_state
from huixue.seasons.publishing import preview, publish
from huixue.seasons.standing import StreamTakenError, ZoneFixedError
from tests.unit.seasons.fakes import (
    BLOCKS,
    EDITION,
    GUIDE,
    NOW,
    PROGRAMME,
    STREAMS,
    MemorySeasons,
    draft,
    local,
    published,
    slots_of,
    standing,
    stream,
)

LATER = NOW + timedelta(hours=1)


def test_a_first_publication_writes_every_month_with_its_slots_and_the_edition_last() -> None:
    store, done = published()

    assert done.version == 1
    assert done.changed
    assert store.writes == [
        (("2026-11",), ("s-1120", "s-1128")),
        (("2026-12",), ("s-1205",)),
    ]
    edition = store.edition(PROGRAMME)
    assert edition is not None
    assert (edition.months, edition.published_at) == (("2026-11", "2026-12"), NOW)
    assert standing(store, "s-1120").slot_count == 2
    assert not done.plan.hints


def test_the_same_file_again_changes_nothing() -> None:
    store, _ = published()
    writes = list(store.writes)

    again = publish(draft(), store=store, now=LATER)

    assert (again.version, again.changed, again.plan.effects) == (1, False, ())
    assert store.writes == writes


def test_a_preview_writes_nothing_and_is_what_publishing_then_does() -> None:
    store = MemorySeasons()

    plan = preview(draft(), store=store, now=NOW)

    assert (store.writes, store.editions) == ([], {})
    done = publish(draft(), store=store, now=NOW)
    assert done.plan == plan
    assert store.edition(PROGRAMME) == plan.after.edition
    assert store.all_months(PROGRAMME) == plan.after.months


def test_a_move_by_command_survives_a_file_that_says_the_same_as_before() -> None:
    store, _ = published()
    moved, _ = move(
        PROGRAMME, "s-1120", local("2026-11-20 21:00"), "设备检修", store=store, now=NOW
    )
    retitled = (replace(STREAMS[0][0], title="新名字"), STREAMS[0][1])

    done = publish(draft((retitled, *STREAMS[1:])), store=store, now=LATER)

    stands = standing(store, "s-1120")
    assert (stands.starts_at, stands.title) == (moved.starts_at, "新名字")
    assert (stands.reason, stands.revision) == ("设备检修", 3)
    assert "s-1120 was moved since the file: it stays at 2026-11-20 21:00" in done.plan.hints


def test_a_start_the_file_changes_moves_the_stream_wherever_it_stands() -> None:
    store, _ = published()
    move(PROGRAMME, "s-1120", local("2026-11-20 21:00"), "设备检修", store=store, now=NOW)
    other = (stream("s-1120", "2026-12-01 00:30"), STREAMS[0][1])

    done = publish(draft((other, *STREAMS[1:])), store=store, now=LATER)

    stands = standing(store, "s-1120")
    assert stands.starts_at == local("2026-12-01 00:30")
    assert stands.rescheduled_from == (local("2026-11-20 20:00"), local("2026-11-20 21:00"))
    assert store.stored_slots[PROGRAMME, "s-1120"].month == "2026-12"
    assert store.writes[-1] == (("2026-11", "2026-12"), ("s-1120",))
    (moved,) = [each for each in done.plan.effects if each.kind == "stream_moved"]
    assert (moved.before, moved.after) == (local("2026-11-20 21:00"), local("2026-12-01 00:30"))


def test_a_file_that_takes_over_a_move_changes_nothing_members_see() -> None:
    store, _ = published()
    moved, _ = move(PROGRAMME, "s-1120", local("2026-11-20 21:00"), "", store=store, now=NOW)
    same = (stream("s-1120", "2026-11-20 21:00"), STREAMS[0][1])

    done = publish(draft((same, *STREAMS[1:])), store=store, now=LATER)

    stands = standing(store, "s-1120")
    assert stands == replace(moved, planned_starts_at=local("2026-11-20 21:00"))
    assert done.changed
    assert done.plan.effects == ()


def test_a_moved_stream_that_was_cancelled_stays_cancelled_in_the_next_publication() -> None:
    store, _ = published()
    move(PROGRAMME, "s-1120", local("2026-11-21 21:00"), "", store=store, now=NOW)
    gone, _ = cancel(PROGRAMME, "s-1120", "主播生病", store=store, now=NOW)

    done = publish(draft(), store=store, now=LATER)

    assert standing(store, "s-1120") == gone
    assert not done.changed
    (hint,) = done.plan.hints
    assert "huixue stream restore s-1120" in hint


def test_a_stream_to_come_that_the_file_drops_is_cancelled_and_its_slots_stay() -> None:
    store, _ = published()

    done = publish(draft(STREAMS[:1]), store=store, now=LATER)

    dropped = standing(store, "s-1205")
    assert (dropped.cancelled_at, dropped.reason, dropped.revision) == (LATER, "", 2)
    assert store.stored_slots[PROGRAMME, "s-1205"].revision == 1
    kinds = [each.kind for each in done.plan.effects if each.subject == "s-1205"]
    assert kinds == ["stream_cancelled"]


def test_streams_that_are_past_or_of_another_season_stay_as_they_are() -> None:
    store, _ = published()
    before = standing(store, "s-1120")
    winter = replace(EDITION, season_id="winter", guides=())
    mine = (stream("w-1", "2026-12-20 20:00"), slots_of("w-1", 100))

    publish(draft(STREAMS[1:]), store=store, now=local("2026-11-21 12:00"))
    publish(draft([mine], winter), store=store, now=local("2026-11-21 13:00"))

    assert standing(store, "s-1120") == before
    assert standing(store, "s-1205").cancelled_at is None
    assert standing(store, "w-1").season_id == "winter"


def test_the_id_of_a_stream_of_another_season_is_refused_before_anything_is_written() -> None:
    store, _ = published()
    writes = list(store.writes)

    with pytest.raises(StreamTakenError, match=r"s-1120 \(autumn-2026\)"):
        publish(draft(edition=replace(EDITION, season_id="winter")), store=store, now=LATER)

    assert store.writes == writes


def test_streams_keep_the_zone_in_which_they_were_dated() -> None:
    store, _ = published()

    with pytest.raises(ZoneFixedError):
        publish(draft(edition=replace(EDITION, zone="Asia/Tokyo")), store=store, now=LATER)


def test_prices_of_the_file_and_states_of_the_shelf_go_together() -> None:
    store, _ = published()
    slot, _ = set_slot_state(PROGRAMME, "s-1120.p0", "on_shelf", store=store, now=NOW)
    cheaper = (STREAMS[0][0], slots_of("s-1120", 8800, 12900))

    done = publish(draft((cheaper, *STREAMS[1:])), store=store, now=LATER)

    stands = store.stored_slots[PROGRAMME, "s-1120"].slots[0]
    assert stands == replace(slot, price_fen=8800)
    (repriced,) = done.plan.effects
    assert (repriced.kind, repriced.before, repriced.after) == ("slot_repriced", 9900, 8800)


def test_a_slot_the_file_drops_is_withdrawn_and_comes_back_with_the_file() -> None:
    store, _ = published()
    less = (STREAMS[0][0], slots_of("s-1120", 9900))
    one = publish(draft((less, *STREAMS[1:])), store=store, now=LATER)

    gone = store.stored_slots[PROGRAMME, "s-1120"].slots[1]
    assert (gone.state, gone.listed) == ("withdrawn", False)
    assert standing(store, "s-1120").slot_count == 1
    assert [each.kind for each in one.plan.effects] == ["slot_withdrawn"]

    back = publish(draft(), store=store, now=LATER)
    assert store.stored_slots[PROGRAMME, "s-1120"].slots[1].state == "planned"
    assert [each.kind for each in back.plan.effects] == ["slot_back"]


def test_what_an_operator_withdrew_the_same_file_does_not_bring_back() -> None:
    store, _ = published()
    set_slot_state(PROGRAMME, "s-1120.p1", "withdrawn", store=store, now=NOW)

    done = publish(draft(), store=store, now=LATER)

    assert store.stored_slots[PROGRAMME, "s-1120"].slots[1].state == "withdrawn"
    assert not done.changed


def test_a_guide_that_changes_gets_a_revision_and_one_that_goes_leaves_its_end_page() -> None:
    store, _ = published()
    shorter = replace(GUIDE, rows=GUIDE.rows[:1])
    publish(draft(edition=replace(EDITION, guides=(shorter,))), store=store, now=LATER)
    edition = store.edition(PROGRAMME)
    assert edition is not None
    assert [(each.at, each.note) for each in edition.guides[0].revisions] == [
        (LATER, "移除 1 个商品")
    ]

    done = publish(draft(edition=replace(EDITION, guides=())), store=store, now=LATER)

    edition = store.edition(PROGRAMME)
    assert edition is not None
    (stub,) = edition.guides
    assert (stub.enabled, stub.ended_text, stub.rows) == (False, "清单已下线", ())
    assert [each.kind for each in done.plan.effects] == ["guide_removed"]
    assert not publish(draft(edition=replace(EDITION, guides=())), store=store, now=LATER).changed


def test_a_block_that_the_file_drops_is_gone_for_members_and_comes_back_with_the_file() -> None:
    store, _ = published()
    without = draft(edition=replace(EDITION, blocks=BLOCKS[:1]))

    gone = publish(without, store=store, now=LATER)

    assert [(each.kind, each.subject) for each in gone.plan.effects] == [
        ("block_removed", "double")
    ]
    assert gone.plan.after.edition is not None
    stub = gone.plan.after.edition.blocks[-1]
    assert (stub.block_id, stub.enabled, stub.ended_text) == ("double", False, "活动已结束")
    assert not publish(without, store=store, now=LATER).changed
    back = publish(draft(), store=store, now=LATER)
    assert [(each.kind, each.subject) for each in back.plan.effects] == [("block_added", "double")]
    edition = store.edition(PROGRAMME)
    assert edition is not None
    assert edition.blocks == BLOCKS


def test_the_feed_never_gets_an_address_back_that_was_withdrawn() -> None:
    store, _ = published()
    publish(draft(edition=replace(EDITION, feed_generation=3)), store=store, now=LATER)

    publish(draft(), store=store, now=LATER)

    edition = store.edition(PROGRAMME)
    assert edition is not None
    assert edition.feed_generation == 3


def test_a_month_a_command_has_just_listed_stays_listed_though_nothing_stands_in_it_yet() -> None:
    store, _ = published()
    edition = store.edition(PROGRAMME)
    assert edition is not None
    listed = (*edition.months, "2027-01")
    store.publish(replace(edition, version=2, months=listed))

    publish(draft(edition=replace(EDITION, title="新")), store=store, now=LATER)

    after = store.edition(PROGRAMME)
    assert after is not None
    assert (after.version, after.months) == (3, listed)


def test_a_price_that_the_file_changes_is_an_update_of_the_guides_that_show_it() -> None:
    store, _ = published()
    cheaper = (STREAMS[0][0], slots_of("s-1120", 8800, 12900))
    other = (STREAMS[0][0], slots_of("s-1120", 8800, 11900))

    publish(draft((cheaper, *STREAMS[1:])), store=store, now=LATER)
    publish(draft((other, *STREAMS[1:])), store=store, now=LATER)

    edition = store.edition(PROGRAMME)
    assert edition is not None
    assert [(each.at, each.note) for each in edition.guides[0].revisions] == [
        (LATER, "更新 1 个商品")
    ]


def test_products_in_another_order_are_told() -> None:
    store, _ = published()
    turned = (STREAMS[0][0], STREAMS[0][1][::-1])

    done = publish(draft((turned, *STREAMS[1:])), store=store, now=LATER)

    assert [(each.kind, each.subject) for each in done.plan.effects] == [("slot_order", "s-1120")]
