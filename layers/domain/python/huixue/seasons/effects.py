"""What members will see differently, field by field: for the operator who is about to publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from huixue.seasons.model import Block, Edition, Guide, MemberDay, Slot, Slots, Stream

EffectKind = Literal[
    "stream_added", "stream_moved", "stream_cancelled", "stream_changed",
    "slot_added", "slot_withdrawn", "slot_back", "slot_repriced", "slot_changed", "slot_order",
    "block_added", "block_changed", "block_removed",
    "guide_added", "guide_changed", "guide_removed",
    "member_day_added", "member_day_removed", "edition_changed",
]  # fmt: skip
Value = str | int | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One difference. `field` is empty where the whole thing comes or goes; `before` and `after` are the field's
    values: text, whole numbers (fen, minutes) or instants, other things as JSON."""

    kind: EffectKind
    subject: str
    """Id of the stream (of its slots' order too), slot, block or guide."""
    title: str
    """Its name for people, as it will be."""
    field: str = ""
    before: Value = None
    after: Value = None


_STREAM_FIELDS = (
    "title", "theme", "color", "hosts", "platform", "room_id", "lasts_min", "target", "reason",
)  # fmt: skip
_SLOT_FIELDS = ("brand", "title", "list_price_fen", "offset_min", "target", "image_url")
_EDITION_FIELDS = ("season_id", "title", "feed_generation")
_KEPT_BY_PUBLISHING = frozenset({"revisions"})


def stream_effects(before: Stream | None, after: Stream) -> Iterator[Effect]:
    subject, title = after.stream_id, after.title
    if before is None:
        yield Effect(kind="stream_added", subject=subject, title=title, after=after.starts_at)
        return
    if before.cancelled_at is None and after.cancelled_at is not None:
        yield Effect(
            kind="stream_cancelled", subject=subject, title=title,
            before=before.starts_at, after=after.reason,
        )  # fmt: skip
        return
    if before.starts_at != after.starts_at:
        yield Effect(
            kind="stream_moved", subject=subject, title=title, field="starts_at",
            before=before.starts_at, after=after.starts_at,
        )  # fmt: skip
    for field, old, new in differences(before, after, _STREAM_FIELDS):
        yield Effect(
            kind="stream_changed", subject=subject, title=title, field=field, before=old, after=new
        )


def slots_effects(before: Slots | None, after: Slots) -> Iterator[Effect]:
    stood = {each.slot_id: each for each in (before.slots if before else ())}
    for slot in after.slots:
        yield from _slot_effects(stood.get(slot.slot_id), slot)
    if before is not None and _order(before, stood, after) != _order(after, stood, after):
        yield Effect(kind="slot_order", subject=after.stream_id, title="")


def _order(of: Slots, stood: Mapping[str, Slot], after: Slots) -> list[str]:
    """Of those that are listed before and after."""
    listed = {
        each.slot_id
        for each in after.slots
        if each.listed and each.slot_id in stood and stood[each.slot_id].listed
    }
    return [each.slot_id for each in of.slots if each.slot_id in listed]


def _slot_effects(before: Slot | None, after: Slot) -> Iterator[Effect]:
    subject, title = after.slot_id, after.title
    if before is None:
        yield Effect(kind="slot_added", subject=subject, title=title, after=after.price_fen)
        return
    if before.state != after.state:
        yield Effect(
            kind="slot_withdrawn" if after.state == "withdrawn" else "slot_back",
            subject=subject, title=title, field="state", before=before.state, after=after.state,
        )  # fmt: skip
    if before.price_fen != after.price_fen:
        yield Effect(
            kind="slot_repriced", subject=subject, title=title, field="price_fen",
            before=before.price_fen, after=after.price_fen,
        )  # fmt: skip
    for field, old, new in differences(before, after, _SLOT_FIELDS):
        yield Effect(
            kind="slot_changed", subject=subject, title=title, field=field, before=old, after=new
        )


def edition_effects(before: Edition | None, after: Edition) -> Iterator[Effect]:
    if before is None:
        before = msgspec.structs.replace(after, blocks=(), guides=(), member_days=())
    for field, old, new in differences(before, after, _EDITION_FIELDS):
        yield Effect(
            kind="edition_changed", subject=after.programme_id, title=after.title, field=field,
            before=old, after=new,
        )  # fmt: skip
    yield from _things(
        {each.block_id: each for each in before.blocks},
        {each.block_id: each for each in after.blocks},
        ("block_added", "block_changed", "block_removed"),
    )
    yield from _things(
        {each.guide_id: each for each in before.guides},
        {each.guide_id: each for each in after.guides},
        ("guide_added", "guide_changed", "guide_removed"),
    )
    yield from _member_days(before.member_days, after.member_days)


def _things(
    before: Mapping[str, Block | Guide],
    after: Mapping[str, Block | Guide],
    kinds: tuple[EffectKind, EffectKind, EffectKind],
) -> Iterator[Effect]:
    """What is switched off is not seen: switching it off removes it, on adds it."""
    added, changed, removed = kinds
    for subject, thing in after.items():
        old = before.get(subject)
        if old is None or not old.enabled:
            if thing.enabled:
                yield Effect(kind=added, subject=subject, title=thing.title)
            continue
        if not thing.enabled:
            yield Effect(kind=removed, subject=subject, title=old.title)
            continue
        names = [name for name in thing.__struct_fields__ if name not in _KEPT_BY_PUBLISHING]
        for field, was, is_now in differences(old, thing, names):
            yield Effect(
                kind=changed, subject=subject, title=thing.title, field=field,
                before=was, after=is_now,
            )  # fmt: skip
    for subject, thing in before.items():
        if subject not in after and thing.enabled:
            yield Effect(kind=removed, subject=subject, title=thing.title)


def _member_days(before: Sequence[MemberDay], after: Sequence[MemberDay]) -> Iterator[Effect]:
    for day in after:
        if day not in before:
            yield Effect(kind="member_day_added", subject=_day(day), title=day.title)
    for day in before:
        if day not in after:
            yield Effect(kind="member_day_removed", subject=_day(day), title=day.title)


def _day(day: MemberDay) -> str:
    return day.on.isoformat() if day.on else f"weekday {day.weekday}"


def differences(
    before: msgspec.Struct, after: msgspec.Struct, names: Sequence[str]
) -> Iterator[tuple[str, Value, Value]]:
    """Name, old and new value of the fields that differ."""
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield name, _value(old), _value(new)


def _value(value: object) -> Value:
    if value is None or isinstance(value, str | int | datetime):
        return value
    return msgspec.json.encode(value).decode()
