from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.check_ins.days import business_date, cycle_of, is_outage, rule_on
from huixue.kernel.check_ins import CheckInRule, CheckInRules
from tests.unit.check_ins.made import FIRST, RULE, nov, outage, rules

LATE = replace(RULE, day_starts_min=240)
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def test_the_day_turns_at_midnight_of_the_programmes_zone() -> None:
    tick = timedelta(microseconds=1)

    assert business_date(rules(), MIDNIGHT - tick) == nov(20)
    assert business_date(rules(), MIDNIGHT) == nov(21)


def test_a_late_boundary_keeps_the_night_with_the_day_before() -> None:
    boundary = MIDNIGHT + timedelta(hours=4)

    assert business_date(rules(LATE), boundary - timedelta(microseconds=1)) == nov(20)
    assert business_date(rules(LATE), boundary) == nov(21)


def test_before_the_first_version_days_begin_at_midnight() -> None:
    late = replace(LATE, starts_on=nov(25))

    assert business_date(rules(late), MIDNIGHT) == nov(21)
    assert business_date(CheckInRules(programme_id="demo"), MIDNIGHT) == nov(21)


@pytest.mark.parametrize(("before", "after"), [(0, 240), (240, 0)])
def test_a_day_on_which_the_boundary_moves_is_longer_or_shorter(before: int, after: int) -> None:
    """It begins at the earlier of the two."""
    found = rules(
        replace(RULE, day_starts_min=before), replace(RULE, starts_on=nov(21), day_starts_min=after)
    )

    assert business_date(found, MIDNIGHT - timedelta(microseconds=1)) == nov(20)
    assert business_date(found, MIDNIGHT) == nov(21)
    assert business_date(found, MIDNIGHT + timedelta(days=1, minutes=after)) == nov(22)
    assert business_date(found, MIDNIGHT + timedelta(days=1, minutes=after - 1)) == nov(21)


@given(
    st.integers(0, 730 * 24 * 60),
    st.timedeltas(timedelta(0), timedelta(hours=30)),
    st.sampled_from(
        ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"]
    ),
    st.lists(st.integers(0, 720), min_size=1, max_size=3),
)
def test_days_only_go_on_also_where_clocks_are_put_back(
    minute: int, later: timedelta, zone: str, minutes: list[int]
) -> None:
    versions = tuple(
        replace(RULE, starts_on=date(2027, 1, 1) + timedelta(days=300 * n), day_starts_min=each)
        for n, each in enumerate(minutes)
    )
    found = CheckInRules(programme_id="demo", zone_name=zone, versions=versions)
    instant = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)

    one, other = business_date(found, instant), business_date(found, instant + later)

    assert one <= other <= one + timedelta(days=3)


def test_the_rule_of_a_day_is_that_of_the_last_version_begun() -> None:
    second = replace(RULE, starts_on=nov(1), base_points=9)

    assert rule_on(rules(RULE, second), date(2026, 10, 31)) == RULE
    assert rule_on(rules(RULE, second), nov(1)) == second
    assert rule_on(rules(), FIRST - timedelta(days=1)) is None


def cycle(rule: CheckInRule, day: date, *more: CheckInRule) -> tuple[str, str]:
    found = cycle_of(rules(rule, *more), day)
    assert found is not None
    return str(found.first), str(found.last)


def test_cycles_of_every_kind() -> None:
    assert cycle(replace(RULE, cycle="week"), nov(20)) == ("2026-11-16", "2026-11-22")
    assert cycle(RULE, date(2028, 2, 29)) == ("2028-02-01", "2028-02-29")
    assert cycle(RULE, date(2026, 12, 31)) == ("2026-12-01", "2026-12-31")
    rolling = replace(RULE, cycle="rolling", cycle_days=10)
    assert cycle(rolling, FIRST + timedelta(days=19)) == ("2026-09-11", "2026-09-20")
    assert cycle(replace(RULE, cycle="endless"), nov(20)) == ("2026-09-01", "9999-12-31")


def test_a_first_cycle_begins_with_the_first_version_and_none_before() -> None:
    week = replace(RULE, cycle="week", starts_on=nov(18))

    assert cycle(week, nov(20)) == ("2026-11-18", "2026-11-22")
    assert cycle_of(rules(week), nov(17)) is None


def test_a_version_of_the_same_kind_cuts_no_cycle_unless_it_says_so() -> None:
    more = replace(RULE, starts_on=nov(18), base_points=9)

    assert cycle(RULE, nov(20), more) == ("2026-11-01", "2026-11-30")
    cut = replace(more, ends_cycle=True)
    assert cycle(RULE, nov(20), cut) == ("2026-11-18", "2026-11-30")
    assert cycle(RULE, nov(17), cut) == ("2026-11-01", "2026-11-17")


def test_another_kind_of_cycle_begins_with_its_version() -> None:
    week = replace(RULE, starts_on=date(2026, 12, 1), cycle="week")

    assert cycle(RULE, date(2026, 12, 2), week) == ("2026-12-01", "2026-12-06")
    assert cycle(RULE, nov(20), week) == ("2026-11-01", "2026-11-30")


def test_days_of_an_outage_are_from_its_first_to_its_last() -> None:
    found = rules(outages=[outage(nov(5), nov(7))])

    assert [day for day in range(1, 12) if is_outage(found, nov(day))] == [5, 6, 7]
