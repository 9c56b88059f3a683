"""Seasons on real tables: the store's contract, which the one in memory keeps as well."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from huixue.dynamodb.database import Database
from huixue.seasons.changing import move, set_slot_state
from huixue.seasons.model import Month, SeasonChangedError, SeasonTooLargeError, Slots
from huixue.seasons.ports import SeasonStore
from huixue.seasons.publishing import publish
from huixue.seasons.store import DynamoDbSeasons
from tests.engines.tables import TableNames
from tests.stores.season_places import assert_sound, standing
from tests.unit.seasons.fakes import (
    EDITION,
    NOW,
    PROGRAMME,
    STREAMS,
    MemorySeasons,
    draft,
    local,
)

exact = pytest.mark.exact_engines
LATER = NOW + timedelta(hours=1)
NOVEMBER = Month(month="2026-11", streams=(STREAMS[0][0],), revision=1)
SLOTS = Slots(stream_id="s-1120", month="2026-11", slots=STREAMS[0][1], revision=1, changed_at=NOW)


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> DynamoDbSeasons:
    return DynamoDbSeasons(Database(dynamodb), tables.seasons)


@pytest.fixture(params=["table", "memory"])
def any_store(store: DynamoDbSeasons, request: pytest.FixtureRequest) -> SeasonStore:
    """Both keep one contract, so that unit tests on the one tell of the other."""
    return MemorySeasons() if request.param == "memory" else store


def test_what_was_never_written_is_not_there(any_store: SeasonStore) -> None:
    assert any_store.edition(PROGRAMME) is None
    assert any_store.edition_version(PROGRAMME, 1) is None
    assert any_store.months(PROGRAMME, ["2026-11"]) == {}
    assert any_store.all_months(PROGRAMME) == {}
    assert any_store.slots(PROGRAMME, ["s-1120"]) == {}


def test_what_was_written_is_read_back_whole(any_store: SeasonStore) -> None:
    december = Month(month="2026-12", revision=1)

    any_store.write(PROGRAMME, [NOVEMBER, december], [SLOTS])

    assert any_store.months(PROGRAMME, ["2026-12", "2026-11", "2027-01"]) == {
        "2026-11": NOVEMBER,
        "2026-12": december,
    }
    assert any_store.months(PROGRAMME, ["2026-11"], consistent=True) == {"2026-11": NOVEMBER}
    assert list(any_store.all_months(PROGRAMME)) == ["2026-11", "2026-12"]
    assert list(any_store.months_from(PROGRAMME, "2026-11")) == ["2026-11", "2026-12"]
    assert any_store.months_from(PROGRAMME, "2026-12") == {"2026-12": december}
    assert any_store.months_from(PROGRAMME, "2027-01") == {}
    assert any_store.slots(PROGRAMME, ["s-1120", "gone"]) == {"s-1120": SLOTS}
    assert any_store.months("other", ["2026-11"]) == {}


def test_months_far_apart_are_read_all_the_same(any_store: SeasonStore) -> None:
    wanted = [Month(month=each, revision=1) for each in ("2024-01", "2026-11", "2030-12")]
    any_store.write(PROGRAMME, wanted, [])

    found = any_store.months(PROGRAMME, ["2030-12", "2024-01", "2026-11"])

    assert found == {each.month: each for each in wanted}


@pytest.mark.parametrize("revision", [1, 3])
def test_a_part_that_is_not_as_it_was_read_stops_the_whole_write(
    any_store: SeasonStore, revision: int
) -> None:
    any_store.write(PROGRAMME, [NOVEMBER], [SLOTS])
    other = replace(NOVEMBER, streams=(), revision=revision)

    with pytest.raises(SeasonChangedError):
        any_store.write(PROGRAMME, [other, Month(month="2026-12", revision=1)], [])

    assert any_store.all_months(PROGRAMME) == {"2026-11": NOVEMBER}
    any_store.write(PROGRAMME, [replace(other, revision=2)], [])
    assert any_store.all_months(PROGRAMME)["2026-11"].streams == ()


def test_a_write_that_read_an_older_revision_is_stopped(any_store: SeasonStore) -> None:
    for revision in (1, 2, 3):
        any_store.write(PROGRAMME, [replace(NOVEMBER, revision=revision)], [])

    for late in (1, 2, 3):
        with pytest.raises(SeasonChangedError):
            any_store.write(PROGRAMME, [replace(NOVEMBER, streams=(), revision=late)], [])

    assert any_store.all_months(PROGRAMME)["2026-11"].revision == 3


def test_a_write_whose_reply_was_lost_reads_as_done(any_store: SeasonStore) -> None:
    any_store.write(PROGRAMME, [NOVEMBER], [SLOTS])

    any_store.write(PROGRAMME, [NOVEMBER], [SLOTS])

    assert any_store.all_months(PROGRAMME) == {"2026-11": NOVEMBER}


@pytest.mark.parametrize("parts", [0, 101])
def test_a_transaction_has_one_to_a_hundred_parts(any_store: SeasonStore, parts: int) -> None:
    months = [Month(month=f"2{n:03}-01", revision=1) for n in range(parts)]

    with pytest.raises(ValueError, match="parts"):
        any_store.write(PROGRAMME, months, [])


def test_more_bytes_than_one_transaction_takes_are_refused_whole(store: DynamoDbSeasons) -> None:
    random = Random(1)
    long = [
        replace(
            SLOTS,
            stream_id=f"s{n}",
            slots=tuple(
                replace(each, title=random.randbytes(120_000).hex()) for each in SLOTS.slots[:1]
            ),
        )
        for n in range(34)
    ]

    with pytest.raises(SeasonTooLargeError, match="would change at once"):
        store.write(PROGRAMME, [], long)

    assert store.slots(PROGRAMME, ["s0"]) == {}


def test_editions_come_one_after_the_other_and_every_one_is_kept(any_store: SeasonStore) -> None:
    first = replace(EDITION, version=1, published_at=NOW)
    second = replace(EDITION, version=2, published_at=LATER, title="冬季")
    any_store.publish(first)
    any_store.publish(second)

    for version in (1, 2, 4):
        with pytest.raises(SeasonChangedError):
            any_store.publish(replace(EDITION, version=version, title="别的"))

    assert any_store.edition(PROGRAMME) == second
    assert any_store.edition_version(PROGRAMME, 1) == first
    assert any_store.edition_version(PROGRAMME, 4) is None


@exact
def test_a_season_is_published_moved_and_published_again(store: DynamoDbSeasons) -> None:
    publish(draft(), store=store, now=NOW)
    moved, _ = move(PROGRAMME, "s-1120", local("2026-12-01 00:00"), "", store=store, now=NOW)
    set_slot_state(PROGRAMME, "s-1120.p0", "on_shelf", store=store, now=NOW)

    again = publish(draft(), store=store, now=LATER)

    assert not again.changed
    assert standing(store, "s-1120") == moved
    assert store.slots(PROGRAMME, ["s-1120"])["s-1120"].slots[0].state == "on_shelf"
    assert_sound(store)
