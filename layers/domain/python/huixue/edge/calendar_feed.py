"""The calendar of streams as iCalendar (RFC 5545, with the names and refresh times of RFC 7986).

Everything in it comes from what is stored, nothing from the clock: as long as nothing changes the bytes stay the same,
and so does their ETag. A stream keeps its UID for ever; each change counts its SEQUENCE up, so that phones replace the
event they have. Imports the iCalendar library: only the feed's own function may import this module.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event
from icalendar.prop import vText

from huixue.edge.season_desk import programme_of_feed, seasons
from huixue.kernel.errors import NotFoundError
from huixue.seasons.calendar import KEPT_DAYS, CalendarFeed, DayEvent, StreamEvent, events
from huixue.seasons.instants import month_of

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH_EVERY = timedelta(minutes=15)
"""What subscribers are asked to do; phones do as they like."""
_SUFFIX = ".ics"
_PRODUCT = "-//Huixue//Stream calendar//ZH"
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""RFC 5545 §3.1 allows no control character in text but the tab; a line break is written `\\n`, whatever sign it was:
readers split lines at more signs than the format does."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def feed_at(segment: str, now: datetime) -> bytes:
    """The calendar that `{feed_key}.ics` is the address of. Raises NotFoundError for every other text."""
    key = segment.removesuffix(_SUFFIX)
    if key == segment:
        raise NotFoundError("a calendar's address ends in .ics")
    programme_id = programme_of_feed(key)
    edition = seasons().edition(programme_id)
    oldest = month_of(now - timedelta(days=KEPT_DAYS), edition.zone)
    # not by `edition.months`: a stream may have moved to a month that the edition in memory does not name yet
    months = seasons().months_from(programme_id, oldest)
    return rendered(events(edition, months, now))


def rendered(feed: CalendarFeed) -> bytes:
    """The whole feed; equal feeds give equal bytes."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, _text(feed.title))
    calendar.add("x-wr-timezone", feed.zone)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH_EVERY // timedelta(minutes=1)}M")
    for stream in feed.streams:
        calendar.add_component(_stream(stream))
    for day in feed.days:
        calendar.add_component(_day(day))
    content: bytes = calendar.to_ical()
    return content


def _stream(found: StreamEvent) -> Event:
    event = Event()
    event.add("uid", _text(found.uid))
    event.add("dtstamp", found.changed_at.astimezone(UTC))
    event.add("last-modified", found.changed_at.astimezone(UTC))
    event.add("sequence", found.sequence)
    event.add("dtstart", found.starts_at.astimezone(UTC))
    event.add("dtend", found.ends_at.astimezone(UTC))
    event.add("summary", _text(found.title))
    if found.description:
        event.add("description", _text("\n".join(found.description)))
    event.add("status", found.status)
    return event


def _day(found: DayEvent) -> Event:
    """All day, on one date or every week from it on; it takes nobody's time. It never changes: another day or name is
    another event."""
    event = Event()
    event.add("uid", _text(found.uid))
    event.add("dtstamp", found.changed_at.astimezone(UTC))
    event.add("last-modified", found.changed_at.astimezone(UTC))
    event.add("sequence", 0)
    event.add("dtstart", found.first_on)
    event.add("dtend", found.first_on + timedelta(days=1))
    event.add("summary", _text(found.title))
    if found.weekly:
        event.add("rrule", {"freq": "weekly", "byday": _WEEKDAYS[found.first_on.weekday()]})
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _text(words: str) -> vText:
    return vText(_CONTROLS.sub("", _BREAKS.sub("\n", words)))
