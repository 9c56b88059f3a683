"""Seasons for a warm function: whatever it answers from is at most 15 s old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from huixue.kernel.calendar import Clock
from huixue.kernel.errors import NotFoundError
from huixue.seasons.guides import GuideView, find_guide, guide_at, streams_of_guide
from huixue.seasons.instants import streams_of
from huixue.seasons.model import Edition, Month, SeasonNotFoundError, Slots, Stream, is_id
from huixue.seasons.ports import SeasonStore

_V = TypeVar("_V")

CACHE_LIFETIME_S = 15
_MAX_CACHED = 256  # months or streams one warm function keeps; bounds its memory
_Key = tuple[str, str]


class CachedSeasons:
    """Everything is read with eventual consistency and kept for `lifetime_s`; where slots and month of a stream do not
    fit, both are read again consistently.

    Months that are asked for together are answered from one reading, so that a stream that moves between them is in
    one of them. What is not there is not remembered, empty months excepted.
    """

    def __init__(
        self, store: SeasonStore, clock: Clock, *, lifetime_s: int = CACHE_LIFETIME_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime_s)
        self._editions: dict[_Key, tuple[datetime, Edition]] = {}
        self._zones: dict[str, str] = {}
        self._months: dict[_Key, tuple[datetime, Month]] = {}
        self._slots: dict[_Key, tuple[datetime, Slots]] = {}
        self._runs: dict[_Key, tuple[datetime, Mapping[str, Month]]] = {}

    def edition(self, programme_id: str) -> Edition:
        """Raises SeasonNotFoundError."""
        key = (programme_id, "")
        known = self._fresh(self._editions, [key])
        if known is not None:
            return known[key]
        found = self._store.edition(programme_id) if is_id(programme_id) else None
        if found is None:
            raise SeasonNotFoundError("no season was published for this programme")
        self._keep(self._editions, {key: found})
        return found

    def zone(self, programme_id: str) -> str:
        """The programme's time zone, without reading the edition twice: it stays as it is once there are streams.
        Raises SeasonNotFoundError."""
        if programme_id not in self._zones:
            zone = self.edition(programme_id).zone
            if len(self._zones) >= _MAX_CACHED:
                self._zones.clear()
            self._zones[programme_id] = zone
        return self._zones[programme_id]

    def months(self, programme_id: str, months: Sequence[str]) -> Mapping[str, Month]:
        """Each of `months`; one that is not stored is empty."""
        keys = [(programme_id, month) for month in dict.fromkeys(months)]
        known = self._fresh(self._months, keys)
        # read at different times they could show a stream that moved between them in neither
        if known is None or len({self._months[key][0] for key in keys}) > 1:
            return {key[1]: month for key, month in self._read_months(programme_id, months).items()}
        return {key[1]: known[key] for key in keys}

    def months_from(self, programme_id: str, month: str) -> Mapping[str, Month]:
        """Every month that is stored from `month` on, whatever an edition says: all of one reading, so that a stream
        that moves is in one of them."""
        key = (programme_id, month)
        known = self._fresh(self._runs, [key])
        if known is not None:
            return known[key]
        found = self._store.months_from(programme_id, month)
        self._keep(self._runs, {key: found})
        return found

    def slots(self, programme_id: str, stream_ids: Sequence[str]) -> Mapping[str, Slots]:
        """Those that are there."""
        asked = [(programme_id, each) for each in dict.fromkeys(stream_ids) if is_id(each)]
        held = {key: known[key] for key in asked if (known := self._fresh(self._slots, [key]))}
        missing = [key[1] for key in asked if key not in held]
        if missing:
            found = self._store.slots(programme_id, missing)
            read = {(programme_id, stream_id): each for stream_id, each in found.items()}
            self._keep(self._slots, read)
            held |= read
        return {key[1]: held[key] for key in asked if key in held}

    def stream(self, programme_id: str, stream_id: str) -> tuple[Stream, Slots]:
        """Raises NotFoundError."""
        streams, slots = self.streams(programme_id, [stream_id])
        if not streams:
            raise NotFoundError("there is no such stream")
        return streams[0], slots[stream_id]

    def streams(
        self, programme_id: str, stream_ids: Sequence[str]
    ) -> tuple[tuple[Stream, ...], Mapping[str, Slots]]:
        """Those of these streams that are there, by time, and their slots."""
        slots = self.slots(programme_id, stream_ids)
        months = [each.month for each in slots.values()]
        found = _named(slots, self.months(programme_id, months))
        if len(found) < len(slots):
            # one moved since its slots or its month were read: only consistent readings are sure to fit
            slots = self._read_slots(programme_id, list(slots))
            months = [each.month for each in slots.values()]
            read = self._read_months(programme_id, months, consistent=True)
            found = _named(slots, {key[1]: month for key, month in read.items()})
        there = {each.stream_id for each in found}
        return found, {each: of for each, of in slots.items() if each in there}

    def guide(self, programme_id: str, guide_id: str, now: datetime) -> GuideView:
        """The guide with the slots its rows name. Raises SeasonNotFoundError, NotFoundError."""
        edition = self.edition(programme_id)
        stream_ids = streams_of_guide(find_guide(edition, guide_id))
        # its rows may name slots that came with this very edition: none that were read before it will do
        read_at, _ = self._editions[programme_id, ""]
        for key in ((programme_id, each) for each in stream_ids):
            if key in self._slots and self._slots[key][0] < read_at:
                del self._slots[key]
        streams, slots = self.streams(programme_id, stream_ids)
        return guide_at(edition, guide_id, streams, slots, now)

    def _read_slots(self, programme_id: str, stream_ids: Sequence[str]) -> Mapping[str, Slots]:
        found = self._store.slots(programme_id, stream_ids, consistent=True)
        self._keep(self._slots, {(programme_id, each): of for each, of in found.items()})
        return found

    def _read_months(
        self, programme_id: str, months: Sequence[str], *, consistent: bool = False
    ) -> Mapping[_Key, Month]:
        wanted = list(dict.fromkeys(months))
        found = self._store.months(programme_id, wanted, consistent=consistent) if wanted else {}
        read = {(programme_id, each): found.get(each, Month(month=each)) for each in wanted}
        self._keep(self._months, read)
        return read

    def _fresh(
        self, cache: Mapping[_Key, tuple[datetime, _V]], keys: Iterable[_Key]
    ) -> dict[_Key, _V] | None:
        """All of them, or None where one is missing or too old."""
        now = self._clock.now()
        found: dict[_Key, _V] = {}
        for key in keys:
            if key not in cache:
                return None
            read_at, value = cache[key]
            if not timedelta(0) <= now - read_at < self._lifetime:  # a clock set back ends it too
                return None
            found[key] = value
        return found

    def _keep(
        self, cache: MutableMapping[_Key, tuple[datetime, _V]], read: Mapping[_Key, _V]
    ) -> None:
        if len(cache) + len(read) > _MAX_CACHED:
            cache.clear()
        now = self._clock.now()
        cache.update({key: (now, value) for key, value in read.items()})


def _named(slots: Mapping[str, Slots], months: Mapping[str, Month]) -> tuple[Stream, ...]:
    return tuple(each for each in streams_of(months) if each.stream_id in slots)
