"""Seasons on real tables: looked at whole, and changed by several at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from huixue.kernel.errors import HuixueError
from huixue.seasons.instants import streams_of
from huixue.seasons.model import Stream
from huixue.seasons.ports import SeasonStore
from tests.unit.seasons.fakes import PROGRAMME, STREAMS


def everything(store: SeasonStore) -> tuple[object, ...]:
    ids = [each.stream_id for each, _ in STREAMS]
    return (
        store.edition(PROGRAMME, consistent=True),
        store.all_months(PROGRAMME),
        store.slots(PROGRAMME, ids, consistent=True),
    )


def standing(store: SeasonStore, stream_id: str) -> Stream:
    found = streams_of(store.all_months(PROGRAMME))
    (stream,) = [each for each in found if each.stream_id == stream_id]
    return stream


def at_once(tasks: Sequence[Callable[[], object]]) -> list[object]:
    def done(task: Callable[[], object]) -> object:
        try:
            return task()
        except HuixueError as refusal:
            return refusal

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(done, tasks))


def assert_sound(store: SeasonStore) -> None:
    """Every stream stands once, in its month, and its slots know it."""
    months = store.all_months(PROGRAMME)
    ids = [each.stream_id for month in months.values() for each in month.streams]
    assert len(ids) == len(set(ids))
    slots = store.slots(PROGRAMME, ids, consistent=True)
    for key, month in months.items():
        assert all(slots[each.stream_id].month == key for each in month.streams)
    edition = store.edition(PROGRAMME, consistent=True)
    assert edition is not None
    assert {key for key, month in months.items() if month.streams} <= set(edition.months)
