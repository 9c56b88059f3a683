from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from huixue.check_ins.days import DAY, business_date
from huixue.check_ins.drafts import DraftRule, Problem
from huixue.check_ins.versions import OutageInvalidError, declare_outage, next_rules
from huixue.kernel.check_ins import CheckInRule, CheckInRules, Milestone, Outage, Task
from tests.unit.check_ins.made import nov

NOTHING = CheckInRules(programme_id="demo")
DRAFT = DraftRule(consecutive=(Milestone(days=3, points=10),))
ENDLESS = replace(DRAFT, cycle="endless")
TODAY = nov(20)
ONE_S = timedelta(seconds=1)
TASK = Task(task_id="read", kind="guide", title="读", points=5)


def noon(day: date) -> datetime:
    """In Shanghai."""
    return datetime.combine(day, time(4), UTC)


def published(
    present: CheckInRules, draft: DraftRule | None, today: date = TODAY, zone: str = "Asia/Shanghai"
) -> CheckInRules:
    found = next_rules(present, draft, (TASK,), zone, noon(today))
    assert isinstance(found, CheckInRules), found
    return found


def refused(
    present: CheckInRules,
    draft: DraftRule,
    zone: str = "Asia/Shanghai",
    now: datetime | None = None,
) -> Problem:
    found = next_rules(present, draft, (), zone, noon(TODAY) if now is None else now)
    assert not isinstance(found, CheckInRules)
    (problem,) = found
    return problem


def started(draft: DraftRule = DRAFT) -> CheckInRules:
    """In force since the first of the month."""
    return published(NOTHING, draft, nov(1))


def starts(found: CheckInRules) -> list[str]:
    return [each.starts_on.isoformat() for each in found.versions]


def test_the_first_version_begins_today_and_brings_its_tasks() -> None:
    found = published(NOTHING, DRAFT)

    assert (starts(found), found.tasks, found.revision) == (["2026-11-20"], (TASK,), 0)
    assert starts(published(NOTHING, replace(DRAFT, starts_on=nov(25)))) == ["2026-11-25"]
    assert refused(NOTHING, replace(DRAFT, starts_on=nov(19))).path == "check_ins/starts_on"


def test_the_next_version_begins_with_the_next_cycle_and_those_before_stay() -> None:
    before = started()

    after = published(before, replace(DRAFT, base_points=9))

    assert starts(after) == ["2026-11-01", "2026-12-01"]
    assert after.versions[0] == before.versions[0]
    weekly = started(replace(DRAFT, cycle="week"))
    assert starts(published(weekly, replace(DRAFT, cycle="week", base_points=9)))[1] == "2026-11-23"
    tens = replace(DRAFT, cycle="rolling", cycle_days=10)
    assert starts(published(started(tens), replace(tens, base_points=9)))[1] == "2026-11-21"


def test_a_file_may_be_published_again_and_again() -> None:
    before = published(started(), replace(DRAFT, base_points=9))

    assert published(before, replace(DRAFT, base_points=9)) == before
    named = replace(DRAFT, base_points=9, starts_on=date(2026, 12, 1), ends_cycle=True)
    again = published(before, named)
    assert published(again, named) == again
    assert published(again, named, date(2027, 3, 1)) == again


def test_the_order_of_milestones_in_the_file_is_no_difference() -> None:
    one, other = Milestone(days=3, points=1), Milestone(days=7, points=1)
    before = started(replace(DRAFT, consecutive=(one, other)))

    assert published(before, replace(DRAFT, consecutive=(other, one))).versions == before.versions


def test_what_has_not_begun_is_replaced_or_taken_back() -> None:
    before = published(started(), replace(DRAFT, base_points=9))

    assert [
        each.base_points for each in published(before, replace(DRAFT, base_points=7)).versions
    ] == [1, 7]
    assert published(before, DRAFT).versions == started().versions


def test_a_file_without_check_ins_leaves_them_as_they_are() -> None:
    before = published(started(), replace(DRAFT, base_points=9))

    assert published(before, None).versions == before.versions


def test_no_day_that_has_begun_is_touched() -> None:
    for day in (nov(1), nov(19), TODAY):
        problem = refused(started(), replace(DRAFT, base_points=9, starts_on=day, ends_cycle=True))
        assert problem.path == "check_ins/starts_on"
        assert problem.expected == "a day after 2026-11-20: rules never change days that have begun"


def test_the_midst_of_a_cycle_needs_to_be_said() -> None:
    inside = replace(DRAFT, base_points=9, starts_on=nov(25))

    problem = refused(started(), inside)

    assert problem == Problem(
        path="check_ins/starts_on", found="2026-11-25",
        expected="2026-12-01, when the cycle 2026-11-01 to 2026-11-30 is over, or ends_cycle: true",
    )  # fmt: skip
    after = published(started(), replace(inside, ends_cycle=True))
    assert (starts(after)[1], after.versions[1].ends_cycle) == ("2026-11-25", True)


def test_a_later_cycle_may_be_named() -> None:
    after = published(started(), replace(DRAFT, base_points=9, starts_on=date(2027, 2, 1)))

    assert starts(after)[1] == "2027-02-01"


def test_an_endless_cycle_has_no_end_to_wait_for() -> None:
    problem = refused(started(ENDLESS), replace(ENDLESS, base_points=9))

    assert problem.expected.startswith("a day after 2026-11-20")


