"""Streams and slots as operators see them: found by what they type, as facts, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from huixue.kernel.calendar import to_text
from huixue.kernel.errors import NotFoundError
from huixue.seasons.model import Slot, Slots, Stream, expected_at, is_id, state_at, stream_of_slot
from huixue.seasons.ports import SeasonStore
from infra.ops.season_differences import when, yuan


def found(store: SeasonStore, programme_id: str, stream_id: str) -> tuple[Stream, Slots]:
    """Raises NotFoundError."""
    known = store.slots(programme_id, [stream_id], consistent=True) if is_id(stream_id) else {}
    if stream_id in known:
        slots = known[stream_id]
        months = store.months(programme_id, [slots.month], consistent=True)
        for month in months.values():
            for stream in month.streams:
                if stream.stream_id == stream_id:
                    return stream, slots
    raise NotFoundError(f"there is no stream {stream_id} in {programme_id}")


def slot_id_of(store: SeasonStore, programme_id: str, named: str) -> str:
    """The id of a slot by its id or as `STREAM#3`, counted from 1 as `stream show` does. Raises NotFoundError."""
    stream_id, hash_sign, number = named.partition("#")
    _, slots = found(store, programme_id, stream_of_slot(stream_id))
    if hash_sign and "." not in stream_id:
        position = int(number) if number.isascii() and number.isdigit() else 0
        if not 1 <= position <= len(slots.slots):
            count = len(slots.slots)
            raise NotFoundError(f"{stream_id} has the slots {stream_id}#1 to {stream_id}#{count}")
        return slots.slots[position - 1].slot_id
    if all(each.slot_id != named for each in slots.slots):
        raise NotFoundError(f"{slots.stream_id} has no slot {named}")
    return named


def stream_facts(stream: Stream, now: datetime) -> dict[str, Any]:
    return {
        "stream_id": stream.stream_id, "season_id": stream.season_id, "title": stream.title,
        "theme": stream.theme, "state": state_at(stream, now), "starts_at": to_text(stream.starts_at),
        "ends_at": to_text(stream.ends_at), "planned_starts_at": to_text(stream.planned_starts_at),
        "rescheduled_from": [to_text(each) for each in stream.rescheduled_from],
        "reason": stream.reason, "hosts": list(stream.hosts), "platform": stream.platform,
        "room": stream.room_id, "slots": stream.slot_count, "revision": stream.revision,
    }  # fmt: skip


def slot_facts(slot: Slot) -> dict[str, Any]:
    return {
        "slot_id": slot.slot_id, "brand": slot.brand, "title": slot.title, "state": slot.state,
        "price_fen": slot.price_fen, "list_price_fen": slot.list_price_fen,
        "shelved_at": None if slot.shelved_at is None else to_text(slot.shelved_at),
    }  # fmt: skip


def whole_facts(
    stream: Stream, slots: Slots, numbered: Sequence[tuple[int, str]], now: datetime
) -> dict[str, Any]:
    by_id = {each.slot_id: each for each in slots.slots}
    listed = [
        {
            "number": number, **slot_facts(by_id[slot_id]),
            "expected_at": to_text(expected_at(stream, by_id[slot_id])),
        }
        for number, slot_id in numbered
    ]  # fmt: skip
    return {**stream_facts(stream, now), "slots": listed}


def stream_sentence(stream: Stream, zone: ZoneInfo, now: datetime) -> str:
    name = f"{stream.stream_id} {stream.title}"
    state = state_at(stream, now)
    if state == "cancelled":
        reason = f": {stream.reason}" if stream.reason else ""
        return f"{name} on {when(stream.starts_at, zone)} is cancelled{reason}."
    if state == "planned":
        before = stream.rescheduled_from
        was = f" (before: {when(before[-1], zone)})" if before else ""
        return f"{name} starts {when(stream.starts_at, zone)}{was}."
    return f"{name} is {'live' if state == 'live' else 'over'}."


def said_of(stream: Stream) -> str:
    """What `stream restore` could take back: the commands that said it."""
    said = {"cancel": stream.cancelled_at, "finish": stream.finished_at, "begin": stream.began_at}
    return " or ".join(command for command, at in said.items() if at is not None)


def streams_table(streams: Sequence[Stream], zone: ZoneInfo, now: datetime) -> Table:
    table = Table("starts")
    table.add_column("id", no_wrap=True, overflow="fold")  # to be typed into the next command
    for name in ("title", "theme", "state", "slots", "before"):
        table.add_column(name, overflow="fold")
    for stream in streams:
        before = stream.rescheduled_from
        table.add_row(
            when(stream.starts_at, zone), stream.stream_id, stream.title, stream.theme,
            state_at(stream, now), str(stream.slot_count),
            when(before[-1], zone) if before else "",
        )  # fmt: skip
    return table


def whole_tables(
    stream: Stream, slots: Slots, numbered: Sequence[tuple[int, str]], zone: ZoneInfo, now: datetime
) -> Iterator[Table]:
    yield streams_table([stream], zone, now)
    by_id = {each.slot_id: each for each in slots.slots}
    table = Table("#")
    table.add_column("id", no_wrap=True, overflow="fold")
    for name in ("brand", "title", "price", "expected", "state"):
        table.add_column(name, overflow="fold")
    for number, slot_id in numbered:
        slot = by_id[slot_id]
        expected = expected_at(stream, slot).astimezone(zone)
        table.add_row(
            str(number), slot_id, slot.brand, slot.title, yuan(slot.price_fen),
            f"{expected:%H:%M}", slot.state,
        )  # fmt: skip
    yield table
