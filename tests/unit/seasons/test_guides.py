"""Guides joined with the slots they name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from huixue.kernel.errors import NotFoundError
from huixue.seasons.changing import move, set_slot_state
from huixue.seasons.guides import GuideView, guide_at, guides_at, streams_of_guide
from huixue.seasons.instants import content_state
from huixue.seasons.model import Edition, Revision
from tests.unit.seasons.fakes import (
    EDITION,
    GUIDE,
    NOW,
    PROGRAMME,
    MemorySeasons,
    local,
    published,
    standing,
)

LATER = NOW + timedelta(hours=8)
TICK = timedelta(microseconds=1)


def view(store: MemorySeasons, now: object = LATER) -> GuideView:
    edition = store.edition(PROGRAMME)
    assert edition is not None
    streams = [standing(store, each) for each in streams_of_guide(GUIDE)]
    slots = store.slots(PROGRAMME, [each.stream_id for each in streams])
    return guide_at(edition, "double-eleven", streams, slots, LATER)


def guides(*windows: tuple[str, str | None, str | None]) -> Edition:
    made = [
        replace(
            GUIDE,
            guide_id=guide_id,
            rows=(),
            starts_at=None if starts is None else local(starts),
            ends_at=None if ends is None else local(ends),
        )
        for guide_id, starts, ends in windows
    ]
    return replace(EDITION, guides=tuple(made))


def test_a_row_shows_price_time_and_state_of_its_slot() -> None:
    store, _ = published()

    seen = view(store)

    assert [each.row for each in seen.rows] == list(GUIDE.rows)
    second = seen.rows[1]
    assert (second.slot.price_fen, second.expected_at) == (7900, local("2026-11-28 20:05"))
    assert (seen.state, seen.rows[0].stream_state) == ("open", "live")
    assert seen.updated_at == NOW


def test_what_happens_to_a_slot_or_its_stream_shows_in_the_guide_at_once() -> None:
    store, _ = published()

    set_slot_state(PROGRAMME, "s-1128.p1", "on_shelf", store=store, now=NOW + timedelta(hours=1))
    assert view(store).rows[1].slot.state == "on_shelf"
    assert view(store).updated_at == NOW + timedelta(hours=1)

    move(
        PROGRAMME, "s-1128", local("2026-12-03 20:00"), "", store=store,
        now=NOW + timedelta(hours=2),
    )  # fmt: skip
    assert view(store).rows[1].expected_at == local("2026-12-03 20:05")
    assert view(store).updated_at == NOW + timedelta(hours=2)


def test_a_revision_is_an_update_too() -> None:
    revised = replace(GUIDE, rows=(), revisions=(Revision(at=NOW, note="更新内容"),))
    page = replace(EDITION, guides=(revised,))

    seen = guide_at(page, GUIDE.guide_id, (), {}, LATER)

    assert (seen.updated_at, [each.note for each in seen.revisions]) == (NOW, ["更新内容"])


def test_a_guide_is_open_from_its_first_instant_until_before_its_last() -> None:
    starts, ends = local("2026-11-20 00:00"), local("2026-11-21 00:00")
    guide = replace(GUIDE, starts_at=starts, ends_at=ends)

    states = [content_state(guide, at) for at in (starts - TICK, starts, ends - TICK, ends)]

    assert states == ["not_yet", "open", "open", "ended"]
    assert content_state(replace(guide, enabled=False), starts) == "ended"


def test_a_guide_switched_off_shows_its_end_and_no_rows() -> None:
    store, _ = published()
    edition = store.edition(PROGRAMME)
    assert edition is not None
    off = replace(edition, guides=(replace(GUIDE, enabled=False),))

    seen = guide_at(off, GUIDE.guide_id, (), {}, LATER)

    assert (seen.state, seen.rows, seen.changes_at) == ("ended", (), None)
    assert seen.guide.ended_text == "清单已下线"


def test_the_list_has_open_guides_and_changes_with_any_window() -> None:
    page = guides(
        ("old", None, "2026-11-01 00:00"),
        ("open", "2026-11-01 00:00", "2026-11-30 00:00"),
        ("soon", "2026-11-25 00:00", None),
    )

    listed = guides_at(page, NOW)

    assert [each.guide.guide_id for each in listed.guides] == ["open"]
    assert listed.changes_at == local("2026-11-25 00:00")


def test_a_guide_changes_when_a_stream_of_its_rows_starts() -> None:
    store, _ = published()

    assert view(store).changes_at == standing(store, "s-1120").ends_at


def test_a_guide_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        guide_at(EDITION, "nothing", (), {}, NOW)
