"""What a publication finds: read whole, and followed or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest
from msgspec.structs import replace

from huixue.seasons.changing import finish, move
from huixue.seasons.drafts import SeasonDraft
from huixue.seasons.model import SeasonChangedError, SeasonTooLargeError, Slots
from huixue.seasons.publishing import preview, publish
from huixue.seasons.standing import StreamOverError, standing
from tests.unit.seasons import fakes
from tests.unit.seasons.fakes import (
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
    stream,
)

OVER = local("2026-11-22 12:00")
AGAIN = local("2026-12-04 20:00")


class Raced(MemorySeasons):
    """Somebody does something before every reading of slots, as long as there is something to do."""

    def __init__(self, of: MemorySeasons, *does: Callable[[MemorySeasons], object]) -> None:
        super().__init__()
        self.of = of
        self.editions, self.writes = of.editions, of.writes
        self.stored_months, self.stored_slots = of.stored_months, of.stored_slots
        self.does = list(does)

    def slots(
        self, programme_id: str, stream_ids: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Slots]:
        if self.does:
            self.does.pop()(self.of)
        return super().slots(programme_id, stream_ids, consistent=consistent)


def moved_to(day: int) -> Callable[[MemorySeasons], object]:
    def command(store: MemorySeasons) -> object:
        at = local(f"2026-12-{day:02} 20:00")
        return move(PROGRAMME, "s-1128", at, "改期", store=store, now=NOW)

    return command


@pytest.mark.parametrize("price_fen", [5900, 1])
def test_a_stream_that_moves_to_another_month_while_it_is_read_is_found_whole(
    price_fen: int,
) -> None:
    store = Raced(published()[0], moved_to(3))
    other = (STREAMS[1][0], slots_of("s-1128", price_fen, 7900))

    publish(draft((STREAMS[0], other, STREAMS[2])), store=store, now=NOW)

    slots = store.stored_slots[PROGRAMME, "s-1128"]
    assert (slots.month, slots.slots[0].price_fen) == ("2026-12", price_fen)
    assert fakes.standing(store, "s-1128").starts_at == local("2026-12-03 20:00")


def test_a_season_that_changes_faster_than_it_is_read_is_given_up() -> None:
    store = Raced(published()[0], *(moved_to(day) for day in range(3, 20)))

    with pytest.raises(SeasonChangedError, match="all the time"):
        standing(draft(), store)


def test_a_new_season_reads_no_slots() -> None:
    assert standing(draft(()), MemorySeasons()).slots == {}


def again(at: str) -> SeasonDraft:
    return draft(((stream("s-1120", at), STREAMS[0][1]), *STREAMS[1:]))


def test_a_stream_that_is_over_gives_its_id_to_no_other_start() -> None:
    store, _ = published()
    writes = list(store.writes)

    with pytest.raises(StreamOverError, match="s-1120; give the new ones ids") as refused:
        publish(again("2026-12-04 20:00"), store=store, now=OVER)

    assert refused.value.stream_ids == ("s-1120",)
    assert store.writes == writes
    assert not publish(draft(), store=store, now=OVER).changed


def test_a_stream_that_was_ended_by_hand_is_over_and_one_moved_before_may_be_taken_over() -> None:
    store, _ = published()
    at = local("2026-11-20 19:00")
    move(PROGRAMME, "s-1120", at, "提前", store=store, now=NOW)
    finish(PROGRAMME, "s-1120", store=store, now=at + timedelta(hours=1))
    now = at + timedelta(hours=1, seconds=1)

    with pytest.raises(StreamOverError):
        preview(again("2026-11-20 21:00"), store=store, now=now)

    assert publish(again("2026-11-20 19:00"), store=store, now=now).changed


def long(chars: int) -> str:
    """Not to be deflated much: about two bytes for each."""
    return "".join(map(chr, Random(chars).choices(range(0x4E00, 0x9FA5), k=chars)))


def test_what_is_too_large_to_be_stored_is_refused_by_the_preview_already() -> None:
    wordy = replace(EDITION, guides=(replace(GUIDE, body=(long(190_001),)),))
    names = (replace(STREAMS[0][0], theme=long(190_002)), STREAMS[0][1])
    goods = (STREAMS[0][0], (replace(STREAMS[0][1][0], title=long(190_003)),))

    for drafted, what in (
        (draft(edition=wordy), "home page and guides: "),
        (draft((names, *STREAMS[1:])), "streams of 2026-11: "),
        (draft((goods, *STREAMS[1:]), replace(EDITION, guides=())), "slots of s-1120: "),
    ):
        store = MemorySeasons()
        with pytest.raises(SeasonTooLargeError, match=what):
            preview(drafted, store=store, now=NOW)
        with pytest.raises(SeasonTooLargeError):
            publish(drafted, store=store, now=NOW)
        assert (store.writes, store.editions) == ([], {})


def test_what_is_too_much_for_one_transaction_is_refused_by_the_preview() -> None:
    title = long(100_000)
    streams = [
        (stream(f"s{n}", "2026-11-28 20:00"), (replace(*slots_of(f"s{n}", 1), title=title),))
        for n in range(24)
    ]

    with pytest.raises(SeasonTooLargeError, match="at once"):
        preview(draft(streams, replace(EDITION, guides=())), store=MemorySeasons(), now=NOW)
