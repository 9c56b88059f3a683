"""Guides as they read at an instant: their rows take price, time and state from the slots themselves (CT-E1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huixue.kernel.errors import NotFoundError
from huixue.seasons.instants import ContentState, content_state, first_after, streams_change_at
from huixue.seasons.model import (
    Edition,
    Guide,
    GuideRow,
    Revision,
    Slot,
    Slots,
    Stream,
    StreamState,
    expected_at,
    state_at,
    stream_of_slot,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A line of the table, joined with its slot and stream as they stand."""

    row: GuideRow
    slot: Slot
    stream: Stream
    expected_at: datetime
    stream_state: StreamState


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    guide: Guide
    state: ContentState
    """`ended` also where it was switched off: `guide.ended_text` says what to tell (CT-E3)."""
    rows: tuple[RowView, ...]
    """None unless it is open; a row whose slot cannot be found is left out."""
    updated_at: datetime | None
    """The last revision, or a later change of one of the streams it names or of their slots."""
    revisions: tuple[Revision, ...]
    """Newest last."""
    changes_at: datetime | None
    """When this answer may change by itself next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideList:
    guides: tuple[GuideView, ...]
    """Those that are open, in the order of the file, without their rows."""
    changes_at: datetime | None


def guide_at(
    edition: Edition,
    guide_id: str,
    streams: Sequence[Stream],
    slots: Mapping[str, Slots],
    now: datetime,
) -> GuideView:
    """`streams` and `slots` (by stream): those of `streams_of_guide`. Raises NotFoundError."""
    guide = find_guide(edition, guide_id)
    state = content_state(guide, now)
    rows = _rows(guide, streams, slots, now) if state == "open" else ()
    met = {row.stream.stream_id: row.stream for row in rows}
    changed = [guide.revisions[-1].at] if guide.revisions else []
    changed += [each.changed_at for each in met.values()]
    changed += [slots[each].changed_at for each in met]
    turns = (guide.starts_at, guide.ends_at, streams_change_at(met.values(), now))
    return GuideView(
        guide=guide,
        state=state,
        rows=rows,
        updated_at=max(changed, default=None),
        revisions=guide.revisions,
        changes_at=first_after(now, turns) if guide.enabled else None,
    )


def guides_at(edition: Edition, now: datetime) -> GuideList:
    views = (guide_at(edition, each.guide_id, (), {}, now) for each in edition.guides)
    known = tuple(views)
    return GuideList(
        guides=tuple(each for each in known if each.state == "open"),
        changes_at=first_after(now, (each.changes_at for each in known)),
    )


def find_guide(edition: Edition, guide_id: str) -> Guide:
    for guide in edition.guides:
        if guide.guide_id == guide_id:
            return guide
    raise NotFoundError("there is no such guide")


def streams_of_guide(guide: Guide) -> tuple[str, ...]:
    """The ids of the streams that its rows come from, each once."""
    return tuple(dict.fromkeys(stream_of_slot(row.slot_id) for row in guide.rows))


def _rows(
    guide: Guide, streams: Sequence[Stream], slots: Mapping[str, Slots], now: datetime
) -> tuple[RowView, ...]:
    by_id = {each.stream_id: each for each in streams}
    slot_by_id = {slot.slot_id: slot for each in slots.values() for slot in each.slots}
    rows = []
    for row in guide.rows:
        slot, stream = slot_by_id.get(row.slot_id), by_id.get(stream_of_slot(row.slot_id))
        if slot is None or stream is None:
            continue
        rows.append(
            RowView(
                row=row,
                slot=slot,
                stream=stream,
                expected_at=expected_at(stream, slot),
                stream_state=state_at(stream, now),
            )
        )
    return tuple(rows)
