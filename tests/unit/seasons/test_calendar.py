"""The season as a calendar."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from huixue.seasons.calendar import KEPT_DAYS, CalendarFeed, events, member_days_on, streams_by_day
from huixue.seasons.changing import cancel, move, restore, set_slot_state
from huixue.seasons.model import MemberDay, Month
from huixue.seasons.publishing import publish
from tests.unit.seasons.fakes import (
    EDITION,
    NOW,
    PROGRAMME,
    STREAMS,
    ZONE,
    MemorySeasons,
    draft,
    local,
    published,
    standing,
    stream,
)

LATER = NOW + timedelta(hours=1)


def feed(store: MemorySeasons) -> CalendarFeed:
    edition = store.edition(PROGRAMME)
    assert edition is not None
    return events(edition, store.all_months(PROGRAMME), LATER)


def test_every_stream_is_an_event_of_its_own_by_time() -> None:
    store, _ = published()

    found = feed(store)

    assert [each.stream_id for each in found.streams] == ["s-1120", "s-1128", "s-1205"]
    first = found.streams[0]
    assert (first.uid, first.sequence, first.status) == (
        "stream-s-1120@demo.huixue",
        0,
        "CONFIRMED",
    )
    assert first.ends_at - first.starts_at == timedelta(hours=4)
    assert (found.title, found.zone) == ("秋季", ZONE)


def test_a_moved_stream_keeps_its_uid_and_counts_on() -> None:
    store, _ = published()
    before = feed(store).streams[0]
    move(PROGRAMME, "s-1120", local("2026-12-24 20:00"), "设备检修", store=store, now=LATER)

    after = feed(store).streams[-1]

    assert (after.uid, after.sequence, after.changed_at) == (before.uid, 1, LATER)
    assert after.starts_at == local("2026-12-24 20:00")
    assert "原定 11月20日 20:00，已改期" in after.description
    assert "原因：设备检修" in after.description


def test_slots_that_come_and_go_change_nothing_that_phones_were_given() -> None:
    """RFC 5545 §3.8.7.4: what an event says differs only with its SEQUENCE."""
    store, _ = published()
    before = feed(store)

    set_slot_state(PROGRAMME, "s-1120.p0", "withdrawn", store=store, now=LATER)

    assert standing(store, "s-1120").slot_count == 1
    assert feed(store) == before


def test_a_cancelled_stream_stays_in_the_feed_as_cancelled() -> None:
    store, _ = published()
    cancel(PROGRAMME, "s-1120", "主播生病", store=store, now=LATER)

    gone = feed(store).streams[0]

    assert (gone.status, gone.state, gone.sequence) == ("CANCELLED", "cancelled", 1)
    assert gone.description[-1] == "已取消：主播生病"


def test_a_stream_that_moved_and_was_cancelled_says_again_why_it_moved_once_restored() -> None:
    store, _ = published()
    move(PROGRAMME, "s-1120", local("2026-11-21 20:00"), "设备检修", store=store, now=LATER)
    cancel(PROGRAMME, "s-1120", "主播生病", store=store, now=LATER)

    back, _ = restore(PROGRAMME, "s-1120", store=store, now=LATER)

    assert (back.reason, feed(store).streams[0].description[-1]) == ("设备检修", "原因：设备检修")


def test_streams_long_past_leave_the_feed() -> None:
    old = stream("old", "2026-01-01 20:00")
    months = {"2026-01": Month(month="2026-01", streams=(old,), revision=1)}

    assert events(EDITION, months, old.starts_at + timedelta(days=KEPT_DAYS)).streams
    assert not events(EDITION, months, old.starts_at + timedelta(days=KEPT_DAYS, seconds=1)).streams


def test_a_member_day_comes_every_week_or_on_its_date() -> None:
    days = (MemberDay(title="会员日", weekday=5), MemberDay(title="双十一", on=date(2026, 11, 11)))
    edition = replace(EDITION, member_days=days, published_at=NOW, version=1)

    weekly, once = events(edition, {}, NOW).days

    assert (weekly.first_on, weekly.weekly) == (date(2024, 1, 5), True)
    assert (once.first_on, once.weekly) == (date(2026, 11, 11), False)
    assert weekly.uid != once.uid
    assert member_days_on(edition, date(2026, 11, 27)) == ("会员日",)
    assert member_days_on(edition, date(2026, 11, 11)) == ("双十一",)
    assert member_days_on(edition, date(2026, 11, 10)) == ()


def test_a_member_day_is_the_same_event_whatever_is_published_around_it() -> None:
    friday, sunday = MemberDay(title="会员日", weekday=5), MemberDay(title="会员日", weekday=7)
    new = MemberDay(title="狂欢", on=date(2026, 11, 10))
    first = replace(EDITION, member_days=(friday, sunday), published_at=NOW, version=1)
    later = NOW + timedelta(days=20)
    second = replace(first, member_days=(new, sunday, friday), published_at=later, version=2)

    before, after = events(first, {}, NOW).days, events(second, {}, later).days

    assert (after[2], after[1]) == before
    assert before[1].first_on == date(2024, 1, 7)


def test_a_member_day_written_twice_is_one_event_and_another_name_is_another() -> None:
    days = [MemberDay(title=title, weekday=5) for title in ("会员日", "会员日", "周五福利")]

    found = events(replace(EDITION, member_days=tuple(days)), {}, NOW).days

    assert [each.title for each in found] == ["会员日", "周五福利"]
    assert len({each.uid for each in found}) == 2


def test_a_stream_that_the_file_dropped_is_struck_out_in_one_word() -> None:
    store, _ = published()

    publish(draft(STREAMS[:2]), store=store, now=LATER)

    assert feed(store).streams[-1].description == ("已取消",)


def test_a_stream_after_midnight_belongs_to_the_new_day() -> None:
    late = stream("late", "2026-11-21 00:00")
    early = stream("early", "2026-11-20 23:59")

    days = streams_by_day([late, early], ZONE)

    assert days == {date(2026, 11, 20): (early,), date(2026, 11, 21): (late,)}
