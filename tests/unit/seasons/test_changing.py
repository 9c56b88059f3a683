"""Commands on single streams and slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from huixue.kernel.errors import NotFoundError
from huixue.seasons.changing import (
    FURTHEST,
    MAX_TRIES,
    MOVES,
    SlotStateError,
    StreamStateError,
    begin,
    cancel,
    finish,
    move,
    restore,
    set_slot_state,
)
from huixue.seasons.model import (
    Month,
    SeasonChangedError,
    Slots,
    SlotState,
    expected_at,
    state_at,
)
from huixue.seasons.publishing import publish
from tests.unit.seasons.fakes import (
    NOW,
    PROGRAMME,
    STREAMS,
    MemorySeasons,
    draft,
    local,
    published,
    slots_of,
    standing,
)

LATER = NOW + timedelta(minutes=5)
NINE = local("2026-11-20 21:00")
STATES: tuple[SlotState, ...] = get_args(SlotState)


@pytest.fixture
def store() -> MemorySeasons:
    return published()[0]


def test_a_moved_stream_remembers_where_it_stood_and_takes_its_slots_along(
    store: MemorySeasons,
) -> None:
    before = standing(store, "s-1120")

    after, changed = move(PROGRAMME, "s-1120", NINE, "设备检修", store=store, now=LATER)

    assert changed
    assert after == standing(store, "s-1120")
    assert (after.starts_at, after.planned_starts_at) == (NINE, before.planned_starts_at)
    assert (after.rescheduled_from, after.reason) == ((before.starts_at,), "设备检修")
    assert (after.revision, after.changed_at) == (2, LATER)
    slot = store.stored_slots[PROGRAMME, "s-1120"].slots[1]
    assert expected_at(after, slot) == NINE + timedelta(minutes=5)


def test_moving_to_where_it_stands_is_no_change(store: MemorySeasons) -> None:
    writes = len(store.writes)

    there, changed = move(
        PROGRAMME, "s-1120", local("2026-11-20 20:00"), "又一次", store=store, now=LATER
    )

    assert (there, changed) == (standing(store, "s-1120"), False)
    assert len(store.writes) == writes


@pytest.mark.parametrize(
    ("starts", "month"),
    [
        ("2026-12-01 00:00", "2026-12"),
        ("2026-11-30 23:59", "2026-11"),
        ("2027-01-01 20:00", "2027-01"),
    ],
)
def test_a_stream_stands_in_the_business_month_of_its_zone(
    store: MemorySeasons, starts: str, month: str
) -> None:
    after, _ = move(PROGRAMME, "s-1120", local(starts), "", store=store, now=LATER)

    homes = [key[1] for key, each in store.stored_months.items() if after in each.streams]
    assert homes == [month]
    assert store.stored_slots[PROGRAMME, "s-1120"].month == month
    ids = [each.stream_id for of in store.stored_months.values() for each in of.streams]
    assert sorted(ids) == ["s-1120", "s-1128", "s-1205"]
    edition = store.edition(PROGRAMME)
    assert edition is not None
    assert month in edition.months


def test_a_stream_moves_there_and_back_across_months(store: MemorySeasons) -> None:
    move(PROGRAMME, "s-1120", local("2026-12-02 20:00"), "", store=store, now=LATER)

    back, changed = move(PROGRAMME, "s-1120", local("2026-11-20 20:00"), "", store=store, now=LATER)

    assert changed
    assert back.rescheduled_from == (local("2026-11-20 20:00"), local("2026-12-02 20:00"))
    assert store.stored_slots[PROGRAMME, "s-1120"].month == "2026-11"


def test_a_stream_is_cancelled_once(store: MemorySeasons) -> None:
    gone, changed = cancel(PROGRAMME, "s-1120", "主播生病", store=store, now=NOW)
    again, changed_again = cancel(PROGRAMME, "s-1120", "别的原因", store=store, now=LATER)

    assert (changed, changed_again) == (True, False)
    assert again == gone
    assert (gone.reason, gone.cancelled_at, gone.revision) == ("主播生病", NOW, 2)


def test_a_restored_stream_is_planned_again(store: MemorySeasons) -> None:
    cancel(PROGRAMME, "s-1120", "主播生病", store=store, now=NOW)

    back, changed = restore(PROGRAMME, "s-1120", store=store, now=LATER)

    assert (changed, state_at(back, LATER), back.reason, back.revision) == (True, "planned", "", 3)
    assert restore(PROGRAMME, "s-1120", store=store, now=LATER) == (back, False)


def test_a_stream_begins_and_ends_when_an_operator_says_so(store: MemorySeasons) -> None:
    early, late = local("2026-11-20 19:50"), local("2026-11-20 23:59")

    begun, _ = begin(PROGRAMME, "s-1120", store=store, now=early)
    assert begin(PROGRAMME, "s-1120", store=store, now=early + timedelta(1 / 24)) == (begun, False)
    ended, _ = finish(PROGRAMME, "s-1120", store=store, now=late)
    assert finish(PROGRAMME, "s-1120", store=store, now=late) == (ended, False)

    assert (ended.began_at, ended.finished_at, ended.revision) == (early, late, 3)
    assert [state_at(ended, at) for at in (early - timedelta(1), early, late)] == [
        "planned",
        "live",
        "ended",
    ]


@pytest.mark.parametrize(
    "refused",
    [
        lambda store: move(PROGRAMME, "s-1120", NOW, "", store=store, now=NOW),
        lambda store: move(
            PROGRAMME, "s-1120", NOW + FURTHEST + timedelta(minutes=1), "", store=store, now=NOW
        ),
        lambda store: move(
            PROGRAMME, "s-1120", datetime(9999, 12, 31, 20, tzinfo=UTC), "", store=store, now=NOW
        ),
        lambda store: move(PROGRAMME, "gone", NINE, "", store=store, now=NOW),
        lambda store: move(PROGRAMME, "begun", NINE, "", store=store, now=NOW),
        lambda store: move(
            PROGRAMME, "s-1120", NINE, "", store=store, now=local("2026-11-22 20:00")
        ),
        lambda store: begin(PROGRAMME, "gone", store=store, now=NOW),
        lambda store: begin(PROGRAMME, "s-1128", store=store, now=NOW),
        lambda store: begin(PROGRAMME, "s-1120", store=store, now=local("2026-11-21 08:00")),
        lambda store: finish(PROGRAMME, "s-1120", store=store, now=NOW),
        lambda store: finish(PROGRAMME, "gone", store=store, now=NOW),
        lambda store: cancel(PROGRAMME, "s-1120", "", store=store, now=local("2026-11-21 08:00")),
        lambda store: set_slot_state(PROGRAMME, "gone.p0", "on_shelf", store=store, now=NOW),
    ],
)
def test_what_a_state_does_not_allow_is_refused_and_writes_nothing(
    refused: Callable[[MemorySeasons], object],
) -> None:
    streams = [
        (replace(STREAMS[0][0], stream_id=each), slots_of(each, 100)) for each in ("gone", "begun")
    ]
    store = MemorySeasons()
    publish(draft((*STREAMS, *streams)), store=store, now=NOW)
    cancel(PROGRAMME, "gone", "", store=store, now=NOW)
    begin(PROGRAMME, "begun", store=store, now=NOW)
    writes = len(store.writes)

    with pytest.raises(StreamStateError) as error:
        refused(store)

    assert str(error.value.facts["stream_id"]) in str(error.value)
    assert len(store.writes) == writes


def test_a_stream_late_by_the_clock_alone_can_still_be_moved(store: MemorySeasons) -> None:
    late = local("2026-11-20 20:20")

    after, changed = move(PROGRAMME, "s-1120", NINE, "晚点", store=store, now=late)

    assert changed
    assert state_at(after, late) == "planned"


@pytest.mark.parametrize(
    "asked",
    [
        lambda store: cancel(PROGRAMME, "nothing", "", store=store, now=NOW),
        lambda store: cancel(PROGRAMME, "", "", store=store, now=NOW),
        lambda store: cancel("other", "s-1120", "", store=store, now=NOW),
        lambda store: cancel(PROGRAMME, "x" * 3000, "", store=store, now=NOW),
        lambda store: set_slot_state(PROGRAMME, "s-1120.p9", "on_shelf", store=store, now=NOW),
        lambda store: set_slot_state(PROGRAMME, "s-1120", "on_shelf", store=store, now=NOW),
    ],
)
def test_what_is_not_there_is_not_found(
    store: MemorySeasons, asked: Callable[[MemorySeasons], object]
) -> None:
    with pytest.raises(NotFoundError):
        asked(store)


def in_state(state: SlotState) -> MemorySeasons:
    """A store whose slot `s-1120.p0` is in this state."""
    store, _ = published()
    slots = store.stored_slots[PROGRAMME, "s-1120"]
    there = (replace(slots.slots[0], state=state), *slots.slots[1:])
    store.stored_slots[PROGRAMME, "s-1120"] = replace(slots, slots=there)
    return store


@pytest.mark.parametrize(("before", "after"), list(product(STATES, STATES)))
def test_slots_change_by_the_table(before: SlotState, after: SlotState) -> None:
    store = in_state(before)

    try:
        slot, changed = set_slot_state(PROGRAMME, "s-1120.p0", after, store=store, now=LATER)
    except SlotStateError:
        assert after not in MOVES[before]
        return

    assert after == before or after in MOVES[before]
    assert (slot.state, changed) == (after, after != before)
    assert store.stored_slots[PROGRAMME, "s-1120"].slots[0] == slot


def test_a_slot_remembers_when_it_went_on_the_shelf_first(store: MemorySeasons) -> None:
    states: tuple[SlotState, ...] = ("on_shelf", "sold_out", "on_shelf")

    for minute, state in enumerate(states):
        at = NOW + timedelta(minutes=minute)
        slot, _ = set_slot_state(PROGRAMME, "s-1120.p0", state, store=store, now=at)

    assert slot.shelved_at == NOW
    slots = store.stored_slots[PROGRAMME, "s-1120"]
    assert (slots.revision, slots.changed_at) == (4, NOW + timedelta(minutes=2))


def test_a_withdrawn_slot_is_not_counted_and_its_stream_keeps_its_revision(
    store: MemorySeasons,
) -> None:
    set_slot_state(PROGRAMME, "s-1120.p0", "withdrawn", store=store, now=LATER)

    assert standing(store, "s-1120").slot_count == 1
    assert standing(store, "s-1120").revision == 1
    assert store.writes[-1] == (("2026-11",), ("s-1120",))

    set_slot_state(PROGRAMME, "s-1120.p0", "planned", store=store, now=LATER)
    assert standing(store, "s-1120").slot_count == 2


def test_what_the_file_dropped_no_command_brings_back(store: MemorySeasons) -> None:
    less = (STREAMS[0][0], slots_of("s-1120", 9900))
    publish(draft((less, *STREAMS[1:])), store=store, now=NOW)

    with pytest.raises(SlotStateError, match="the file dropped it"):
        set_slot_state(PROGRAMME, "s-1120.p1", "planned", store=store, now=LATER)


class Contended(MemorySeasons):
    """Somebody else is faster the first few times."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses

    def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        if self.losses > 0 and self.editions:
            self.losses -= 1
            raise SeasonChangedError("another revision")
        super().write(programme_id, months, slots)


def test_a_command_that_lost_tries_again_a_few_times() -> None:
    store, _ = published(Contended(MAX_TRIES - 1))
    assert cancel(PROGRAMME, "s-1120", "", store=store, now=NOW)[1]

    store, _ = published(Contended(MAX_TRIES))
    with pytest.raises(SeasonChangedError):
        cancel(PROGRAMME, "s-1120", "", store=store, now=NOW)
