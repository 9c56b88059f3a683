"""Sheets of two who become one, against the sheet of one person who had all of their days."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.check_ins.days import DAY, cycle_of
from huixue.check_ins.marking import checked_in
from huixue.check_ins.sheets import joined, parsed
from huixue.check_ins.streaks import streak_on
from huixue.kernel.check_ins import CheckInRules, CycleKind, Milestone
from tests.unit.check_ins.made import RULE, outage, rules

FIRST = date(2026, 1, 1)
LAST = 240
EVERY = tuple(Milestone(days=n, points=n) for n in (3, 10, 25, 28, 60, 100, 150, 200))
AFTER = 60


@dataclass(slots=True)
class Person:
    """An account, and what it was ever given: kind, days, and the day that brought it."""

    rules: CheckInRules
    sheet: str = ""
    days: set[date] = field(default_factory=set)
    given: list[tuple[str, int, date]] = field(default_factory=list)

    def on(self, day: date) -> None:
        done = checked_in(self.sheet, self.rules, day)
        self.sheet = done.sheet
        self.days.add(day)
        self.given += [(each.kind, each.days, each.on) for each in done.awards]


def came(found: CheckInRules, days: set[int]) -> Person:
    person = Person(found)
    for n in sorted(days):
        person.on(FIRST + DAY * n)
    return person


def of_kind(cycle: CycleKind, failed: set[int]) -> CheckInRules:
    rule = replace(
        RULE, starts_on=FIRST, cycle=cycle, cycle_days=120 if cycle == "rolling" else 0,
        consecutive=EVERY, cumulative=EVERY,
    )  # fmt: skip
    return rules(rule, outages=[outage(FIRST + DAY * n) for n in sorted(failed)])


def spans(most: int) -> st.SearchStrategy[set[int]]:
    """Days as members have them: from one day to another, a few left out."""
    bounds = st.tuples(st.integers(0, most), st.integers(0, most)).map(sorted)
    missed = st.sets(st.integers(0, most), max_size=4)
    return st.tuples(bounds, missed).map(
        lambda drawn: set(range(drawn[0][0], drawn[0][1] + 1)) - drawn[1] or {drawn[0][0]}
    )


def same_streak(found: CheckInRules, days: set[date], one: date, other: date) -> bool:
    """Whether a streak of these days holds both."""
    low, high = sorted((one, other))
    cycle = cycle_of(found, high)
    failed = {each.first for each in found.outages}
    return cycle == cycle_of(found, low) and all(
        low + DAY * n in days | failed for n in range((high - low).days)
    )


two = given(
    one=spans(LAST), other=spans(LAST), failed=st.sets(st.integers(0, LAST), max_size=3),
    cycle=st.sampled_from(["month", "rolling", "endless"]),
)  # fmt: skip


@two
@settings(max_examples=25)
def test_it_names_all_days_of_both_and_never_counts_more_than_there_were(
    one: set[int], other: set[int], failed: set[int], cycle: CycleKind
) -> None:
    found = of_kind(cycle, failed)
    left, right = came(found, one), came(found, other)
    union = parsed(came(found, one | other).sheet)

    both = parsed(joined(left.sheet, right.sheet, found))

    assert both.first is not None
    assert set(both.marks) == {each for each in left.days | right.days if each >= both.first}
    for had in (left.days, right.days):
        assert _run_before(found, had, both.first) <= both.run
        assert _total_before(found, had, both.first) <= both.total
    assert both.run <= _run_before(found, left.days | right.days, both.first)
    assert both.total <= _total_before(found, left.days | right.days, both.first)
    if one <= other or other <= one:
        assert both == replace(union, given=both.given)


def _run_before(found: CheckInRules, days: set[date], day: date) -> int:
    failed = {each.first for each in found.outages}
    cycle, run, step = cycle_of(found, day), 0, day - DAY
    while cycle is not None and step >= max(cycle.first, FIRST) and step in days | failed:
        run, step = run + (step in days), step - DAY
    return run


def _total_before(found: CheckInRules, days: set[date], day: date) -> int:
    cycle = cycle_of(found, day)
    return sum(cycle is not None and cycle.first <= each < day for each in days)


@two
@settings(max_examples=25)
def test_nothing_is_given_again_after_the_two_are_one(
    one: set[int], other: set[int], failed: set[int], cycle: CycleKind
) -> None:
    found = of_kind(cycle, failed)
    left, right = came(found, one), came(found, other)
    had = {*left.given, *right.given}
    both = Person(found, joined(left.sheet, right.sheet, found), left.days | right.days)

    for n in range(max(one | other) + 1, max(one | other) + AFTER):
        both.on(FIRST + DAY * n)

    for kind, days, on in both.given:
        earlier = [each for each in had if each[:2] == (kind, days)]
        if kind == "cumulative":
            assert all(cycle_of(found, each[2]) != cycle_of(found, on) for each in earlier)
        else:
            assert not any(same_streak(found, both.days, each[2], on) for each in earlier)
    assert len(set(both.given)) == len(both.given)


@pytest.mark.parametrize("other", [range(199, 200), range(30, 33), range(1), range(150, 300)])
def test_who_came_every_day_keeps_her_streak_whatever_the_other_account_had(other: range) -> None:
    found = of_kind("endless", set())
    daily, second = came(found, set(range(300))), came(found, set(other))

    both = joined(daily.sheet, second.sheet, found)

    assert streak_on(parsed(both), found, FIRST + DAY * 299).length == 300
    assert parsed(both).total + len(parsed(both).marks) == 300
