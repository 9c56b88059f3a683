"""What operators do to single streams and slots between two publications.

Every command may be repeated: what is so already is no change. Each reads, decides and writes under the revisions it
read, and does so again a few times where somebody else was faster.

| slot is | may become |
|---|---|
| `planned` | `on_shelf`, `sold_out`, `withdrawn` |
| `on_shelf` | `sold_out`, `withdrawn`, `planned` (put there by mistake) |
| `sold_out` | `on_shelf`, `withdrawn` |
| `withdrawn` | `planned`, as long as the season file still has it; nothing else, so nobody sells it by a slip |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from huixue.kernel.errors import NotFoundError, RuleError
from huixue.seasons.instants import in_order, month_of
from huixue.seasons.joining import cancelled, moved, on_offer, restored, revised
from huixue.seasons.model import (
    LONGEST,
    Edition,
    Month,
    Said,
    SeasonChangedError,
    SeasonNotFoundError,
    Slot,
    Slots,
    SlotState,
    Stream,
    is_id,
    is_slot_id,
    state_at,
    stream_of_slot,
)
from huixue.seasons.ports import SeasonStore

MAX_TRIES = 8
EARLIEST = timedelta(hours=12)
"""A stream can be begun by hand so long before its start; further ahead it is to be moved."""
FURTHEST = timedelta(days=730)
"""A stream can be moved so far ahead: beyond it somebody mistyped the year."""
MOVES: Mapping[SlotState, frozenset[SlotState]] = {
    "planned": frozenset({"on_shelf", "sold_out", "withdrawn"}),
    "on_shelf": frozenset({"sold_out", "withdrawn", "planned"}),
    "sold_out": frozenset({"on_shelf", "withdrawn"}),
    "withdrawn": frozenset({"planned"}),
}
_T = TypeVar("_T")


class StreamStateError(RuleError):
    """A stream in this state cannot be changed like that; nothing was written."""

    code = "STREAM_STATE"


class SlotStateError(RuleError):
    """A slot in this state cannot become that; nothing was written."""

    code = "SLOT_STATE"


def move(
    programme_id: str,
    stream_id: str,
    starts_at: datetime,
    reason: str,
    *,
    store: SeasonStore,
    now: datetime,
) -> tuple[Stream, bool]:
    """The stream at another time to come, and whether that changed anything; its slots follow. Across months both
    months and its slots change in one transaction. To where it stands already is no change.

    Raises NotFoundError, StreamStateError (cancelled, begun, over; a time passed or too far ahead), SeasonChangedError.
    """
    if starts_at.tzinfo is None:
        raise ValueError("the new start needs a time zone")
    starts_at = starts_at.astimezone(UTC)

    def edit(stream: Stream) -> Stream:
        if stream.starts_at == starts_at:
            return stream
        marked = stream.cancelled_at or stream.began_at or stream.finished_at
        if marked is not None or stream.ends_at + LONGEST <= now:
            raise _refused(stream, now, "only a stream that has not begun can be moved")
        if starts_at <= now:
            raise _refused(stream, now, "the new start lies in the past")
        if starts_at - now > FURTHEST:
            raise _refused(stream, now, f"the new start lies more than {FURTHEST.days} days ahead")
        return moved(stream, starts_at, reason, now)

    return _edit(programme_id, stream_id, edit, store=store, now=now)


def cancel(
    programme_id: str, stream_id: str, reason: str, *, store: SeasonStore, now: datetime
) -> tuple[Stream, bool]:
    """The cancelled stream. Raises NotFoundError, StreamStateError (over), SeasonChangedError."""

    def edit(stream: Stream) -> Stream:
        state = state_at(stream, now)
        if state == "ended":
            raise _refused(stream, now, "a stream that is over cannot be cancelled")
        return stream if state == "cancelled" else cancelled(stream, reason, now)

    return _edit(programme_id, stream_id, edit, store=store, now=now)


def restore(
    programme_id: str, stream_id: str, said: Said = "cancel", *, store: SeasonStore, now: datetime
) -> tuple[Stream, bool]:
    """The stream without that one word. May be repeated: what does not stand is no change. Raises NotFoundError,
    SeasonChangedError."""
    return _edit(programme_id, stream_id, partial(restored, said=said), store=store, now=now)


def begin(
    programme_id: str, stream_id: str, *, store: SeasonStore, now: datetime
) -> tuple[Stream, bool]:
    """It is live from now on. Raises NotFoundError, StreamStateError (cancelled, over, more than 12 h ahead),
    SeasonChangedError."""

    def edit(stream: Stream) -> Stream:
        state = state_at(stream, now)
        if state in {"cancelled", "ended"}:
            raise _refused(stream, now, f"a stream that is {state} cannot begin")
        if stream.starts_at - now > EARLIEST:
            raise _refused(stream, now, "it is planned for more than 12 hours ahead: move it first")
        return stream if stream.began_at is not None else replace(stream, began_at=now)

    return _edit(programme_id, stream_id, edit, store=store, now=now)


def finish(
    programme_id: str, stream_id: str, *, store: SeasonStore, now: datetime
) -> tuple[Stream, bool]:
    """It is over. Raises NotFoundError, StreamStateError (cancelled, not live yet), SeasonChangedError."""

    def edit(stream: Stream) -> Stream:
        state = state_at(stream, now)
        if state in {"cancelled", "planned"}:
            raise _refused(stream, now, f"a stream that is {state} cannot end")
        return stream if state == "ended" else replace(stream, finished_at=now)

    return _edit(programme_id, stream_id, edit, store=store, now=now)


def set_slot_state(
    programme_id: str, slot_id: str, state: SlotState, *, store: SeasonStore, now: datetime
) -> tuple[Slot, bool]:
    """The slot in its new state, by the table above. `shelved_at` is when it went on the shelf first.

    Raises NotFoundError, SlotStateError, StreamStateError (on the shelf of a stream that is cancelled or over),
    SeasonChangedError.
    """
    if not is_slot_id(slot_id):
        raise NotFoundError("there is no such slot")

    def attempt() -> tuple[Slot, bool]:
        month, slots = _read(programme_id, stream_of_slot(slot_id), store)
        slot = next((each for each in slots.slots if each.slot_id == slot_id), None)
        if slot is None:
            raise NotFoundError("there is no such slot")
        if slot.state == state:
            return slot, False
        stream = _stream(month, slots.stream_id)
        if state == "on_shelf" and state_at(stream, now) in {"cancelled", "ended"}:
            raise _refused(stream, now, "its stream is cancelled or over")
        after = _with_state(slot, state, now)
        there = tuple(after if each is slot else each for each in slots.slots)
        next_slots = replace(slots, slots=there, revision=slots.revision + 1, changed_at=now)
        counted = replace(stream, slot_count=on_offer(there))
        months = [] if counted == stream else [_with_stream(month, counted)]
        store.write(programme_id, months, [next_slots])
        return after, True

    return _tried(attempt)


def _with_state(slot: Slot, state: SlotState, now: datetime) -> Slot:
    if state not in MOVES[slot.state] or not slot.listed:
        allowed = (
            ", ".join(sorted(MOVES[slot.state])) if slot.listed else "nothing: the file dropped it"
        )
        raise SlotStateError(
            f"{slot.slot_id} is {slot.state} and may become {allowed}", state=slot.state
        )
    shelved_at = now if state == "on_shelf" and slot.shelved_at is None else slot.shelved_at
    return replace(slot, state=state, shelved_at=shelved_at)


def _edit(
    programme_id: str,
    stream_id: str,
    edit: Callable[[Stream], Stream],
    *,
    store: SeasonStore,
    now: datetime,
) -> tuple[Stream, bool]:
    def attempt() -> tuple[Stream, bool]:
        month, slots = _read(programme_id, stream_id, store)
        stream = _stream(month, stream_id)
        edited = edit(stream)
        if edited == stream:
            return stream, False
        after = revised(edited, stream, now)
        _write(programme_id, month, slots, after, store=store, now=now)
        return after, True

    return _tried(attempt)


def _tried(attempt: Callable[[], _T]) -> _T:
    for _ in range(MAX_TRIES - 1):
        try:
            return attempt()
        except SeasonChangedError:
            continue
    return attempt()


def _read(programme_id: str, stream_id: str, store: SeasonStore) -> tuple[Month, Slots]:
    known = is_id(programme_id) and is_id(stream_id)
    found = store.slots(programme_id, [stream_id], consistent=True) if known else {}
    if stream_id not in found:
        raise NotFoundError("there is no such stream")
    slots = found[stream_id]
    months = store.months(programme_id, [slots.month], consistent=True)
    return months.get(slots.month, Month(month=slots.month)), slots


def _stream(month: Month, stream_id: str) -> Stream:
    for stream in month.streams:
        if stream.stream_id == stream_id:
            return stream
    # it moved between the two reads, or a publication under way has not come to it
    raise SeasonChangedError("the stream is being moved or published right now", part=month.month)


def _write(
    programme_id: str,
    month: Month,
    slots: Slots,
    after: Stream,
    *,
    store: SeasonStore,
    now: datetime,
) -> None:
    edition = store.edition(programme_id, consistent=True)
    if edition is None:
        raise SeasonNotFoundError("no season was published for this programme")
    target = month_of(after.starts_at, edition.zone)
    if target == month.month:
        store.write(programme_id, [_with_stream(month, after)], [])
        return
    _list(edition, target, store=store, now=now)
    there = store.months(programme_id, [target], consistent=True).get(target, Month(month=target))
    left = tuple(each for each in month.streams if each.stream_id != after.stream_id)
    store.write(
        programme_id,
        [
            replace(month, streams=left, revision=month.revision + 1),
            _with_stream(there, after),
        ],
        [replace(slots, month=target, revision=slots.revision + 1)],
    )


def _with_stream(month: Month, stream: Stream) -> Month:
    others = (each for each in month.streams if each.stream_id != stream.stream_id)
    streams = in_order((*others, stream))
    return replace(month, streams=streams, revision=month.revision + 1)


def _list(edition: Edition, month: str, *, store: SeasonStore, now: datetime) -> None:
    """The edition names every month with streams. Before the stream moves: dying then leaves the name of an empty
    month, which is nothing to anybody."""
    if month in edition.months:
        return
    months = tuple(sorted((*edition.months, month)))
    store.publish(replace(edition, months=months, version=edition.version + 1, published_at=now))


def _refused(stream: Stream, now: datetime, why: str) -> StreamStateError:
    return StreamStateError(
        f"{stream.stream_id}: {why}",
        stream_id=stream.stream_id,
        state=state_at(stream, now),
        starts_at=stream.starts_at.isoformat(),
    )
