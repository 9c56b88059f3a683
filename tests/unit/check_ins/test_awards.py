from __future__ import annotations

from dataclasses import replace
from datetime import date

from huixue.check_ins.awards import due, horizon_of, milestone_at, with_given
from huixue.check_ins.days import DAY
from huixue.check_ins.marking import Marked, checked_in
from huixue.check_ins.sheets import EMPTY, Given, marked, parsed
from huixue.kernel.check_ins import CheckInRules, Milestone
from tests.unit.check_ins.made import (
    FIRST,
    RULE,
    after_make_up,
    endless,
    nov,
    outage,
    rules,
    sheet_of,
)


def brought(done: Marked) -> list[tuple[str, int, int]]:
    return [(each.kind, each.days, each.points) for each in done.awards]


def on(text: str, day: date, at: CheckInRules | None = None) -> list[tuple[str, int, int]]:
    return brought(checked_in(text, at or rules(), day))


def test_milestones_come_on_their_day_and_all_that_are_reached_together() -> None:
    assert on(sheet_of([nov(1)]), nov(2)) == []
    assert on(sheet_of([nov(1), nov(2)]), nov(3)) == [("consecutive", 3, 10)]
    days = [nov(n) for n in (1, 3, 4, 6)]
    both = replace(RULE, consecutive=(Milestone(days=2, points=4),))
    assert on(sheet_of(days, rules(both)), nov(7), rules(both)) == [
        ("consecutive", 2, 4), ("cumulative", 5, 20),
    ]  # fmt: skip


def test_a_second_run_of_the_same_cycle_brings_its_milestones_again_the_count_does_not() -> None:
    text = sheet_of([nov(n) for n in (1, 2, 3, 4, 5, 7, 8)])

    assert on(text, nov(9)) == [("consecutive", 3, 10)]


def test_a_day_made_up_for_that_joins_two_runs_brings_what_is_missing_and_nothing_twice() -> None:
    text = sheet_of([nov(n) for n in (1, 2, 3, 5, 6, 7)])
    assert {each.days for each in parsed(text).given if each.kind == "consecutive"} == {3}

    joined_text = after_make_up(text, nov(4), nov(7))

    given = {(each.kind, each.days, each.on) for each in parsed(joined_text).given}
    assert given == {
        ("consecutive", 3, nov(3)), ("consecutive", 7, nov(7)), ("cumulative", 5, nov(5)),
    }  # fmt: skip
    assert on(joined_text, nov(8)) == []


def test_a_new_version_never_pays_for_days_before_it() -> None:
    more = endless(
        starts_on=nov(6), consecutive=(Milestone(days=2, points=9), Milestone(days=6, points=9))
    )
    found = rules(endless(consecutive=()), more)
    text = sheet_of([nov(n) for n in (1, 2, 3, 4, 5)], found)

    assert on(text, nov(6), found) == [("consecutive", 6, 9)]


def test_the_version_of_the_day_on_which_the_days_are_reached_decides() -> None:
    more = endless(starts_on=nov(3), consecutive=(Milestone(days=3, points=99),))
    found = rules(endless(), more)

    assert milestone_at(found, "consecutive", nov(2), 3) == Milestone(days=3, points=10)
    assert milestone_at(found, "consecutive", nov(3), 3) == Milestone(days=3, points=99)
    assert milestone_at(found, "cumulative", nov(3), 4) is None
    assert milestone_at(found, "cumulative", FIRST - DAY, 5) is None


def test_what_an_outage_declared_late_brings_comes_with_the_next_mark_not_before() -> None:
    text = sheet_of([nov(n) for n in (1, 2, 4)])
    late = rules(outages=[outage(nov(3))])

    assert on(text, nov(5), late) == [("consecutive", 3, 10)]
    assert on(text, nov(5)) == []


def test_what_was_reached_too_long_ago_is_settled() -> None:
    days = [FIRST + DAY * n for n in range(60)]
    found = rules(endless(consecutive=(), cumulative=()))
    late = rules(endless(consecutive=(Milestone(days=10, points=1), Milestone(days=30, points=1))))
    sheet = parsed(sheet_of(days, found))

    assert horizon_of(sheet) == days[-1] - DAY * 38
    assert [(each.days, each.on) for each in due(sheet, late, days[-1])] == [(30, days[29])]
    assert horizon_of(EMPTY) == date.min


def test_given_milestones_are_remembered_as_long_as_they_could_be_given_again() -> None:
    sheet = marked(parsed(sheet_of([nov(1), nov(2), nov(3)])), nov(3) + DAY * 38, "checked_in")
    later = marked(sheet, nov(3) + DAY * 39, "checked_in")

    assert with_given(sheet, rules(), []).given == {Given(kind="consecutive", days=3, on=nov(3))}
    assert with_given(later, rules(), []).given == frozenset()
