"""Any feed is a calendar by the letter of RFC 5545, and says what it was given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from unicodedata import category

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from huixue.edge.calendar_feed import rendered
from huixue.seasons.calendar import CalendarFeed, DayEvent, StreamEvent
from tests.functions.icalendar_rules import published_events, unescaped

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120) | st.text(
    '\r\n\t\x0b\x0c\x1c\x85\u2028\u2029,;:\\"a字😀 ', max_size=120
)
INSTANTS = st.datetimes(
    datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001 - the bounds
).map(lambda each: each.replace(microsecond=0))  # fmt: skip


@st.composite
def streams(draw: st.DrawFn, number: int) -> StreamEvent:
    starts_at = draw(INSTANTS)
    return StreamEvent(
        uid=f"stream-{number}@demo.huixue", stream_id=str(number), starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=draw(st.integers(1, 1440))), title=draw(WORDS),
        theme="", color="", status=draw(st.sampled_from(["CONFIRMED", "CANCELLED"])),
        state="planned", sequence=draw(st.integers(0, 99)), changed_at=draw(INSTANTS),
        description=tuple(draw(st.lists(WORDS, max_size=3))), target=None,
    )  # fmt: skip


@st.composite
def feeds(draw: st.DrawFn) -> CalendarFeed:
    count = draw(st.integers(0, 3))
    first_on = draw(st.dates(date(2020, 1, 1), date(2099, 1, 1)))
    day = DayEvent(
        uid="day@demo.huixue", title=draw(WORDS), first_on=first_on, weekly=draw(st.booleans()),
        changed_at=NOW,
    )  # fmt: skip
    return CalendarFeed(
        title=draw(WORDS), zone="Asia/Shanghai",
        streams=tuple(draw(streams(n)) for n in range(count)), days=(day,),
    )  # fmt: skip


def readable(words: str) -> str:
    """What can be written of it: line breaks are one sign there, other controls but the tab have no place."""
    lines = "\n".join(f"{words}|".splitlines())[:-1]
    return "".join(char for char in lines if char in "\n\t" or category(char) != "Cc")


@settings(max_examples=60)
@given(feeds())
def test_whatever_is_in_it_it_reads_back_the_same(feed: CalendarFeed) -> None:
    content = rendered(feed)

    found = {each["UID"].value: each for each in published_events(content)}
    for stream in feed.streams:
        event = found[stream.uid]
        assert unescaped(event["SUMMARY"].value) == readable(stream.title)
        assert event["DTSTART"].value == f"{stream.starts_at:%Y%m%dT%H%M%SZ}"
        assert event["DTEND"].value == f"{stream.ends_at:%Y%m%dT%H%M%SZ}"
        assert (event["STATUS"].value, event["SEQUENCE"].value) == (
            stream.status, str(stream.sequence),
        )  # fmt: skip
    assert found["day@demo.huixue"]["SEQUENCE"].value == "0"
    assert ("RRULE" in found["day@demo.huixue"]) == feed.days[0].weekly
    assert len(Calendar.from_ical(content).walk("VEVENT")) == len(found)
    assert rendered(feed) == content
