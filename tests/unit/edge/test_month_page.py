from __future__ import annotations

from datetime import UTC, date, datetime

from huixue.check_ins.awards import Award
from huixue.check_ins.months import MonthView
from huixue.check_ins.streaks import Reset
from huixue.edge.month_page import shown
from huixue.edge.month_wire import Calendar
from huixue.seasons.model import Edition, MemberDay, Stream

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
MONTH = date(2026, 11, 1)
EDITION = Edition(
    programme_id="demo",
    season_id="w",
    title="",
    member_days=(MemberDay(title="会员日", weekday=3),),
)


def page(view: MonthView, *streams: Stream, english: bool = False) -> Calendar:
    return shown(
        EDITION, streams, view, today=NOW.date(), now=NOW, feed_key="demo.k", english=english
    )


def stream(stream_id: str, starts_at: datetime) -> Stream:
    return Stream(
        stream_id=stream_id, season_id="w", title="", planned_starts_at=starts_at,
        starts_at=starts_at, changed_at=NOW,
    )  # fmt: skip


def test_each_mark_is_told_as_what_it_is() -> None:
    view = MonthView(
        month=MONTH,
        days={
            MONTH.replace(day=3): "checked_in",
            MONTH.replace(day=4): "made_up",
            MONTH.replace(day=5): "protected",
        },
    )

    days = page(view).days

    told = [(each.checked_in, each.made_up, each.protected) for each in days[1:6]]
    assert told == [
        (False, False, False), (True, False, False), (True, True, False), (False, False, True),
        (False, False, False),
    ]  # fmt: skip


def test_a_stream_is_on_the_local_day_on_which_it_starts_and_no_other_months_is_shown() -> None:
    late = stream("late", datetime(2026, 11, 20, 15, 59, tzinfo=UTC))
    midnight = stream("midnight", datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    december = stream("december", datetime(2026, 11, 30, 16, 0, tzinfo=UTC))

    days = page(MonthView(month=MONTH), late, midnight, december).days

    shown_on = {each.stream_id: day.date.day for day in days for each in day.streams}
    assert shown_on == {"late": 20, "midnight": 21}


def test_milestones_and_the_reason_of_a_reset_are_told() -> None:
    award = Award(kind="consecutive", days=7, points=20, title="七连", on=MONTH.replace(day=24))
    view = MonthView(
        month=MONTH, milestones={award.on: (award,)}, streak=2,
        reset=Reset(reason="new_cycle", day=MONTH),
    )  # fmt: skip

    found = page(view, english=True)

    (mark,) = found.days[23].milestones
    assert (mark.kind, mark.days, mark.points, mark.title) == ("consecutive", 7, 20, "七连")
    assert found.reset is not None
    assert (found.reset.date, found.reset.reason) == (MONTH, "new_cycle")
    assert "cycle" in found.reset.reason_detail


def test_every_member_day_has_its_name() -> None:
    named = [each.date.day for each in page(MonthView(month=MONTH)).days if each.member_day]

    assert named == [4, 11, 18, 25]
