"""Season values → the shapes of `season_wire.py`. Times are told in the programme's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from huixue.edge import season_wire as wire
from huixue.seasons import model
from huixue.seasons.blocks import BlockView
from huixue.seasons.guides import GuideView, RowView
from huixue.seasons.home import Home
from huixue.seasons.model import expected_at, state_at

_T = TypeVar("_T", bound=msgspec.Struct)
ENDED_TEXT = "活动已结束"
"""Where the operator wrote nothing for those who come by an old link."""


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """As clocks of the zone show it; at the ends of the calendar, where they show none, as it is."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def _local_or_none(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if instant is None else local(instant, zone)


def _alike(value: msgspec.Struct | None, kind: type[_T]) -> _T | None:
    """A shape of the wire with the same fields as the model's; later fields of the model stay inside."""
    return None if value is None else msgspec.convert(value, kind, from_attributes=True)


def stream_mark(stream: model.Stream, *, now: datetime, zone: ZoneInfo) -> wire.StreamMark:
    return wire.StreamMark(
        stream_id=stream.stream_id,
        title=stream.title,
        theme=stream.theme,
        starts_at=local(stream.starts_at, zone),
        color=stream.color,
        state=state_at(stream, now),
    )


def stream_summary(stream: model.Stream, *, now: datetime, zone: ZoneInfo) -> wire.StreamSummary:
    state = state_at(stream, now)
    ends_at = stream.finished_at if state == "ended" and stream.finished_at else stream.ends_at
    return wire.StreamSummary(
        stream_id=stream.stream_id,
        title=stream.title,
        theme=stream.theme,
        color=stream.color,
        starts_at=local(stream.starts_at, zone),
        ends_at=local(ends_at, zone),
        state=state,
        hosts=list(stream.hosts),
        platform=stream.platform,
        room_id=stream.room_id,
        target=_alike(stream.target, wire.Target),
        rescheduled_from=[local(each, zone) for each in stream.rescheduled_from],
        reason=stream.reason,
        slot_count=stream.slot_count,
        updated_at=local(stream.changed_at, zone),
    )


def stream(
    found: model.Stream, slots: Sequence[model.Slot], *, now: datetime, zone: ZoneInfo
) -> wire.Stream:
    summary = stream_summary(found, now=now, zone=zone)
    shown = [slot(each, found, zone=zone) for each in slots]
    return wire.Stream(**msgspec.structs.asdict(summary), slots=shown)


def slot(found: model.Slot, stream: model.Stream, *, zone: ZoneInfo) -> wire.Slot:
    return wire.Slot(
        slot_id=found.slot_id,
        title=found.title,
        brand=found.brand,
        price_fen=found.price_fen,
        list_price_fen=found.list_price_fen,
        image_url=found.image_url,
        target=_alike(found.target, wire.Target),
        expected_at=local(expected_at(stream, found), zone),
        state=found.state,
        shelved_at=_local_or_none(found.shelved_at, zone),
        reserved_count=reserved_count(found.slot_id),
    )


def reserved_count(slot_id: str) -> int:
    """How many members have reserved the slot: none, for nothing can be reserved yet."""
    del slot_id
    return 0


def blocks(found: Sequence[model.Block], zone: ZoneInfo) -> list[wire.Block]:
    return [_block(each, zone) for each in found]


def _block(found: model.Block, zone: ZoneInfo) -> wire.Block:
    return wire.Block(
        block_id=found.block_id,
        kind=found.kind,
        title=found.title,
        subtitle=found.subtitle,
        image_url=found.image_url,
        target=_alike(found.target, wire.Target),
        goods=[msgspec.convert(each, wire.Good, from_attributes=True) for each in found.goods],
        partner=found.partner,
        disclaimer=found.disclaimer,
        starts_at=_local_or_none(found.starts_at, zone),
        ends_at=_local_or_none(found.ends_at, zone),
    )


def block(view: BlockView, zone: ZoneInfo) -> wire.BlockPage:
    """What leads to goods only while it is open; one that has ended tells so."""
    shown = msgspec.structs.asdict(_block(view.block, zone))
    if view.state != "open":
        shown |= {"target": None, "goods": []}
    said = view.block.ended_text or ENDED_TEXT
    ended_text = said if view.state == "ended" else ""
    return wire.BlockPage(**shown, state=view.state, ended_text=ended_text)


def home(view: Home, edition: model.Edition, *, now: datetime) -> wire.Home:
    zone = ZoneInfo(edition.zone)
    tonight, following = view.tonight, view.next_stream
    return wire.Home(
        entries=blocks(view.entries, zone),
        banners=blocks(view.banners, zone),
        featured=blocks(view.featured, zone),
        markets=blocks(view.markets, zone),
        brands=blocks(view.brands, zone),
        notices=blocks(view.notices, zone),
        tonight=None if tonight is None else stream_summary(tonight, now=now, zone=zone),
        next_stream=None if following is None else stream_summary(following, now=now, zone=zone),
        version=edition.version,
        updated_at=_local_or_none(edition.published_at, zone),
    )


def guide_summary(view: GuideView, zone: ZoneInfo) -> wire.GuideSummary:
    guide = view.guide
    return wire.GuideSummary(
        guide_id=guide.guide_id,
        kind=guide.kind,
        title=guide.title,
        summary=guide.summary,
        tags={group: list(values) for group, values in guide.tags.items()},
        state=view.state,
        starts_at=_local_or_none(guide.starts_at, zone),
        ends_at=_local_or_none(guide.ends_at, zone),
    )


def guide(view: GuideView, zone: ZoneInfo) -> wire.Guide:
    """Its content only while it is open; one that has ended tells what the operator wrote for those who come late."""
    summary = guide_summary(view, zone)
    return wire.Guide(
        **msgspec.structs.asdict(summary),
        body=list(view.guide.body) if view.state == "open" else [],
        rows=[_row(each, zone) for each in view.rows],
        ended_text=view.guide.ended_text if view.state == "ended" else "",
        updated_at=_local_or_none(view.updated_at, zone),
        revisions=[
            wire.GuideRevision(at=local(each.at, zone), note=each.note)
            for each in reversed(view.revisions)
        ],
    )


def _row(view: RowView, zone: ZoneInfo) -> wire.GuideRow:
    return wire.GuideRow(
        slot=slot(view.slot, view.stream, zone=zone),
        note=view.row.note,
        stream_id=view.stream.stream_id,
        stream_title=view.stream.title,
        stream_state=view.stream_state,
        reservable=view.slot.state == "planned" and view.stream_state in ("planned", "live"),
    )
