"""What a publication finds standing, read whole, and what of it stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from huixue.kernel.errors import RuleError
from huixue.seasons.drafts import SeasonDraft
from huixue.seasons.model import Edition, Month, SeasonChangedError, Slots, Stream, state_at
from huixue.seasons.ports import SeasonStore

MAX_READINGS = 8


class StreamTakenError(RuleError):
    """Streams of another season have these ids already; nothing was written."""

    code = "STREAM_TAKEN"


class StreamOverError(RuleError):
    """The file gives these streams, which are over, another start; nothing was written."""

    code = "STREAM_OVER"

    def __init__(self, over: Sequence[Stream]) -> None:
        """`over`: as they stand."""
        self.stream_ids = tuple(each.stream_id for each in over)
        names = ", ".join(self.stream_ids[:5])
        super().__init__(
            f"these streams are over: {names}; give the new ones ids of their own",
            stream_ids=self.stream_ids,
        )
        self.over = tuple(over)


class ZoneFixedError(RuleError):
    """The streams there are were dated in another time zone; nothing was written."""

    code = "SEASON_ZONE_FIXED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Everything that stands: all months, and the slots of every stream the draft has."""

    edition: Edition | None = None
    months: Mapping[str, Month] = field(default_factory=dict)
    slots: Mapping[str, Slots] = field(default_factory=dict)

    @property
    def streams(self) -> Mapping[str, Stream]:
        return {each.stream_id: each for month in self.months.values() for each in month.streams}


def standing(draft: SeasonDraft, store: SeasonStore) -> Before:
    """Months and slots as they stood together at one moment: months are read before and after the slots, and again
    where a command changed one in between. Raises SeasonChangedError where that goes on and on."""
    edition = store.edition(draft.programme_id, consistent=True)
    ids = [stream.stream_id for stream, _ in draft.streams]
    months = store.all_months(draft.programme_id)
    for _ in range(MAX_READINGS):
        slots = store.slots(draft.programme_id, ids, consistent=True) if ids else {}
        again = store.all_months(draft.programme_id)
        if _revisions(again) == _revisions(months):
            return Before(edition=edition, months=months, slots=slots)
        months = again
    raise SeasonChangedError("streams are being changed all the time: try again in a moment")


def must_follow(draft: SeasonDraft, before: Before, now: datetime) -> None:
    """Raises StreamTakenError, StreamOverError, ZoneFixedError."""
    stands = before.streams
    taken = {
        each.stream_id: stands[each.stream_id].season_id
        for each, _ in draft.streams
        if each.stream_id in stands and stands[each.stream_id].season_id != draft.season_id
    }
    if taken:
        names = ", ".join(f"{each} ({season})" for each, season in sorted(taken.items())[:5])
        raise StreamTakenError(
            f"streams of another season have these ids already: {names}; name yours otherwise",
            streams=len(taken),
        )
    over = [
        stands[each.stream_id] for each, _ in draft.streams if _moves_one_over(each, stands, now)
    ]
    if over:
        raise StreamOverError(over)
    zone = before.edition.zone if before.edition else draft.zone
    if stands and zone != draft.zone:
        raise ZoneFixedError(f"the streams there are were dated in {zone}: it stays", zone=zone)


def _moves_one_over(drafted: Stream, stands: Mapping[str, Stream], now: datetime) -> bool:
    before = stands.get(drafted.stream_id)
    if before is None or state_at(before, now) != "ended":
        return False
    return drafted.starts_at not in (before.planned_starts_at, before.starts_at)


def _revisions(months: Mapping[str, Month]) -> Mapping[str, int]:
    return {key: month.revision for key, month in months.items()}
