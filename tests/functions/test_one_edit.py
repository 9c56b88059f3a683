"""One edit, every surface (CI-E4, CT-E1): nothing that is shown is older than a minute, and no answer is half old."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from huixue.edge.caching import MAX_AGE_S
from huixue.seasons.drafts import SeasonDraft
from huixue.seasons.model import GuideRow
from huixue.seasons.use_cases import CACHE_LIFETIME_S
from tests.functions.http import Answered
from tests.functions.icalendar_rules import published_events
from tests.functions.seasons import TONIGHT, Season, running_season, with_edition
from tests.functions.stage import Stage

PROMISE_S = 60
LATER = TONIGHT + timedelta(days=2)
DECEMBER = TONIGHT + timedelta(days=12)
Fact = tuple[datetime, str]
"""When the stream starts, and whether it is cancelled."""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def of_stream(stream: Mapping[str, Any]) -> Fact:
    return instant(stream["starts_at"]), stream["state"]


def in_list(found: Answered) -> list[Fact]:
    return [of_stream(each) for each in found.body["items"] if each["stream_id"] == "st-1120"]


def in_stream(found: Answered) -> list[Fact]:
    first = instant(found.body["slots"][0]["expected_at"])
    return [of_stream(found.body), (first, found.body["state"])]


def in_home(found: Answered) -> list[Fact]:
    shown = found.body.get("tonight") or found.body["next_stream"]
    return [of_stream(shown)] if shown["stream_id"] == "st-1120" else []


def in_guide(found: Answered) -> list[Fact]:
    """Of both its slots that the guide names."""
    rows = [each for each in found.body["rows"] if each["stream_id"] == "st-1120"]
    offset = timedelta(minutes=10)
    return [
        (instant(each["slot"]["expected_at"]) - n * offset, each["stream_state"])
        for n, each in enumerate(rows)
    ]


def in_calendar(found: Answered) -> list[Fact]:
    marks = [(day["date"], each) for day in found.body["days"] for each in day["streams"]]
    facts = [(day, *of_stream(each)) for day, each in marks if each["stream_id"] == "st-1120"]
    assert [day for day, *_ in facts] == [each[1].date().isoformat() for each in facts]
    return [(starts_at, state) for _, starts_at, state in facts]


def in_feed(found: Answered) -> list[Fact]:
    """iCalendar tells of no state but cancelled."""
    states = {"CONFIRMED": "planned", "CANCELLED": "cancelled"}
    return [
        (instant(each["DTSTART"].value), states[each["STATUS"].value])
        for each in published_events(found.text.encode())
        if each["UID"].value.startswith("stream-st-1120@")
    ]


Surface = tuple[str, dict[str, Any], Callable[[Answered], list[Fact]], int]
"""Function, what it is asked, what it tells of tonight's stream, and how often it tells it."""
SURFACES: Mapping[str, Surface] = {
    "home": ("get_home", {}, in_home, 1),
    "streams": ("list_streams", {"query": {}}, in_list, 1),
    "stream": ("get_stream", {"path": {"stream_id": "st-1120"}}, in_stream, 2),
    "guide": ("get_guide", {"path": {"guide_id": "double11"}}, in_guide, 2),
    "calendar": ("get_calendar", {"query": {"month": "2026-11"}}, in_calendar, 1),
    "feed": ("get_calendar_feed", {"token": None}, in_feed, 1),
}
SLOT_SURFACES = ("stream", "guide")


@pytest.fixture
def season(shared_stage: Stage) -> Iterator[Season]:
    with running_season(shared_stage) as published:
        yield published


def asked(season: Season, name: str, *, cold: bool = False) -> Answered:
    function, changes, _, _ = SURFACES[name]
    if name == "feed":
        changes = changes | {"path": {"feed_key": f"{season.feed_key()}.ics"}}
    if not cold:
        season.stage.container_of = function  # all surfaces live in one warm container
    found = season.call(function, cold=cold, **changes)
    assert found.status == 200, found.text
    return found


def told(season: Season, name: str) -> list[Fact]:
    return SURFACES[name][2](asked(season, name))


def age_in_clients(found: Answered) -> int:
    """How long after it was made an answer may still be shown."""
    _, _, seconds = found.headers["cache-control"].partition("max-age=")
    return int(seconds or 0)


@pytest.mark.parametrize(
    ("edit", "fact"),
    [
        pytest.param(lambda season: season.move("st-1120", LATER), (LATER, "planned"), id="moved"),
        pytest.param(
            lambda season: season.cancel("st-1120"), (TONIGHT, "cancelled"), id="cancelled"
        ),
    ],
)
def test_every_surface_follows_one_edit_within_a_minute(
    season: Season, edit: Callable[[Season], None], fact: Fact
) -> None:
    before = {name: told(season, name) for name in SURFACES}
    assert all(
        facts == [(TONIGHT, "planned")] * SURFACES[name][3] for name, facts in before.items()
    )
    edit(season)

    season.clock.advance(timedelta(seconds=CACHE_LIFETIME_S))

    after = {name: told(season, name) for name in SURFACES}
    if fact[1] == "cancelled":
        assert after.pop("home") == []  # nothing is on tonight any more
    assert {name: set(facts) for name, facts in after.items()} == {name: {fact} for name in after}
    assert CACHE_LIFETIME_S + MAX_AGE_S < PROMISE_S


