"""What members read about a season: each page made from one reading of what is published, when it is asked for.

Nothing is stored for a page, so a change of a stream or a slot is a change of all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from huixue.edge import season_presenting, season_wire
from huixue.edge.problems import FieldsInvalidError
from huixue.edge.season_desk import seasons
from huixue.kernel.calendar import business_date
from huixue.kernel.errors import NotFoundError
from huixue.members.model import Member
from huixue.members.viewing import viewer_tags
from huixue.seasons.calendar import streams_by_day
from huixue.seasons.guides import find_guide, guide_state, guides_at
from huixue.seasons.home import Viewer, home_at
from huixue.seasons.instants import (
    first_after,
    months_around,
    months_of_days,
    next_midnight,
    streams_change_at,
    streams_of,
)
from huixue.seasons.model import Stream

MAX_DAYS = 92
"""So many business days at the most are listed at once."""
_DEFAULT_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    body: msgspec.Struct
    changes_at: datetime | None = None
    """When it changes by itself next; None: only if somebody changes something."""


def home(member: Member, now: datetime) -> Page:
    """The home page as this member sees it. Raises SeasonNotFoundError."""
    edition = seasons().edition(member.programme_id)
    months = seasons().months(member.programme_id, months_around(now, edition.zone))
    joined_on = business_date(member.created_at, ZoneInfo(edition.zone))
    viewer = Viewer(tags=viewer_tags(member, now), joined_on=joined_on)
    view = home_at(edition, streams_of(months), now, viewer)
    tonight = [] if view.tonight is None else [view.tonight.stream_id]
    slots = [
        slot
        for found in seasons().slots(member.programme_id, tonight).values()
        for slot in found.slots
    ]
    body = season_presenting.home(view, edition, slots, now=now)
    return Page(body=body, changes_at=view.changes_at)


def streams(programme_id: str, first: date | None, last: date | None, now: datetime) -> Page:
    """Streams that start on the business days `first` to `last`, both included. Raises FieldsInvalidError for days in
    the wrong order or too many, SeasonNotFoundError."""
    edition = seasons().edition(programme_id)
    zone = ZoneInfo(edition.zone)
    start, end = window(first, last, business_date(now, zone))
    months = seasons().months(programme_id, months_of_days(start, end))
    found = streams_between(streams_of(months), start, end, edition.zone)
    items = [season_presenting.stream_summary(each, now=now, zone=zone) for each in found]
    midnight = next_midnight(now, edition.zone) if first is None else None
    return Page(
        body=season_wire.StreamList(items=items),
        changes_at=first_after(now, (streams_change_at(found, now), midnight)),
    )


def window(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The span that is asked for; raises FieldsInvalidError."""
    start = first or today
    end = last or start + min(_DEFAULT_AHEAD, date.max - start)
    if not 0 <= (end - start).days < MAX_DAYS:
        raise FieldsInvalidError([("?to", "INVALID")])
    return start, end


def streams_between(
    found: tuple[Stream, ...], first: date, last: date, zone_name: str
) -> tuple[Stream, ...]:
    by_day = streams_by_day(found, zone_name)
    return tuple(each for day in sorted(by_day) if first <= day <= last for each in by_day[day])


def stream(programme_id: str, stream_id: str, now: datetime) -> Page:
    """One stream and all its slots. Raises NotFoundError, SeasonNotFoundError."""
    zone = ZoneInfo(seasons().edition(programme_id).zone)
    found, slots = seasons().stream(programme_id, stream_id)
    body = season_presenting.stream(found, slots.slots, now=now, zone=zone)
    return Page(body=body, changes_at=streams_change_at([found], now))


def guides(programme_id: str, now: datetime) -> Page:
    """Raises SeasonNotFoundError."""
    edition = seasons().edition(programme_id)
    zone = ZoneInfo(edition.zone)
    found = guides_at(edition, now)
    items = [season_presenting.guide_summary(each, zone) for each in found.guides]
    return Page(body=season_wire.GuideList(items=items), changes_at=found.changes_at)


def guide(programme_id: str, guide_id: str, now: datetime) -> Page:
    """Raises NotFoundError, SeasonNotFoundError; one that has ended is found and says so (CT-E3)."""
    view = seasons().guide(programme_id, guide_id, now)
    zone = ZoneInfo(seasons().edition(programme_id).zone)
    return Page(body=season_presenting.guide(view, zone), changes_at=view.changes_at)


def guide_read(programme_id: str, guide_id: str, now: datetime) -> season_wire.GuideRead:
    """That somebody reads it now. Raises NotFoundError for a guide that nobody can, SeasonNotFoundError."""
    edition = seasons().edition(programme_id)
    if guide_state(find_guide(edition, guide_id), now) != "open":
        raise NotFoundError("this guide is not open")
    read_at = season_presenting.local(now, ZoneInfo(edition.zone))
    return season_wire.GuideRead(guide_id=guide_id, read_at=read_at)
