from __future__ import annotations

from dataclasses import replace
from datetime import date

from huixue.check_ins.losses import lost
from huixue.kernel.check_ins import CheckInRules, Milestone
from tests.unit.check_ins.made import RULE, endless, nov, rules, sheet_of


def losses(
    days: list[int], cut_on: int, today: int, at: CheckInRules | None = None
) -> list[tuple[str, int, int]]:
    text = sheet_of([nov(n) for n in days], at or rules())
    found = lost(text, at or rules(), nov(cut_on), nov(today))
    return [(each.kind, each.days, each.has_days) for each in found]


def test_milestones_begun_and_out_of_reach_before_the_cut_are_lost() -> None:
    assert losses([17, 18, 19, 20], 22, 20) == [("consecutive", 7, 4)]


def test_what_she_can_still_reach_before_is_not() -> None:
    assert losses([17, 18, 19, 20], 24, 20) == []
    assert losses([17, 18, 19], 24, 20) == []
    assert losses([17, 18, 19], 23, 20) == [("consecutive", 7, 3)]


def test_neither_is_what_the_cycle_was_too_short_for() -> None:
    assert losses([28], 30, 28) == [("consecutive", 3, 1)]
    assert losses([29], 30, 29) == []


def test_who_has_no_day_towards_it_loses_nothing() -> None:
    assert losses([], 22, 20) == []
    assert losses([10], 22, 20) == [("cumulative", 5, 1)]


def test_the_end_of_a_cycle_takes_nothing() -> None:
    text = sheet_of([nov(29), nov(30)])

    assert lost(text, rules(), date(2026, 12, 1), nov(30)) == ()


def test_no_cut_in_the_past() -> None:
    assert losses([19, 20], 20, 20) == []
    assert lost("", CheckInRules(programme_id="demo"), nov(22), nov(20)) == ()


def test_of_an_endless_cycle_all_that_is_to_come() -> None:
    far = endless(
        consecutive=tuple(Milestone(days=n, points=1) for n in (3, 100, 2000)), cumulative=()
    )

    assert losses([19, 20], 21, 20, rules(far)) == [
        ("consecutive", 3, 2), ("consecutive", 100, 2), ("consecutive", 2000, 2),
    ]  # fmt: skip


def test_a_milestone_tells_what_it_was_worth() -> None:
    titled = rules(replace(RULE, consecutive=(Milestone(days=3, points=10, title="三连"),)))
    (found,) = lost(sheet_of([nov(20)], titled), titled, nov(21), nov(20))[:1]

    assert (found.points, found.title) == (10, "三连")
