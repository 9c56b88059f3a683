"""Publishing a season: what it comes to, decided purely, and writing that month by month.

Repeating it is safe: whatever a publication that died had written already is found done, and the rest follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from huixue.seasons.drafts import SeasonDraft
from huixue.seasons.effects import Effect, edition_effects, slots_effects, stream_effects
from huixue.seasons.instants import in_order, month_of
from huixue.seasons.joining import (
    cancelled,
    joined_blocks,
    joined_guides,
    joined_slots,
    joined_stream,
    on_offer,
    revised,
)
from huixue.seasons.model import (
    Edition,
    Month,
    SeasonTooLargeError,
    Slots,
    Stream,
    state_at,
)
from huixue.seasons.ports import MAX_PARTS, SeasonStore
from huixue.seasons.standing import Before, must_follow, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a publication writes (nothing that stays as it is) and what members will see differently."""

    edition: Edition | None
    """None: the one in force stays."""
    months: tuple[Month, ...]
    slots: tuple[Slots, ...]
    effects: tuple[Effect, ...]
    hints: tuple[str, ...]
    """For the operator: what the file says and does not get, and the command that would do it."""
    before: Before
    after: Before
    """Everything as it stands afterwards: for previews."""

    @property
    def changes(self) -> bool:
        return self.edition is not None or bool(self.months or self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    version: int
    changed: bool
    """False: everything stood like this already and nothing was written."""
    plan: Plan


def preview(draft: SeasonDraft, *, store: SeasonStore, now: datetime) -> Plan:
    """What `publish` would write now; it writes nothing. Raises as `planned` does, SeasonTooLargeError for what could
    not be stored, SeasonChangedError where streams change faster than they are read."""
    plan = planned(draft, standing(draft, store), now)
    _must_fit(plan, draft.programme_id, store)
    return plan


def publish(draft: SeasonDraft, *, store: SeasonStore, now: datetime) -> Published:
    """Month by month, each with its slots in one transaction, the edition last. The draft has no `problems_of`.

    May be repeated, also after it died between two months. Raises SeasonChangedError where somebody changed the same
    month, slots or edition meanwhile: what was written so far stands, and running it again joins the rest;
    StreamTakenError, StreamOverError, ZoneFixedError, SeasonTooLargeError, and then wrote nothing.
    """
    plan = preview(draft, store=store, now=now)
    for months, slots in list(batches(plan)):
        store.write(draft.programme_id, months, slots)
    if plan.edition is not None:
        store.publish(plan.edition)
    version = plan.after.edition.version if plan.after.edition else 0
    return Published(version=version, changed=plan.changes, plan=plan)


def planned(drafted: SeasonDraft, before: Before, now: datetime) -> Plan:
    """The three-way join. Raises StreamTakenError, StreamOverError, ZoneFixedError."""
    must_follow(drafted, before, now)
    streams, slots = _joined(drafted, before, now)
    months = _months(streams, before, drafted.zone)
    edition = _edition(drafted, before, months, _repriced(before.slots, slots), now)
    after = Before(edition=edition, months=months, slots={**before.slots, **slots})
    return Plan(
        edition=None if edition == before.edition else edition,
        months=tuple(each for key, each in months.items() if each != before.months.get(key)),
        slots=tuple(each for key, each in slots.items() if each != before.slots.get(key)),
        effects=tuple(_effects(before, after)),
        hints=tuple(_hints(drafted, after)),
        before=before,
        after=after,
    )


def _must_fit(plan: Plan, programme_id: str, store: SeasonStore) -> None:
    """Every transaction as it is to be written. Raises SeasonTooLargeError."""
    for months, slots in batches(plan):
        store.must_fit(programme_id, months, slots)
    if plan.edition is not None:
        store.must_fit_edition(plan.edition)


def batches(plan: Plan) -> Iterator[tuple[Sequence[Month], Sequence[Slots]]]:
    """Transactions in the order in which they are written. Months between which a stream moves and that stream's
    slots are one; slots that find no more room in it come before. Raises SeasonTooLargeError."""
    moved = _moved(plan.before, plan.after)
    months = {month.month: month for month in plan.months}
    waiting = {each.stream_id: each for each in plan.slots}
    for group in _linked(months, moved.values()):
        bound = [waiting.pop(each) for each, pair in moved.items() if pair <= group]
        mine = [each for each in waiting.values() if each.month in group]
        for each in mine:
            del waiting[each.stream_id]
        room = MAX_PARTS - len(group) - len(bound)
        if room < 0:
            raise SeasonTooLargeError(
                f"{len(bound)} streams move between months at once: move fewer in one publication",
                streams=len(bound),
            )
        early = mine[room:]
        yield from (((), early[n : n + MAX_PARTS]) for n in range(0, len(early), MAX_PARTS))
        yield [months[each] for each in sorted(group)], [*bound, *mine[:room]]
    rest = list(waiting.values())
    yield from (((), rest[n : n + MAX_PARTS]) for n in range(0, len(rest), MAX_PARTS))


def _moved(before: Before, after: Before) -> Mapping[str, frozenset[str]]:
    """Stream → the two months between which it moves."""
    was = {each.stream_id: key for key, month in before.months.items() for each in month.streams}
    return {
        each.stream_id: frozenset({was[each.stream_id], key})
        for key, month in after.months.items()
        for each in month.streams
        if was.get(each.stream_id, key) != key
    }


def _linked(
    months: Mapping[str, Month], pairs: Iterable[frozenset[str]]
) -> Sequence[frozenset[str]]:
    """Months in groups between which nothing moves, the earliest first."""
    groups = [frozenset({month}) for month in sorted(months)]
    for pair in pairs:
        joined = frozenset[str]().union(*(group for group in groups if group & pair))
        groups = [group for group in groups if not group & pair] + [joined]
    return sorted(groups, key=min)


def _joined(
    draft: SeasonDraft, before: Before, now: datetime
) -> tuple[Mapping[str, Stream], Mapping[str, Slots]]:
    """Every stream there is or will be, and the slots of those the draft has."""
    streams, slots = dict(before.streams), dict[str, Slots]()
    for drafted, offered in draft.streams:
        key = drafted.stream_id
        stream = joined_stream(
            replace(drafted, season_id=draft.season_id), before.streams.get(key), now
        )
        month = month_of(stream.starts_at, draft.zone)
        slots[key] = joined_slots(key, month, offered, before.slots.get(key), now)
        streams[key] = replace(stream, slot_count=on_offer(slots[key].slots))
    for key, stream in before.streams.items():
        ours = stream.season_id == draft.season_id and key not in slots
        if ours and state_at(stream, now) == "planned":
            streams[key] = revised(cancelled(stream, "", now), stream, now)
    return streams, slots


def _months(streams: Mapping[str, Stream], before: Before, zone_name: str) -> Mapping[str, Month]:
    """All of them, those that differ with their next revision; one that lost its last stream stays, empty."""
    by_month: dict[str, list[Stream]] = {month: [] for month in before.months}
    for stream in streams.values():
        by_month.setdefault(month_of(stream.starts_at, zone_name), []).append(stream)
    months = {}
    for key in sorted(by_month):
        stands = before.months.get(key, Month(month=key))
        inside = in_order(by_month[key])
        same = inside == stands.streams
        months[key] = stands if same else Month(
            month=key, streams=inside, revision=stands.revision + 1
        )  # fmt: skip
    return months


def _edition(
    draft: SeasonDraft,
    before: Before,
    months: Mapping[str, Month],
    repriced: frozenset[str],
    now: datetime,
) -> Edition:
    stands = before.edition
    listed = set(stands.months) if stands else set[str]()
    says = replace(
        draft.edition,
        programme_id=draft.programme_id,
        season_id=draft.season_id,
        title=draft.title,
        zone=draft.zone,
        blocks=joined_blocks(draft.edition.blocks, stands),
        guides=joined_guides(draft.edition.guides, stands, now, repriced),
        # never fewer: a command may be about to move a stream into a month it has just listed
        months=tuple(sorted(listed.union(key for key in months if months[key].streams))),
        # never an older address of the feed: one that was withdrawn would work again
        feed_generation=max(draft.edition.feed_generation, stands.feed_generation if stands else 1),
        version=stands.version if stands else 0,
        published_at=stands.published_at if stands else None,
    )
    if says == stands:
        return stands
    return replace(says, version=says.version + 1, published_at=now)


def _repriced(before: Mapping[str, Slots], after: Mapping[str, Slots]) -> frozenset[str]:
    """Slots whose price the file changes: guides show it."""
    old = {slot.slot_id: slot.price_fen for each in before.values() for slot in each.slots}
    new = {slot.slot_id: slot.price_fen for each in after.values() for slot in each.slots}
    return frozenset(each for each in old.keys() & new.keys() if old[each] != new[each])


def _effects(before: Before, after: Before) -> Iterator[Effect]:
    known = before.streams
    for stream in in_order(after.streams.values()):
        yield from stream_effects(known.get(stream.stream_id), stream)
        slots = after.slots.get(stream.stream_id)
        if slots is not None:
            yield from slots_effects(before.slots.get(stream.stream_id), slots)
    if after.edition is not None:
        yield from edition_effects(before.edition, after.edition)


def _hints(draft: SeasonDraft, after: Before) -> Iterator[str]:
    for drafted, _ in draft.streams:
        stands = after.streams[drafted.stream_id]
        if stands.cancelled_at is not None:
            yield (
                f"{stands.stream_id} stays cancelled; `huixue stream restore {stands.stream_id}`"
                " brings it back"
            )
        elif stands.starts_at != drafted.starts_at:
            yield (
                f"{stands.stream_id} was moved since the file: it stays at"
                f" {stands.starts_at.astimezone(ZoneInfo(draft.zone)):%Y-%m-%d %H:%M}"
            )
