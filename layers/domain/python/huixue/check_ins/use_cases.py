"""Rules of check-ins as functions read them: a moment old at the most, so that a check-in reads nothing for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from huixue.check_ins.ports import CheckInRuleStore
from huixue.kernel.check_ins import CheckInRules

CACHE_LIFETIME_S = 15
"""A version begins a minute after its publication at the earliest (`versions.LEAST_NOTICE`), when nobody has older
rules any more; so the age matters to tasks and outages alone."""
_MAX_CACHED = 64


class CachedRules:
    """What was published is remembered for `lifetime_s`; what was not is asked for every time."""

    def __init__(
        self,
        store: CheckInRuleStore,
        now: Callable[[], datetime],
        *,
        lifetime_s: int = CACHE_LIFETIME_S,
    ) -> None:
        self._store = store
        self._now = now
        self._lifetime = timedelta(seconds=lifetime_s)
        self._read: dict[str, tuple[datetime, CheckInRules]] = {}

    def __call__(self, programme_id: str) -> CheckInRules:
        now = self._now()
        read_at, found = self._read.get(programme_id, (None, None))
        # a clock set back makes nothing live longer
        if found and read_at and timedelta(0) <= now - read_at < self._lifetime:
            return found
        found = self._store.rules(programme_id)
        if found.revision:
            if len(self._read) >= _MAX_CACHED:
                self._read.clear()
            self._read[programme_id] = (now, found)
        return found
