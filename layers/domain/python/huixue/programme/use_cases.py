"""Publishing programmes and reading them: by the minute, or exactly as an order's terms name them."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from huixue.dynamodb.writes import ConditionFailedError
from huixue.kernel.calendar import Clock
from huixue.programme.model import (
    Programme,
    ProgrammeChangedError,
    ProgrammeNotFoundError,
    canonical_json,
)
from huixue.programme.ports import ProgrammeStore, PublishedVersion
from huixue.programme.rules import is_id

_K = TypeVar("_K")
_V = TypeVar("_V")

CACHE_LIFETIME_S = 60
_MAX_CACHED = 64  # more programmes or versions than one warm function meets; bounds its memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    version: int
    changed: bool
    """False: this very content was in force already and nothing was written."""


def publish(programme: Programme, *, store: ProgrammeStore, now: datetime) -> Published:
    """The next version if the content differs from the one in force; older versions stay for ever. May be repeated.

    Raises ProgrammeChangedError where somebody published something else at the same moment.
    """
    before = store.current(programme.programme_id)
    if before is not None and _same(before.programme, programme):
        return Published(version=before.version, changed=False)
    version = 1 if before is None else before.version + 1
    try:
        store.add(PublishedVersion(version=version, programme=programme, published_at=now))
    except ConditionFailedError:
        return _after_failed_condition(programme, store=store, now=now)
    return Published(version=version, changed=True)


def _after_failed_condition(
    programme: Programme, *, store: ProgrammeStore, now: datetime
) -> Published:
    """A lost reply to our own write looks like somebody else's: what is in force decides."""
    after = store.current(programme.programme_id)
    if after is None or not _same(after.programme, programme):
        raise ProgrammeChangedError(
            "another version was published at the same moment: look at the differences again",
            programme_id=programme.programme_id,
        )
    return Published(version=after.version, changed=after.published_at == now)


def current(programme_id: str, *, store: ProgrammeStore) -> tuple[int, Programme]:
    """Version and content in force. Raises ProgrammeNotFoundError."""
    found = store.current(programme_id) if is_id(programme_id) else None
    if found is None:
        raise ProgrammeNotFoundError("there is no such programme")
    return found.version, found.programme


def version(programme_id: str, number: int, *, store: ProgrammeStore) -> Programme:
    """A version exactly as it was published. Raises ProgrammeNotFoundError."""
    found = store.version(programme_id, number) if is_id(programme_id) else None
    if found is None:
        raise ProgrammeNotFoundError("there is no such version", version=number)
    return found.programme


def _same(one: Programme, other: Programme) -> bool:
    return canonical_json(one) == canonical_json(other)


class CachedProgrammes:
    """Programmes for a warm function: what is in force is at most 60 s old, a version is read once.

    What is not there is never remembered, so a programme works from the moment it is published.
    """

    def __init__(
        self, store: ProgrammeStore, clock: Clock, *, lifetime_s: int = CACHE_LIFETIME_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime_s)
        self._current: dict[str, tuple[datetime, tuple[int, Programme]]] = {}
        self._versions: dict[tuple[str, int], Programme] = {}

    def current(self, programme_id: str) -> tuple[int, Programme]:
        now = self._clock.now()
        read_at, found = self._current.get(programme_id, (None, None))
        if found is not None and read_at is not None and _is_fresh(now - read_at, self._lifetime):
            return found
        found = current(programme_id, store=self._store)
        _make_room(self._current)
        self._current[programme_id] = (now, found)
        return found

    def version(self, programme_id: str, number: int) -> Programme:
        key = (programme_id, number)
        if key not in self._versions:
            found = version(programme_id, number, store=self._store)
            _make_room(self._versions)
            self._versions[key] = found
        return self._versions[key]


def _is_fresh(age: timedelta, lifetime: timedelta) -> bool:
    return timedelta(0) <= age < lifetime  # a clock set back makes nothing live longer


def _make_room(cache: MutableMapping[_K, _V]) -> None:
    if len(cache) >= _MAX_CACHED:
        cache.clear()
