from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from huixue.check_ins.sheets import EMPTY, parsed
from huixue.check_ins.streaks import Reset, Streak, cycle_holding, run_holding, streak_on
from huixue.kernel.check_ins import CheckInRules
from tests.unit.check_ins.made import RULE, endless, nov, outage, rules, sheet_of

DEC_1 = date(2026, 12, 1)


def streak(days: list[int], today: date, at: CheckInRules | None = None) -> Streak:
    found = at or rules()
    return streak_on(parsed(sheet_of([nov(n) for n in days], found)), found, today)


def test_a_streak_names_the_days_that_make_it() -> None:
    found = streak([17, 18, 19, 20], nov(20))

    assert (found.length, found.days) == (4, (nov(17), nov(18), nov(19), nov(20)))


def test_a_day_that_is_not_over_breaks_nothing() -> None:
    assert streak([18, 19], nov(20)).length == 2
    assert streak([18, 19], nov(21)).length == 0


def test_why_it_is_not_longer() -> None:
    assert streak([1, 2], nov(2)).reset is None
    assert streak([15, 16, 19, 20], nov(20)).reset == Reset(reason="missed", day=nov(18))
    assert streak([15, 16], nov(20)).reset == Reset(reason="missed", day=nov(17))
    assert streak([], nov(20)) == Streak()


def test_a_new_cycle_begins_at_nought_and_says_so() -> None:
    found = streak([28, 29, 30], DEC_1)

    assert (found.length, found.reset) == (0, Reset(reason="new_cycle", day=DEC_1))


def test_who_had_missed_the_end_of_the_cycle_reads_that_instead() -> None:
    assert streak([28, 29], DEC_1).reset == Reset(reason="missed", day=nov(30))


def test_an_endless_streak_goes_over_the_end_of_months() -> None:
    found = rules(endless())
    text = sheet_of([nov(29), nov(30), DEC_1], found)

    assert streak_on(parsed(text), found, DEC_1).length == 3


def test_an_outage_protects_a_living_streak_and_counts_nothing() -> None:
    found = rules(outages=[outage(nov(18), nov(19))])
    days = [16, 17, 20]

    seen = streak(days, nov(20), found)

    assert (seen.length, seen.protected) == (3, (nov(18), nov(19)))
    assert streak([16, 17], nov(20), found).length == 2
    assert streak([16], nov(20), found).length == 0
    assert streak([16], nov(20), found).reset == Reset(reason="missed", day=nov(17))


def test_an_outage_of_today_and_yesterday_keeps_it_alive_without_any_check_in() -> None:
    found = rules(outages=[outage(nov(19), nov(20))])

    assert streak([18], nov(20), found).length == 1
    assert streak([18], nov(21), found).length == 1
    assert streak([18], nov(22), found).length == 0


def test_an_outage_before_the_first_check_in_is_no_part_of_a_streak() -> None:
    found = rules(outages=[outage(nov(18), nov(19))])

    assert streak([20], nov(20), found) == Streak(length=1, days=(nov(20),))


def test_a_day_checked_in_on_during_an_outage_counts() -> None:
    found = rules(outages=[outage(nov(18), nov(19))])

    assert streak([17, 18, 19, 20], nov(20), found).length == 4


def test_a_version_that_ends_the_cycle_ends_streaks() -> None:
    cut = replace(RULE, starts_on=nov(19), ends_cycle=True)
    found = rules(RULE, cut)

    seen = streak([17, 18, 19, 20], nov(20), found)

    assert (seen.length, seen.reset) == (2, Reset(reason="new_cycle", day=nov(19)))


def test_before_any_rule_there_is_no_streak() -> None:
    assert streak_on(EMPTY, CheckInRules(programme_id="demo"), nov(1)) == Streak()


@pytest.mark.parametrize("day", [16, 17, 19])
def test_the_run_of_a_day_is_looked_for_both_ways(day: int) -> None:
    found = rules(outages=[outage(nov(18))])
    sheet = parsed(sheet_of([nov(n) for n in (12, 16, 17, 19, 22)], found))

    assert run_holding(sheet, found, nov(day)).days == (nov(16), nov(17), nov(19))


def test_the_days_of_a_cycle_need_not_be_in_a_row() -> None:
    sheet = parsed(sheet_of([date(2026, 10, 31), nov(1), nov(9), nov(30)]))

    assert cycle_holding(sheet, rules(), nov(9)).days == (nov(1), nov(9), nov(30))