def test_an_endless_cycle_goes_on_under_rules_that_take_no_milestone() -> None:
    more = replace(
        ENDLESS, starts_on=nov(25), base_points=9,
        consecutive=(Milestone(days=3, points=11), Milestone(days=9, points=5)),
    )  # fmt: skip

    assert starts(published(started(ENDLESS), more)) == ["2026-11-01", "2026-11-25"]
    less = replace(more, consecutive=(Milestone(days=3, points=9),))
    assert refused(started(ENDLESS), less).path == "check_ins/ends_cycle"
    other = replace(DRAFT, starts_on=nov(25))
    assert refused(started(ENDLESS), other).path == "check_ins/ends_cycle"
    assert starts(published(started(ENDLESS), replace(less, ends_cycle=True)))[1] == "2026-11-25"


def test_the_zone_stays_once_days_have_begun() -> None:
    assert refused(started(), DRAFT, "Asia/Tokyo").path == "zone"
    assert published(NOTHING, DRAFT, zone="Asia/Tokyo").zone_name == "Asia/Tokyo"
    assert refused(NOTHING, DRAFT, "Mars/Olympus").path == "zone"


def test_all_that_is_wrong_is_said_at_once() -> None:
    bad = replace(DRAFT, base_points=-1, consecutive=(Milestone(days=40, points=0),))

    found = next_rules(NOTHING, bad, (replace(TASK, points=0),), "Asia/Shanghai", noon(TODAY))

    assert not isinstance(found, CheckInRules)
    assert [each.path for each in found] == [
        "tasks/0/points", "check_ins/base_points", "check_ins/consecutive/0/days",
        "check_ins/consecutive/0/points",
    ]  # fmt: skip


def test_a_version_begins_a_minute_after_its_publication_at_the_earliest() -> None:
    """Functions know the rules that they read for 15 s."""
    tomorrow = replace(DRAFT, base_points=9, starts_on=nov(21), ends_cycle=True)
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)

    problem = refused(started(), tomorrow, now=midnight - timedelta(seconds=59))

    assert problem.path == "check_ins/starts_on"
    assert problem.expected == (
        "a later day: what begins on 2026-11-21 begins at 2026-11-20T16:00:00.000000Z, and "
        "everything that changes needs 60 s of notice"
    )
    zone, in_time = "Asia/Shanghai", midnight - timedelta(seconds=60)
    after = next_rules(started(), tomorrow, (), zone, in_time)
    assert isinstance(after, CheckInRules)
    assert business_date(after, in_time) == business_date(started(), in_time)
    assert refused(after, DRAFT, now=in_time + ONE_S).path == "check_ins/starts_on"


def test_no_day_that_has_begun_is_ended_by_another_hour() -> None:
    """At 01:30 it is still yesterday; days that begin at midnight would end that at once."""
    nights = started(replace(DRAFT, day_starts_min=240))
    night = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    midnight = replace(DRAFT, starts_on=nov(21), ends_cycle=True)

    assert refused(nights, midnight, now=night).path == "check_ins/starts_on"
    later = replace(midnight, starts_on=nov(22))
    assert isinstance(next_rules(nights, later, (), "Asia/Shanghai", night), CheckInRules)


def outage(first: date, last: date) -> Outage:
    return Outage(
        first=first, last=last, reason="down", declared_at=datetime(2026, 11, 20, 4, tzinfo=UTC)
    )


def test_an_outage_is_added_once() -> None:
    found = declare_outage(started(), outage(nov(18), nov(19)))

    assert found.outages == (outage(nov(18), nov(19)),)
    assert declare_outage(found, outage(nov(19), nov(19))) == found
    assert len(declare_outage(found, outage(nov(19), nov(20))).outages) == 2


@pytest.mark.parametrize(
    ("first", "last"),
    [(nov(20), nov(21)), (nov(19), nov(18)), (TODAY - DAY * 32, nov(1)), (nov(25), nov(25))],
)
def test_an_outage_lies_in_the_days_that_can_still_change(first: date, last: date) -> None:
    with pytest.raises(OutageInvalidError, match="between 2026-10-20 and 2026-11-20"):
        declare_outage(started(), outage(first, last))


def test_the_oldest_day_of_an_outage() -> None:
    assert declare_outage(started(), outage(TODAY - DAY * 31, TODAY)).outages


def test_a_version_of_days_to_come_is_no_version_of_today() -> None:
    first = published(NOTHING, replace(DRAFT, starts_on=nov(25)))

    assert starts(published(first, replace(DRAFT, base_points=9))) == ["2026-11-20"]
    assert isinstance(first.versions[0], CheckInRule)


def test_a_first_version_that_waits_is_not_replaced_in_its_last_minute() -> None:
    waiting = published(NOTHING, replace(DRAFT, starts_on=nov(21)))
    late = datetime(2026, 11, 20, 15, 59, 30, tzinfo=UTC)  # 23:59:30 in Shanghai
    dearer = replace(DRAFT, starts_on=nov(21), base_points=99)

    refused = next_rules(waiting, dearer, (TASK,), "Asia/Shanghai", late)
    in_time = next_rules(waiting, dearer, (TASK,), "Asia/Shanghai", late - timedelta(minutes=5))
    again = next_rules(waiting, replace(DRAFT, starts_on=nov(21)), (TASK,), "Asia/Shanghai", late)

    assert isinstance(refused, tuple)
    assert isinstance(in_time, CheckInRules)
    assert isinstance(again, CheckInRules)
