"""Seasons as a warm function reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from huixue.kernel.errors import NotFoundError
from huixue.seasons.changing import cancel, move, set_slot_state
from huixue.seasons.guides import find_guide
from huixue.seasons.model import Month, SeasonNotFoundError
from huixue.seasons.use_cases import CACHE_LIFETIME_S, CachedSeasons
from tests.engines.clock import FrozenClock
from tests.unit.seasons.fakes import (
    NOW,
    PROGRAMME,
    MemorySeasons,
    local,
    published,
    standing,
)

LIFETIME = timedelta(seconds=CACHE_LIFETIME_S)
TICK = timedelta(microseconds=1)


class Reader:
    """A published season and a warm function that reads it."""

    def __init__(self) -> None:
        self.store, _ = published()
        self.clock = FrozenClock(NOW)
        self.seasons = CachedSeasons(self.store, self.clock)
        self.store.asked.clear()

    def asked(self) -> list[str]:
        asked, self.store.asked = self.store.asked, []
        return asked


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_an_edition_is_read_once_in_its_lifetime(reader: Reader) -> None:
    reader.seasons.edition(PROGRAMME)
    reader.clock.advance(LIFETIME - TICK)
    reader.seasons.edition(PROGRAMME)
    assert reader.asked() == ["edition"]

    reader.clock.advance(TICK)
    reader.seasons.edition(PROGRAMME)
    assert reader.asked() == ["edition"]


def test_a_clock_set_back_makes_nothing_live_longer(reader: Reader) -> None:
    reader.seasons.edition(PROGRAMME)
    reader.clock.advance(-timedelta(hours=1))

    reader.seasons.edition(PROGRAMME)

    assert reader.asked() == ["edition", "edition"]


def test_a_season_works_from_the_moment_it_is_published() -> None:
    store = MemorySeasons()
    seasons = CachedSeasons(store, FrozenClock(NOW))
    for programme_id in (PROGRAMME, "", "x" * 3000):
        with pytest.raises(SeasonNotFoundError):
            seasons.edition(programme_id)

    published(store)

    assert seasons.edition(PROGRAMME).version == 1


def test_the_zone_is_read_once_for_ever(reader: Reader) -> None:
    assert reader.seasons.zone(PROGRAMME) == "Asia/Shanghai"
    reader.clock.advance(timedelta(days=1))

    reader.seasons.zone(PROGRAMME)

    assert reader.asked() == ["edition"]
    with pytest.raises(SeasonNotFoundError):
        reader.seasons.zone("other")


def test_months_that_are_not_stored_are_empty_and_not_asked_for_again(reader: Reader) -> None:
    months = reader.seasons.months(PROGRAMME, ["2026-11", "2030-01"])

    assert months["2030-01"] == Month(month="2030-01")
    assert [each.stream_id for each in months["2026-11"].streams] == ["s-1120", "s-1128"]
    assert reader.seasons.months(PROGRAMME, ["2030-01", "2026-11"]) == months
    assert reader.asked() == ["months"]


def test_months_that_were_read_at_different_times_are_read_again_together(reader: Reader) -> None:
    reader.seasons.months(PROGRAMME, ["2026-11"])
    reader.clock.advance(TICK)
    reader.seasons.months(PROGRAMME, ["2026-12"])
    move(PROGRAMME, "s-1120", local("2026-12-03 20:00"), "", store=reader.store, now=NOW)
    reader.asked()

    reader.seasons.months(PROGRAMME, ["2026-11", "2026-12"])

    assert reader.asked() == ["months"]


def test_a_stream_comes_with_its_slots_and_both_are_kept(reader: Reader) -> None:
    stream, slots = reader.seasons.stream(PROGRAMME, "s-1205")

    assert (stream.stream_id, slots.stream_id, len(slots.slots)) == ("s-1205", "s-1205", 1)
    reader.seasons.stream(PROGRAMME, "s-1205")
    assert reader.asked() == ["slots", "months"]


@pytest.mark.parametrize("stream_id", ["nothing", "", "S", "x" * 3000])
def test_a_stream_that_is_not_there_is_not_found(reader: Reader, stream_id: str) -> None:
    with pytest.raises(NotFoundError):
        reader.seasons.stream(PROGRAMME, stream_id)


def test_a_stream_that_moved_to_another_month_is_found_though_caches_are_older(
    reader: Reader,
) -> None:
    reader.seasons.months(PROGRAMME, ["2026-11", "2026-12"])
    move(PROGRAMME, "s-1120", local("2026-12-03 20:00"), "", store=reader.store, now=NOW)

    stream, _ = reader.seasons.stream(PROGRAMME, "s-1120")
    assert stream.starts_at == local("2026-12-03 20:00")

    move(PROGRAMME, "s-1120", local("2027-01-03 20:00"), "", store=reader.store, now=NOW)
    reader.seasons.months(PROGRAMME, ["2026-12", "2027-01"])
    reader.clock.advance(LIFETIME - TICK)
    reader.seasons._months.pop((PROGRAMME, "2026-12"), None)
    stream, slots = reader.seasons.stream(PROGRAMME, "s-1120")
    assert (stream.starts_at, slots.month) == (local("2027-01-03 20:00"), "2027-01")


def test_a_stream_that_moved_is_found_though_an_eventual_reading_is_older() -> None:
    store, _ = published()

    class Behind(MemorySeasons):
        """Months as they were, but for consistent readings."""

        def months(
            self, programme_id: str, months: Sequence[str], *, consistent: bool = False
        ) -> Mapping[str, Month]:
            now = store.months(programme_id, months)
            return now if consistent else super().months(programme_id, months)

    behind = Behind()
    behind.editions, behind.stored_months = store.editions, dict(store.stored_months)
    behind.stored_slots = store.stored_slots
    move(PROGRAMME, "s-1128", local("2026-12-03 20:00"), "", store=store, now=NOW)
    behind.stored_slots = store.stored_slots

    stream, slots = CachedSeasons(behind, FrozenClock(NOW)).stream(PROGRAMME, "s-1128")

    assert (stream.starts_at, slots.month) == (local("2026-12-03 20:00"), "2026-12")


def test_months_from_one_on_are_what_is_stored_whatever_the_edition_in_memory_lists(
    reader: Reader,
) -> None:
    reader.seasons.edition(PROGRAMME)
    move(PROGRAMME, "s-1128", local("2027-02-03 20:00"), "", store=reader.store, now=NOW)
    reader.asked()

    found = reader.seasons.months_from(PROGRAMME, "2026-12")

    assert list(found) == ["2026-12", "2027-02"]
    assert [each.stream_id for each in found["2027-02"].streams] == ["s-1128"]
    assert reader.seasons.months_from(PROGRAMME, "2026-12") == found
    assert reader.asked() == ["months"]


def test_one_change_reaches_every_surface_within_the_lifetime(reader: Reader) -> None:
    def seen() -> tuple[object, ...]:
        months = reader.seasons.months(PROGRAMME, ["2026-11"])
        guide = reader.seasons.guide(PROGRAMME, "double-eleven", NOW)
        stream, slots = reader.seasons.stream(PROGRAMME, "s-1120")
        return (
            months["2026-11"].streams[0].cancelled_at,
            guide.rows[0].stream.cancelled_at,
            guide.rows[0].slot.state,
            stream.cancelled_at,
            slots.slots[0].state,
        )

    assert seen() == (None, None, "planned", None, "planned")
    set_slot_state(PROGRAMME, "s-1120.p0", "sold_out", store=reader.store, now=NOW)
    cancel(PROGRAMME, "s-1120", "", store=reader.store, now=NOW)

    reader.clock.advance(LIFETIME)

    assert seen() == (NOW, NOW, "sold_out", NOW, "sold_out")


def test_a_guide_reads_each_of_its_streams_once(reader: Reader) -> None:
    view = reader.seasons.guide(PROGRAMME, "double-eleven", NOW)

    assert len(view.rows) == 2
    assert reader.asked() == ["edition", "slots", "months"]
    with pytest.raises(NotFoundError):
        find_guide(reader.seasons.edition(PROGRAMME), "nothing")


def test_what_is_kept_is_bounded(reader: Reader) -> None:
    for year in range(2000, 2030):
        reader.seasons.months(PROGRAMME, [f"{year}-{month:02}" for month in range(1, 13)])

    assert len(reader.seasons._months) <= 256
    assert reader.seasons.stream(PROGRAMME, "s-1120")[0] == standing(reader.store, "s-1120")
