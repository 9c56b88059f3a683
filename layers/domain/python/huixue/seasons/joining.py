"""The three-way join of a publication: what the file says, what it said last, what stands. Pure, stream by stream."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime

from msgspec.structs import replace

from huixue.seasons.model import (
    MAX_SLOTS,
    Block,
    Edition,
    Guide,
    Revision,
    Said,
    Slot,
    Slots,
    Stream,
)

_KEPT_MOVES = 10
_KEPT_SLOTS = 2 * MAX_SLOTS
_KEPT_REVISIONS = 50
_KEPT_RETIRED = 50


def joined_stream(drafted: Stream, stands: Stream | None, now: datetime) -> Stream:
    """A start that the file did not change leaves alone what commands did; one that it changed moves the stream.
    A cancelled one stays cancelled. What members see alike keeps its revision."""
    says = drafted.starts_at
    if stands is None:
        return _new_stream(drafted, now)
    moves = says not in (stands.planned_starts_at, stands.starts_at)
    after = replace(
        drafted,
        planned_starts_at=says,
        starts_at=stands.starts_at,
        cancelled_at=stands.cancelled_at,
        began_at=stands.began_at,
        finished_at=stands.finished_at,
        reason=stands.reason,
        moved_reason=stands.moved_reason,
        rescheduled_from=stands.rescheduled_from,
        slot_count=stands.slot_count,
        revision=stands.revision,
        changed_at=stands.changed_at,
    )
    if moves:
        after = moved(after, says, drafted.reason, now)
    seen_alike = replace(after, planned_starts_at=stands.planned_starts_at) == stands
    return after if seen_alike else revised(after, stands, now)


def moved(stream: Stream, starts_at: datetime, reason: str, now: datetime) -> Stream:
    """At another time; what was said about its beginning and end holds no more once that lies ahead. One that is
    cancelled goes on saying why."""
    ahead = now < starts_at
    return replace(
        stream,
        starts_at=starts_at,
        reason=reason if stream.cancelled_at is None else stream.reason,
        moved_reason=reason,
        rescheduled_from=(*stream.rescheduled_from, stream.starts_at)[-_KEPT_MOVES:],
        began_at=None if ahead else stream.began_at,
        finished_at=None if ahead else stream.finished_at,
    )


def cancelled(stream: Stream, reason: str, now: datetime) -> Stream:
    """`reason` may be empty: the file dropped it."""
    return replace(stream, cancelled_at=now, reason=reason)


def restored(stream: Stream, said: Said) -> Stream:
    """As if this one word had not been said: that it is cancelled (one that was moved says again why), over, or has
    begun. The same stream where it does not stand."""
    match said:
        case "cancel":
            if stream.cancelled_at is None:
                return stream
            return replace(stream, cancelled_at=None, reason=stream.moved_reason)
        case "finish":
            return replace(stream, finished_at=None)
        case "begin":
            return replace(stream, began_at=None)


def revised(after: Stream, before: Stream, now: datetime) -> Stream:
    """Once more seen differently."""
    return replace(after, revision=before.revision + 1, changed_at=now)


def joined_slots(
    stream_id: str, month: str, drafted: Sequence[Slot], stands: Slots | None, now: datetime
) -> Slots:
    """The file's facts with the state that stands. One that the file has no more is withdrawn and kept; it comes back
    as planned once the file has it again. The same as `stands` where nothing differs, else with its next revision."""
    before = stands or Slots(stream_id=stream_id, month=month, changed_at=now)
    known = {slot.slot_id: slot for slot in before.slots}
    named = {slot.slot_id for slot in drafted}
    slots = [_joined_slot(slot, known.get(slot.slot_id)) for slot in drafted]
    gone = [
        replace(slot, state="withdrawn", listed=False)
        for slot in before.slots
        if slot.slot_id not in named
    ]
    room = max(0, _KEPT_SLOTS - len(slots))
    slots += gone[:room]  # those that went last come first
    if stands is not None and (tuple(slots), month) == (stands.slots, stands.month):
        return stands
    same = stands is not None and tuple(slots) == stands.slots
    return replace(
        before,
        month=month,
        slots=tuple(slots),
        revision=before.revision + 1,
        changed_at=before.changed_at if same else now,
    )


def on_offer(slots: Sequence[Slot]) -> int:
    """How many a stream has: those that were not withdrawn."""
    return sum(slot.state != "withdrawn" for slot in slots)


def joined_guides(
    drafted: Sequence[Guide],
    before: Edition | None,
    now: datetime,
    repriced: Set[str] = frozenset(),
) -> tuple[Guide, ...]:
    """The file's guides, each with its history; one that the file has no more stays as a stub that says so (CT-E3).
    `repriced`: slots whose price changes with this publication, an update of every table that shows them (CT-M5)."""
    known = {guide.guide_id: guide for guide in (before.guides if before else ())}
    guides = [_revised_guide(guide, known.get(guide.guide_id), now, repriced) for guide in drafted]
    named = {guide.guide_id for guide in drafted}
    retired = [_retired(guide) for guide_id, guide in known.items() if guide_id not in named]
    return (*guides, *retired[:_KEPT_RETIRED])  # those that went last come first


def joined_blocks(drafted: Sequence[Block], before: Edition | None) -> tuple[Block, ...]:
    """The file's blocks; one that the file has no more stays as a stub, so that old links find its end (CT-E3)."""
    named = {block.block_id for block in drafted}
    known = before.blocks if before else ()
    retired = [_retired_block(block) for block in known if block.block_id not in named]
    return (*drafted, *retired[:_KEPT_RETIRED])  # those that went last come first


