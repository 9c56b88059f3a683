"""Publishers and commands that meet or die, on exact engines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from huixue.dynamodb.database import Database
from huixue.kernel.errors import HuixueError
from huixue.seasons.changing import cancel, move, set_slot_state
from huixue.seasons.instants import streams_of
from huixue.seasons.model import Edition, Month, SeasonChangedError, Slots
from huixue.seasons.publishing import Published, publish
from huixue.seasons.store import DynamoDbSeasons
from tests.engines.tables import TableNames
from tests.stores.season_places import assert_sound, at_once, everything, standing
from tests.unit.seasons.fakes import (
    EDITION,
    NOW,
    PROGRAMME,
    STREAMS,
    MemorySeasons,
    draft,
    local,
    slots_of,
    stream,
)

exact = pytest.mark.exact_engines
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> DynamoDbSeasons:
    return DynamoDbSeasons(Database(dynamodb), tables.seasons)


@exact
def test_of_publishers_at_once_one_wins_whole_and_the_others_go_on_after_it(
    store: DynamoDbSeasons,
) -> None:
    publish(draft(), store=store, now=NOW)
    drafts = []
    for n in range(4):
        streams = [(replace(each, title=f"{n}"), slots) for each, slots in STREAMS]
        drafts.append(draft(streams, replace(EDITION, title=f"第{n}版")))

    came_to = at_once([lambda each=each: publish(each, store=store, now=LATER) for each in drafts])  # type: ignore[misc]  # its own draft each

    won = [each for each in came_to if isinstance(each, Published)]
    assert all(isinstance(each, Published | SeasonChangedError) for each in came_to)
    assert_sound(store)
    for each in store.all_months(PROGRAMME).values():
        assert len({stream.title for stream in each.streams}) == 1
    publish(drafts[0], store=store, now=LATER)
    assert {each.title for each in streams_of(store.all_months(PROGRAMME))} == {"0"}
    assert len(won) <= len(drafts)
    assert not publish(drafts[0], store=store, now=LATER).changed


@exact
def test_a_publication_that_meets_moves_loses_none_of_them(store: DynamoDbSeasons) -> None:
    publish(draft(), store=store, now=NOW)
    times = [local(f"2026-{month}-25 20:00") for month in ("11", "12")]
    retitled = draft([(replace(each, title="新"), slots) for each, slots in STREAMS])

    def moving() -> object:
        for n in range(8):
            done = move(PROGRAMME, "s-1128", times[n % 2], "", store=store, now=NOW)
        return done

    def publishing() -> object:
        for _ in range(20):
            try:
                return publish(retitled, store=store, now=LATER)
            except SeasonChangedError:
                continue
        return None

    def shelving() -> object:
        return set_slot_state(PROGRAMME, "s-1128.p0", "on_shelf", store=store, now=NOW)

    came_to = at_once([moving, publishing, shelving])

    assert not [each for each in came_to if isinstance(each, HuixueError)]
    after = standing(store, "s-1128")
    assert (after.starts_at, after.title) == (times[1], "新")
    assert len(after.rescheduled_from) == 8
    assert store.slots(PROGRAMME, ["s-1128"])["s-1128"].slots[0].state == "on_shelf"
    assert_sound(store)


@exact
def test_cancelled_by_many_at_once_it_is_cancelled_once(store: DynamoDbSeasons) -> None:
    publish(draft(), store=store, now=NOW)

    came_to = at_once(
        [lambda: cancel(PROGRAMME, "s-1120", "", store=store, now=NOW) for _ in range(6)]
    )

    assert {isinstance(each, tuple) for each in came_to} == {True}
    assert standing(store, "s-1120").revision == 2


class Died(Exception):
    """The process ends here."""


@pytest.mark.parametrize("lives_for", [0, 1, 2])
def test_a_publication_that_dies_between_months_goes_on_when_run_again(
    store: DynamoDbSeasons, lives_for: int
) -> None:
    class Dying(DynamoDbSeasons):
        lives = lives_for

        def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
            if self.lives == 0:
                raise Died
            self.lives -= 1
            super().write(programme_id, months, slots)

        def publish(self, edition: Edition) -> None:
            raise Died

    dying = Dying(store._database, store._table)
    with pytest.raises(Died):
        publish(draft(), store=dying, now=NOW)
    for key, month in store.all_months(PROGRAMME).items():
        slots = store.slots(PROGRAMME, [each.stream_id for each in month.streams])
        assert {each.month for each in slots.values()} == {key}
        assert len(slots) == len(month.streams)

    publish(draft(), store=store, now=NOW)

    whole = MemorySeasons()
    publish(draft(), store=whole, now=NOW)
    assert everything(store) == everything(whole)
    assert_sound(store)


@exact
def test_more_slots_than_one_transaction_holds_are_all_written(store: DynamoDbSeasons) -> None:
    streams = [
        (stream(f"m{n}", f"2026-11-{n % 30 + 1:02} 20:00"), slots_of(f"m{n}", 100))
        for n in range(150)
    ]

    publish(draft(streams), store=store, now=NOW - timedelta(30))

    assert len(store.all_months(PROGRAMME)["2026-11"].streams) == 150
    assert_sound(store)