@pytest.mark.parametrize("name", SURFACES)
def test_until_then_an_answer_is_old_or_new_but_never_half_of_each(
    season: Season, name: str
) -> None:
    old, new = {(TONIGHT, "planned")}, {(LATER, "planned")}
    told(season, "stream")  # a container that has read the slots, and the month a while later
    season.clock.advance(timedelta(seconds=CACHE_LIFETIME_S - 5))
    told(season, name)
    season.move("st-1120", LATER)

    seen = []
    for _ in range(2 * CACHE_LIFETIME_S):
        facts = told(season, name)
        assert set(facts) in (old, new)
        assert len(facts) >= 1
        seen.append(set(facts))
        season.clock.advance(timedelta(seconds=1))

    assert seen[0] == old
    turned = seen.index(new)
    assert turned <= CACHE_LIFETIME_S
    assert seen[turned:] == [new] * (len(seen) - turned)


@pytest.mark.parametrize("first", ["2026-11", "2026-12"])
@pytest.mark.parametrize("is_in_december", [False, True])
def test_a_stream_that_moves_between_months_is_in_a_list_exactly_once(
    season: Season, first: str, *, is_in_december: bool
) -> None:
    """Months are read at different times: no list may show it twice, or not at all."""
    starts = (TONIGHT + timedelta(days=1), DECEMBER)
    season.move("st-1120", starts[is_in_december])
    second = {"2026-11": "2026-12", "2026-12": "2026-11"}[first]
    month(season, first)
    season.move("st-1120", starts[not is_in_december])
    season.clock.advance(timedelta(seconds=5))
    month(season, second)

    for _ in range(2 * CACHE_LIFETIME_S):
        assert len(told(season, "streams")) == 1
        season.clock.advance(timedelta(seconds=1))

    assert told(season, "streams") == [(starts[not is_in_december], "planned")]


def month(season: Season, name: str) -> None:
    season.stage.container_of = "get_calendar"
    assert season.call("get_calendar", cold=False, query={"month": name}).status == 200


def test_a_row_that_was_published_now_never_comes_without_its_slot(season: Season) -> None:
    """Slots and the guide that names them are read at different times; the guide says that it has changed."""

    def with_new_row(draft: SeasonDraft) -> SeasonDraft:
        first, *others = draft.edition.guides
        rows = (*first.rows, GuideRow(slot_id="st-1120.new"))
        found, slots = draft.streams[0]
        streams = ((found, (*slots, replace(slots[0], slot_id="st-1120.new"))), *draft.streams[1:])
        draft = dataclasses.replace(draft, streams=streams)
        return with_edition(draft, guides=(replace(first, rows=rows), *others))

    season.stage.container_of = "list_guides"
    season.call("list_guides", cold=False)
    season.clock.advance(timedelta(seconds=10))
    asked(season, "guide")
    season.publish(with_new_row, at=season.clock.instant)

    seen = []
    for _ in range(2 * CACHE_LIFETIME_S):
        body = asked(season, "guide").body
        seen.append((len(body["rows"]), len(body.get("revisions", []))))
        season.clock.advance(timedelta(seconds=1))

    assert list(dict.fromkeys(seen)) == [(3, 0), (4, 1)]


@pytest.mark.parametrize("name", SLOT_SURFACES)
def test_a_slot_on_the_shelf_is_on_every_surface_that_shows_it(season: Season, name: str) -> None:
    def state(found: Answered) -> str:
        if name == "guide":
            return str(found.body["rows"][0]["slot"]["state"])
        return str(found.body["slots"][0]["state"])

    assert state(asked(season, name)) == "planned"
    season.set_slot("st-1120.p0", "on_shelf")

    season.clock.advance(timedelta(seconds=CACHE_LIFETIME_S))

    assert state(asked(season, name)) == "on_shelf"


@pytest.mark.parametrize("name", SURFACES)
def test_what_clients_may_keep_and_what_functions_keep_are_less_than_a_minute(
    season: Season, name: str
) -> None:
    assert age_in_clients(asked(season, name)) + CACHE_LIFETIME_S <= PROMISE_S


@pytest.mark.parametrize("name", SURFACES)
def test_a_container_that_starts_now_shows_the_edit_at_once(season: Season, name: str) -> None:
    asked(season, name)
    season.move("st-1120", LATER)

    assert set(SURFACES[name][2](asked(season, name, cold=True))) == {(LATER, "planned")}
