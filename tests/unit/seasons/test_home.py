"""The home page at an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huixue.seasons.home import Home, Viewer, home_at, is_for
from huixue.seasons.model import Audience, Block, BlockKind, Edition, Stream
from tests.unit.seasons.fakes import EDITION, NOW, local, stream

ANYBODY = Viewer()
MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)


def block(block_id: str, kind: BlockKind = "banner", **changes: object) -> Block:
    return replace(Block(block_id=block_id, kind=kind, title=block_id), **changes)


def edition(*blocks: Block) -> Edition:
    return replace(EDITION, blocks=blocks)


def content(home: Home) -> dict[str, object]:
    return {name: getattr(home, name) for name in Home.__slots__ if name != "changes_at"}


def test_a_banner_is_there_from_its_first_instant_until_before_its_last() -> None:
    starts, ends = local("2026-11-11 00:00"), local("2026-11-12 00:00")
    page = edition(block("sale", starts_at=starts, ends_at=ends))

    seen = [
        bool(home_at(page, (), at, ANYBODY).banners)
        for at in (starts - TICK, starts, ends - TICK, ends)
    ]

    assert seen == [False, True, True, False]


def test_blocks_lie_by_kind_and_by_priority_then_in_the_order_of_the_file() -> None:
    page = edition(
        block("b"),
        block("a"),
        block("top", priority=5),
        block("low", priority=-1),
        block("shop", "entry"),
        block("off", enabled=False),
    )

    home = home_at(page, (), NOW, ANYBODY)

    assert [each.block_id for each in home.banners] == ["top", "b", "a", "low"]
    assert [each.block_id for each in home.entries] == ["shop"]


def test_every_kind_of_block_has_its_place() -> None:
    kinds: tuple[BlockKind, ...] = ("entry", "banner", "featured", "market", "brand", "notice")

    home = home_at(edition(*(block(kind, kind) for kind in kinds)), (), NOW, ANYBODY)

    lists = (home.entries, home.banners, home.featured, home.markets, home.brands, home.notices)
    assert [[each.kind for each in blocks] for blocks in lists] == [[kind] for kind in kinds]


@pytest.mark.parametrize(
    ("tags", "seen"),
    [
        ({}, False),
        ({"skin_type": {"dry"}}, False),
        ({"skin_type": {"dry"}, "region": {"hunan"}}, True),
        ({"skin_type": {"oily", "sensitive"}, "region": {"hunan"}}, True),
        ({"skin_type": {"oily"}, "region": {"hunan"}}, False),
    ],
)
def test_an_audience_is_any_value_of_every_group_it_names(
    tags: dict[str, set[str]], seen: bool
) -> None:
    audience = Audience(tags={"skin_type": ("dry", "sensitive"), "region": ("hunan",)})
    viewer = Viewer(tags={group: frozenset(values) for group, values in tags.items()})

    assert is_for(audience, viewer, date(2026, 11, 20)) is seen


@pytest.mark.parametrize(
    ("joined_on", "seen"),
    [
        (None, False),
        (date(2026, 11, 20), True),
        (date(2026, 11, 14), True),
        (date(2026, 11, 13), False),
    ],
)
def test_a_block_for_new_members_counts_business_days(joined_on: date | None, seen: bool) -> None:
    audience = Audience(joined_within_days=7)

    assert is_for(audience, Viewer(joined_on=joined_on), date(2026, 11, 20)) is seen


@pytest.mark.parametrize(
    ("at", "tonight", "state", "coming"),
    [
        ("2026-11-20 00:00", "s-1", "planned", None),
        ("2026-11-20 20:00", "s-1", "live", None),
        ("2026-11-20 23:59", "s-1", "live", None),
        ("2026-11-21 00:00", None, None, "s-2"),
        ("2026-11-22 23:00", "s-2", "live", None),
        ("2026-11-23 01:00", "s-2", "live", None),
        ("2026-11-23 03:00", None, None, None),
        ("2026-11-23 23:59", None, None, None),
        ("2026-11-24 00:00", None, None, "s-3"),
    ],
)
def test_tonight_is_the_live_stream_or_the_next_of_the_day(
    at: str, tonight: str | None, state: str | None, coming: str | None
) -> None:
    streams = [
        stream("s-1", "2026-11-20 20:00"),
        stream("s-2", "2026-11-22 23:00"),
        stream("s-3", "2026-12-01 20:00"),
    ]

    home = home_at(edition(), streams, local(at), ANYBODY)

    ids = [each.stream_id if each else None for each in (home.tonight, home.next_stream)]
    assert ids == [tonight, coming]
    assert home.tonight_state == state


def test_a_cancelled_stream_is_not_tonights() -> None:
    gone = stream("s-1", "2026-11-20 20:00", cancelled_at=NOW)

    home = home_at(edition(), [gone], NOW, ANYBODY)

    assert (home.tonight, home.next_stream) == (None, None)


def test_of_two_live_streams_the_one_that_started_last_is_tonights() -> None:
    streams = [stream("early", "2026-11-20 18:00"), stream("late", "2026-11-20 20:00")]

    home = home_at(edition(), streams, local("2026-11-20 20:30"), ANYBODY)

    assert home.tonight == streams[1]


def test_the_answer_changes_when_the_next_window_of_hers_opens() -> None:
    page = edition(
        block("others", starts_at=NOW + MINUTE, audience=Audience(tags={"region": ("hunan",)})),
        block("all", starts_at=NOW + 2 * MINUTE),
    )

    assert home_at(page, (), NOW, ANYBODY).changes_at == NOW + 2 * MINUTE
    assert home_at(edition(), (), NOW, ANYBODY).changes_at == local("2026-11-21 00:00")


hours = st.integers(0, 72)
instants = st.builds(lambda hour: NOW + timedelta(hours=hour) - timedelta(hours=24), hours)
maybe = st.none() | instants
audiences = st.sampled_from([
    Audience(),
    Audience(tags={"region": ("hunan",)}),
    Audience(joined_within_days=2),
])  # fmt: skip
blocks = st.builds(
    lambda n, starts, ends, audience: block(
        f"b{n}", starts_at=starts, ends_at=ends, audience=audience
    ),
    st.integers(0, 9), maybe, maybe, audiences,
)  # fmt: skip
streams = st.builds(
    lambda n, at, lasts, cancelled, began, finished: replace(
        stream(f"s{n}", "2026-11-20 20:00"),
        starts_at=at, lasts_min=lasts, cancelled_at=NOW if cancelled else None,
        began_at=began, finished_at=finished,
    ),
    st.integers(0, 9), instants, st.integers(1, 600), st.booleans(), maybe, maybe,
)  # fmt: skip
viewers = st.sampled_from([
    ANYBODY,
    Viewer(tags={"region": frozenset({"hunan"})}, joined_on=date(2026, 11, 19)),
])  # fmt: skip


@given(
    st.lists(blocks, max_size=6), st.lists(streams, max_size=5), viewers, instants,
    st.floats(0, 1, exclude_max=True),
)  # fmt: skip
def test_nothing_changes_before_the_instant_the_answer_names(
    shown: list[Block], planned: list[Stream], viewer: Viewer, now: datetime, part: float
) -> None:
    page = edition(*shown)

    home = home_at(page, planned, now, viewer)

    assert home.changes_at is not None
    assert now < home.changes_at
    between = min(now + (home.changes_at - now) * part, home.changes_at - TICK)
    assert content(home_at(page, planned, between, viewer)) == content(home)
    last = home.changes_at - TICK
    assert home_at(page, planned, last, viewer) == home
    if home.changes_at.astimezone(UTC).hour != 16:  # midnight in Shanghai
        assert content(home_at(page, planned, home.changes_at, viewer)) != content(home)
