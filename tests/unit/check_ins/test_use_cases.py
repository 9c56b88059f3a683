from __future__ import annotations

from datetime import UTC, datetime, timedelta

from huixue.check_ins.use_cases import CACHE_LIFETIME_S, CachedRules
from huixue.kernel.check_ins import CheckInRules
from tests.engines.clock import FrozenClock
from tests.unit.check_ins.made import rules

LIFETIME = timedelta(seconds=CACHE_LIFETIME_S)


class CountingStore:
    """`CheckInRuleStore` in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, CheckInRules] = {}
        self.reads = 0

    def rules(self, programme_id: str, *, consistent: bool = False) -> CheckInRules:
        assert not consistent
        self.reads += 1
        return self.stored.get(programme_id, CheckInRules(programme_id=programme_id))

    def write(self, rules: CheckInRules, read_revision: int) -> None:
        raise AssertionError("readers write nothing")


def cached() -> tuple[CountingStore, FrozenClock, CachedRules]:
    store, clock = CountingStore(), FrozenClock(datetime(2026, 11, 20, 4, tzinfo=UTC))
    return store, clock, CachedRules(store, clock.now)


def published(revision: int) -> CheckInRules:
    return CheckInRules(programme_id="demo", versions=rules().versions, revision=revision)


def test_rules_are_read_once_in_their_lifetime() -> None:
    store, clock, found = cached()
    store.stored["demo"] = published(1)
    found("demo")
    store.stored["demo"] = published(2)

    clock.advance(LIFETIME - timedelta(microseconds=1))
    assert found("demo").revision == 1
    clock.advance(timedelta(microseconds=1))
    assert (found("demo").revision, store.reads) == (2, 2)


def test_what_is_not_published_is_asked_for_every_time() -> None:
    store, _, found = cached()
    assert found("demo").revision == 0

    store.stored["demo"] = published(1)

    assert found("demo").revision == 1


def test_a_clock_set_back_makes_nothing_live_longer() -> None:
    store, clock, found = cached()
    store.stored["demo"] = published(1)
    found("demo")
    store.stored["demo"] = published(2)

    clock.advance(-timedelta(seconds=1))

    assert found("demo").revision == 2


def test_many_programmes_do_not_fill_the_memory() -> None:
    store, _, found = cached()
    for n in range(200):
        store.stored[f"p{n}"] = published(1)
        found(f"p{n}")

    assert len(found._read) <= 64