def _new_stream(drafted: Stream, now: datetime) -> Stream:
    return replace(
        drafted,
        planned_starts_at=drafted.starts_at,
        cancelled_at=None,
        began_at=None,
        finished_at=None,
        moved_reason="",
        rescheduled_from=(),
        revision=1,
        changed_at=now,
    )


def _joined_slot(drafted: Slot, stands: Slot | None) -> Slot:
    if stands is None:
        return replace(drafted, state="planned", shelved_at=None, listed=True)
    state = stands.state if stands.listed else "planned"
    return replace(drafted, state=state, shelved_at=stands.shelved_at, listed=True)


def _revised_guide(
    drafted: Guide, before: Guide | None, now: datetime, repriced: Set[str]
) -> Guide:
    if before is None:
        return replace(drafted, revisions=())
    alike = replace(drafted, revisions=()) == replace(before, revisions=())
    if alike and repriced.isdisjoint(row.slot_id for row in drafted.rows):
        return before
    revision = Revision(at=now, note=_note(drafted, before, repriced))
    return replace(drafted, revisions=(*before.revisions, revision)[-_KEPT_REVISIONS:])


def _note(after: Guide, before: Guide, repriced: Set[str]) -> str:
    """What changed, for members."""
    old = {row.slot_id: row for row in before.rows}
    new = {row.slot_id: row for row in after.rows}
    kept = new.keys() & old.keys()
    parts = [
        f"{word} {count} 个商品"
        for word, count in (
            ("新增", len(new.keys() - old.keys())),
            ("移除", len(old.keys() - new.keys())),
            ("更新", sum(new[each] != old[each] or each in repriced for each in kept)),
        )
        if count
    ]
    if (after.title, after.summary, after.body) != (before.title, before.summary, before.body):
        parts.append("更新内容")
    if (after.starts_at, after.ends_at) != (before.starts_at, before.ends_at):
        parts.append("调整时间")
    return "，".join(parts) or "更新"


def _retired(guide: Guide) -> Guide:
    return Guide(
        guide_id=guide.guide_id,
        kind=guide.kind,
        title=guide.title,
        enabled=False,
        ended_text=guide.ended_text,
        revisions=guide.revisions,  # it may come back
    )


def _retired_block(block: Block) -> Block:
    return Block(
        block_id=block.block_id,
        kind=block.kind,
        title=block.title,
        audience=block.audience,  # still nobody else's affair
        enabled=False,
        ended_text=block.ended_text,
    )
