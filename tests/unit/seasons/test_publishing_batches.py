"""A publication in its transactions: one that dies, one that meets others, one that is large."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from huixue.seasons.changing import cancel
from huixue.seasons.model import Month, SeasonChangedError, SeasonTooLargeError, Slots, Stream
from huixue.seasons.ports import MAX_PARTS
from huixue.seasons.publishing import (
    batches,
    planned,
    publish,
)
from huixue.seasons.standing import Before
from tests.unit.seasons.fakes import (
    NOW,
    PROGRAMME,
    STREAMS,
    MemorySeasons,
    draft,
    local,
    published,
    standing,
    stream,
)

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize("lived", [0, 1, 2])
def test_a_publication_that_died_goes_on_where_it_stopped(lived: int) -> None:
    class Dying(MemorySeasons):
        def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
            if len(self.writes) == lived:
                raise ConnectionError
            super().write(programme_id, months, slots)

        def publish(self, edition: object) -> None:
            raise ConnectionError

    dying, whole = Dying(), published()[0]
    with pytest.raises(ConnectionError):
        publish(draft(), store=dying, now=NOW)
    alive = MemorySeasons()
    alive.stored_months, alive.stored_slots = dying.stored_months, dying.stored_slots
    for month in alive.stored_months.values():
        for each in month.streams:
            assert alive.stored_slots[PROGRAMME, each.stream_id].month == month.month

    publish(draft(), store=alive, now=NOW)

    assert (alive.stored_months, alive.stored_slots) == (whole.stored_months, whole.stored_slots)
    assert alive.editions == whole.editions


def test_a_change_between_reading_and_writing_stops_the_publication() -> None:
    store, _ = published()

    class Raced(MemorySeasons):
        def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
            cancel(PROGRAMME, "s-1120", "", store=store, now=NOW)
            store.write(programme_id, months, slots)

    raced = Raced()
    raced.editions, raced.stored_slots = store.editions, store.stored_slots
    raced.stored_months = dict(store.stored_months)
    retitled = (replace(STREAMS[0][0], title="新名字"), STREAMS[0][1])

    with pytest.raises(SeasonChangedError):
        publish(draft((retitled, *STREAMS[1:])), store=raced, now=LATER)

    assert standing(store, "s-1120").title == STREAMS[0][0].title


def many(count: int, month: str = "2026-11") -> list[tuple[Stream, tuple[()]]]:
    return [(stream(f"m{n}", f"{month}-{n % 28 + 1:02} 20:00"), ()) for n in range(count)]


def test_more_slots_than_one_transaction_holds_come_before_their_month() -> None:
    store = MemorySeasons()

    publish(draft(many(250)), store=store, now=local("2026-10-01 00:00"))

    sizes = [len(months) + len(slots) for months, slots in store.writes]
    assert sizes == [100, 51, 100]
    assert [months for months, _ in store.writes] == [(), (), ("2026-11",)]
    assert len(store.stored_slots) == 250


def test_more_moves_between_months_than_one_transaction_holds_are_refused_whole() -> None:
    at = local("2026-10-01 00:00")
    there = planned(draft(many(MAX_PARTS)), Before(), at).after

    moves = planned(draft(many(MAX_PARTS, "2026-12")), there, at)

    with pytest.raises(SeasonTooLargeError, match="move fewer"):
        list(batches(moves))


def test_months_linked_by_moves_are_one_transaction_and_others_their_own() -> None:
    at = local("2026-08-01 00:00")
    months = ("2026-09", "2026-10", "2026-11", "2026-12")
    first = [(stream(f"m{n}", f"{month}-05 20:00"), ()) for n, month in enumerate(months)]
    there = planned(draft(first), Before(), at).after
    second = [(stream(f"m{n}", f"{month}-06 20:00"), ()) for n, month in enumerate(months)]
    second[0] = (stream("m0", "2026-10-07 20:00"), ())

    written = list(batches(planned(draft(second), there, at)))

    assert [[each.month for each in months] for months, _ in written] == [
        ["2026-09", "2026-10"],
        ["2026-11"],
        ["2026-12"],
    ]
    assert [[each.stream_id for each in slots] for _, slots in written] == [["m0"], [], []]
