from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from huixue.programme.model import ProgrammeChangedError, ProgrammeNotFoundError
from huixue.programme.use_cases import CachedProgrammes, Published, current, publish, version
from tests.engines.clock import FrozenClock
from tests.unit.programme.fakes import FakeProgrammes
from tests.unit.programme.programmes import demo

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
OTHER = msgspec.structs.replace(demo(), title="另一个")
THIRD = msgspec.structs.replace(demo(), title="第三个")


def test_versions_count_up_and_the_same_content_again_changes_nothing() -> None:
    store = FakeProgrammes()

    answers = [publish(each, store=store, now=NOW) for each in (demo(), demo(), OTHER, OTHER)]

    assert answers == [
        Published(version=1, changed=True),
        Published(version=1, changed=False),
        Published(version=2, changed=True),
        Published(version=2, changed=False),
    ]
    assert current("demo", store=store) == (2, OTHER)
    assert version("demo", 1, store=store) == demo()


def test_a_lost_reply_to_our_own_write_still_tells_what_was_published() -> None:
    store = FakeProgrammes()
    store.lose_replies = True

    assert publish(demo(), store=store, now=NOW) == Published(version=1, changed=True)


def test_somebody_elses_version_is_never_replaced_unseen() -> None:
    store = FakeProgrammes()
    publish(demo(), store=store, now=NOW)
    store.before_write = [lambda: publish(OTHER, store=store, now=NOW)]

    with pytest.raises(ProgrammeChangedError):
        publish(THIRD, store=store, now=NOW)

    assert current("demo", store=store) == (2, OTHER)


def test_the_same_content_published_by_somebody_else_at_once_is_no_conflict() -> None:
    store = FakeProgrammes()
    before = NOW - timedelta(seconds=1)
    store.before_write = [lambda: publish(demo(), store=store, now=before)]

    assert publish(demo(), store=store, now=NOW) == Published(version=1, changed=False)


@pytest.mark.parametrize("programme_id", ["other", "", "DEMO", "x" * 3000])
def test_what_is_not_there_has_the_code_for_that(programme_id: str) -> None:
    store = FakeProgrammes()

    with pytest.raises(ProgrammeNotFoundError) as refused:
        current(programme_id, store=store)

    assert refused.value.code == "PROGRAMME_NOT_FOUND"
    with pytest.raises(ProgrammeNotFoundError):
        version(programme_id, 1, store=store)
    assert store.reads == (2 if programme_id == "other" else 0)  # what is no id costs no read


def test_the_cache_reads_what_is_in_force_once_a_minute() -> None:
    store, clock = FakeProgrammes(), FrozenClock(NOW)
    cached = CachedProgrammes(store, clock)
    publish(demo(), store=store, now=NOW)
    store.reads = 0

    first = [cached.current("demo") for _ in range(3)]
    publish(OTHER, store=store, now=NOW)
    store.reads = 0
    clock.advance(timedelta(seconds=59))
    within = cached.current("demo")
    clock.advance(timedelta(seconds=1))
    after = cached.current("demo")

    assert first == [(1, demo())] * 3
    assert within == (1, demo())
    assert after == (2, OTHER)
    assert store.reads == 1


def test_a_clock_set_back_does_not_lengthen_the_caches_life() -> None:
    store, clock = FakeProgrammes(), FrozenClock(NOW)
    cached = CachedProgrammes(store, clock)
    publish(demo(), store=store, now=NOW)
    cached.current("demo")
    publish(OTHER, store=store, now=NOW)

    clock.advance(timedelta(seconds=-1))

    assert cached.current("demo") == (2, OTHER)


def test_a_version_is_read_once_and_what_is_not_there_is_not_remembered() -> None:
    store = FakeProgrammes()
    cached = CachedProgrammes(store, FrozenClock(NOW))
    with pytest.raises(ProgrammeNotFoundError):
        cached.version("demo", 1)
    with pytest.raises(ProgrammeNotFoundError):
        cached.current("demo")
    publish(demo(), store=store, now=NOW)
    store.reads = 0

    assert [cached.version("demo", 1) for _ in range(3)] == [demo()] * 3
    assert cached.current("demo") == (1, demo())
    assert store.reads == 2


def test_the_cache_stays_small_however_many_programmes_there_are() -> None:
    store = FakeProgrammes()
    cached = CachedProgrammes(store, FrozenClock(NOW))
    for number in range(70):
        named = msgspec.structs.replace(demo(), programme_id=f"p{number}")
        publish(named, store=store, now=NOW)
        assert cached.current(named.programme_id) == (1, named)
    store.reads = 0

    cached.current("p0")
    cached.current("p69")

    assert store.reads == 1
