"""What a new version of a programme changes for members and operators, one sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from huixue.programme.model import Level, Programme, Room, RoomPlatform
from infra.ops.points_differences import campaigns, points

_EARNS_NOTHING = ": its orders earn nothing any more, unless claimed before; waiting claims may end"
_CLAIMED = " (orders claimed from now on)"
_CLOCKS = {"paid_at": "paid time", "confirmed_at": "time of confirmed receipt"}


def differences(before: Programme | None, after: Programme, *, today: date) -> list[str]:
    """Sentences in the order of the file; none where nothing changes. `before` None: everything is new.

    Both as they are stored, with hashed staff accounts: of those only numbers are told. `today` is the business day
    from which on members would lose something.
    """
    if before is None:
        head = [f"programme {after.programme_id} is new: {after.title}"]
    else:
        head = [
            *_changed(f"programme {after.programme_id}: title", before.title, after.title),
            *_changed("business days are counted in", before.zone, after.zone),
            *_listed("mini-program", before.wechat_app_ids, after.wechat_app_ids),
        ]
    return [
        *head,
        *_rooms(before, after),
        *_listed("feed", _feeds(before), _feeds(after)),
        *points(before, after, today),
        *campaigns(before, after),
        *_staff(before.staff_account_refs if before else (), after.staff_account_refs),
    ]


def _feeds(programme: Programme | None) -> list[str]:
    feeds = programme.feeds if programme else ()
    return [feed.feed_id if feed.refunds else f"{feed.feed_id} without refunds" for feed in feeds]


def _rooms(before: Programme | None, after: Programme) -> Iterator[str]:
    old = {room.room_id: room for room in before.rooms} if before else {}
    new = {room.room_id: room for room in after.rooms}
    for room_id, room in new.items():
        if room_id in old:
            yield from _changed(f"room {room_id}: title", old[room_id].title, room.title)
            yield from _selling(old[room_id].platforms, room)
        else:
            yield f"room {room_id} is new: {room.title}"
            yield from _selling((), room)
    for room_id in old:
        if room_id not in new:
            yield f"room {room_id} is gone{_EARNS_NOTHING}"


def _selling(before: Sequence[RoomPlatform], after: Room) -> Iterator[str]:
    old = {each.platform: each for each in before}
    new = {each.platform: each for each in after.platforms}
    for platform, terms in new.items():
        rule = f"{after.room_id}/{platform}"
        if platform in old:
            yield from _terms(rule, old[platform], terms)
        else:
            yield f"{rule} is new: {_rate(terms)}, orders of {_window(terms)}{_levels_of(terms)}"
            yield from _release(rule, 0, terms.release_after_days)
            yield from _types(rule, (), terms.credited_types)
    for platform in old:
        if platform not in new:
            yield f"{after.room_id}/{platform} is gone{_EARNS_NOTHING}"


def _terms(rule: str, before: RoomPlatform, after: RoomPlatform) -> Iterator[str]:
    for sentence in _changed(f"{rule}:", _rate(before), _rate(after)):
        yield f"{sentence}{_CLAIMED}"
    yield from _changed(f"{rule}: orders of", _window(before), _window(after))
    old = {each.level: each for each in before.levels}
    new = {each.level: each for each in after.levels}
    for name in [*new, *(each for each in old if each not in new)]:
        yield from _changed(
            f"{rule}: level {name} multiplies by", _percent(old.get(name)), _percent(new.get(name))
        )
    yield from _listed(f"{rule}: position", before.affiliate_positions, after.affiliate_positions)
    yield from _release(rule, before.release_after_days, after.release_after_days)
    yield from _types(rule, before.credited_types, after.credited_types)


def _release(rule: str, before: int, after: int) -> Iterator[str]:
    what = f"{rule}: days from confirmed receipt to spendable points"
    for sentence in _changed(what, str(before), str(after)):
        yield f"{sentence}{_CLAIMED}"


def _types(rule: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for each in sorted({*before, *after}):
        if each not in before:
            yield f"{rule}: trade type {each} earns points{_CLAIMED}"
        elif each not in after:
            yield f"{rule}: trade type {each} earns nothing any more{_CLAIMED}"


def _staff(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Numbers alone: what is stored is nobody's name, and what is printed shall not be either."""
    new = Counter(each.split(":", 1)[0] for each in set(after) - set(before))
    gone = Counter(each.split(":", 1)[0] for each in set(before) - set(after))
    for platform in sorted({*new, *gone}):
        if new[platform]:
            yield f"staff accounts on {platform}: {new[platform]} new, whose claims are refused from now on"
        if gone[platform]:
            yield f"staff accounts on {platform}: {gone[platform]} gone, who may claim from now on"


def _changed(what: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"{what} {before} → {after}"


def _listed(what: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for each in after:
        if each not in before:
            yield f"{what} {each} is new"
    for each in before:
        if each not in after:
            yield f"{what} {each} is gone"


def _rate(terms: RoomPlatform) -> str:
    return f"{(Decimal(terms.rate_milli) / 1000).normalize():f} points a yuan"


def _window(terms: RoomPlatform) -> str:
    return f"the last {terms.window_days} days by {_CLOCKS[terms.window_clock]}"


def _percent(level: Level | None) -> str:
    return "nothing (100 %)" if level is None else f"{level.multiplier_percent} %"


def _levels_of(terms: RoomPlatform) -> str:
    named = [f"{each.level} {each.multiplier_percent} %" for each in terms.levels]
    return f", levels {', '.join(named)}" if named else ""
