"""What members read about a season: each page made from one reading of what is published, when it is asked for.

Nothing is stored for a page, so a change of a stream or a slot is a change of all of them at once.

Cold, a page of the catalogue costs at most 1 RCU: home and the list of streams the edition (0.5) and the months of
their days (0.5 while these come to 4 KB), a stream its month and slots (0.5 each while below 4 KB; the first in the
life of a container also the edition for the time zone, 0.5). A guide costs 0.5 for the edition, 0.5 for the months
of its streams in a row, and 0.5 for the slots of each stream that it names. Each is kept for 15 s. The row of the
session that asks is 0.5 more, for every request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from huixue.edge import season_presenting, season_wire
from huixue.edge.problems import FieldsInvalidError
from huixue.edge.requests import cursor_of
from huixue.edge.season_desk import seasons
from huixue.kernel.calendar import business_date, from_text, to_text
from huixue.kernel.errors import CursorInvalidError, NotFoundError
from huixue.members.model import Member
from huixue.members.viewing import viewer_tags
from huixue.seasons.blocks import block_at
from huixue.seasons.calendar import streams_by_day
from huixue.seasons.guides import find_guide, guides_at
from huixue.seasons.home import Viewer, home_at
from huixue.seasons.instants import (
    content_state,
    first_after,
    months_around,
    months_of_days,
    next_midnight,
    streams_change_at,
    streams_of,
)
from huixue.seasons.model import Edition, Stream, is_id

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
    view = home_at(edition, streams_of(months), now, _viewer(member, edition, now))
    return Page(body=season_presenting.home(view, edition, now=now), changes_at=view.changes_at)


def block(member: Member, block_id: str, now: datetime) -> Page:
    """A block by its link, for those it is for; one that has ended is found and says so (CT-E3). Raises NotFoundError,
    SeasonNotFoundError."""
    edition = seasons().edition(member.programme_id)
    view = block_at(edition, block_id, now, _viewer(member, edition, now))
    body = season_presenting.block(view, ZoneInfo(edition.zone))
    return Page(body=body, changes_at=view.changes_at)


def _viewer(member: Member, edition: Edition, now: datetime) -> Viewer:
    joined_on = business_date(member.created_at, ZoneInfo(edition.zone))
    return Viewer(tags=viewer_tags(member, now), joined_on=joined_on)


def streams(
    programme_id: str, first: date | None, last: date | None, now: datetime, *, limit: int,
    cursor: str | None,
) -> Page:  # fmt: skip
    """At most `limit` streams that start on the business days `first` to `last`, both included, behind the one at which
    the page before ended. Raises FieldsInvalidError for days in the wrong order or too many, CursorInvalidError,
    SeasonNotFoundError."""
    after = None if cursor is None else _place_of(cursor)
    edition = seasons().edition(programme_id)
    zone = ZoneInfo(edition.zone)
    start, end = window(first, last, business_date(now, zone))
    months = seasons().months(programme_id, months_of_days(start, end))
    behind = [
        each
        for each in streams_between(streams_of(months), start, end, edition.zone)
        if after is None or _place(each) > after
    ]
    found = behind[:limit]
    more = _cursor_at(found[-1]) if len(behind) > limit else None
    items = [season_presenting.stream_summary(each, now=now, zone=zone) for each in found]
    midnight = next_midnight(now, edition.zone) if first is None else None
    return Page(
        body=season_wire.StreamList(items=items, next_cursor=more),
        changes_at=first_after(now, (streams_change_at(found, now), midnight)),
    )


def _place(stream: Stream) -> tuple[datetime, str]:
    """Lists are in this order, so whoever moves meanwhile makes nobody else come twice or never."""
    return stream.starts_at, stream.stream_id


def _cursor_at(stream: Stream) -> str | None:
    return cursor_of(f"{to_text(stream.starts_at)},{stream.stream_id}")


def _place_of(content: str) -> tuple[datetime, str]:
    """Raises CursorInvalidError for one of another list."""
    starts_at, _, stream_id = content.partition(",")
    try:
        place = from_text(starts_at), stream_id
    except ValueError as error:
        raise CursorInvalidError("not a cursor of this list") from error
    if place[0].tzinfo is None or not is_id(stream_id):
        raise CursorInvalidError("not a cursor of this list")
    return place


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
    zone = ZoneInfo(seasons().zone(programme_id))
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
    if content_state(find_guide(edition, guide_id), now) != "open":
        raise NotFoundError("this guide is not open")
    read_at = season_presenting.local(now, ZoneInfo(edition.zone))
    return season_wire.GuideRead(guide_id=guide_id, read_at=read_at)
