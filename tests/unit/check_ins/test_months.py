from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from huixue.check_ins.marking import checked_in
from huixue.check_ins.months import AHEAD_DAYS, ahead, month_view, next_reward
from huixue.check_ins.sheets import parsed
from huixue.check_ins.streaks import Reset
from huixue.kernel.check_ins import CheckInRules, Milestone
from tests.unit.check_ins.made import RULE, after_make_up, endless, nov, outage, rules, sheet_of

NOVEMBER = nov(1)


def test_a_month_shows_what_was_checked_in_made_up_and_protected() -> None:
    found = rules(outages=[outage(nov(4)), outage(nov(10))])
    text = after_make_up(sheet_of([nov(1), nov(3), nov(5)], found), nov(2), nov(5), found)

    view = month_view(text, found, NOVEMBER, nov(12))

    assert view.days == {
        nov(1): "checked_in", nov(2): "made_up", nov(3): "checked_in", nov(4): "protected",
        nov(5): "checked_in",
    }  # fmt: skip


def test_the_streak_its_days_and_why_it_is_no_longer_are_those_of_today() -> None:
    text = sheet_of([nov(1), nov(2), nov(4), nov(5)])

    view = month_view(text, rules(), date(2026, 10, 1), nov(5))

    assert (view.month, view.days) == (date(2026, 10, 1), {})
    assert (view.streak, view.streak_days) == (2, (nov(4), nov(5)))
    assert view.reset == Reset(reason="missed", day=nov(3))


def test_milestones_stand_on_the_days_that_bring_them() -> None:
    view = month_view(sheet_of([nov(1), nov(2)]), rules(), NOVEMBER, nov(3))

    assert {
        day.day: [(each.kind, each.days) for each in reached]
        for day, reached in view.milestones.items()
    } == {3: [("consecutive", 3)], 5: [("cumulative", 5)], 7: [("consecutive", 7)]}
    assert view.next_reward is not None
    assert (view.next_reward.days_left, view.next_reward.on) == (1, nov(3))


def test_a_missed_day_moves_them() -> None:
    view = month_view(sheet_of([nov(1), nov(2)]), rules(), NOVEMBER, nov(4))

    assert sorted(day.day for day in view.milestones) == [6, 10]


def test_other_months_have_milestones_of_their_own_cycles() -> None:
    view = month_view(sheet_of([nov(1)]), rules(), date(2026, 12, 31), nov(2))

    assert sorted(day.isoformat() for day in view.milestones) == [
        "2026-12-03", "2026-12-05", "2026-12-07",
    ]  # fmt: skip


def test_after_todays_check_in_the_next_reward_is_counted_from_tomorrow() -> None:
    before = next_reward(sheet_of([nov(1)]), rules(), nov(2))
    after = next_reward(sheet_of([nov(1), nov(2)]), rules(), nov(2))

    assert before is not None
    assert after is not None
    assert (before.days_left, before.on) == (2, nov(3))
    assert (after.days_left, after.on) == (1, nov(3))


def test_of_several_on_one_day_the_largest_is_told() -> None:
    both = replace(RULE, cumulative=(Milestone(days=3, points=500, title="大奖"),))

    found = next_reward("", rules(both), nov(1))

    assert found is not None
    assert (found.kind, found.points, found.title) == ("cumulative", 500, "大奖")


def test_where_nothing_is_to_come_there_is_no_next_reward() -> None:
    bare = endless(consecutive=(), cumulative=())

    assert next_reward("", rules(bare), nov(1)) is None
    assert next_reward("", CheckInRules(programme_id="demo"), nov(1)) is None
    assert len(list(ahead(parsed(""), rules(bare), nov(1)))) == AHEAD_DAYS


def test_marks_that_the_sheet_no_longer_names_are_those_of_the_entries() -> None:
    view = month_view(
        "", rules(), NOVEMBER, nov(20), None, {nov(3): "made_up", nov(4): "checked_in"}
    )

    assert view.days == {nov(3): "made_up", nov(4): "checked_in"}


def test_no_day_before_she_joined_is_protected() -> None:
    found = rules(outages=[outage(nov(4), nov(6))])
    text = sheet_of([nov(3)], found)

    assert set(month_view(text, found, NOVEMBER, nov(7)).days) == {nov(n) for n in (3, 4, 5, 6)}
    view = month_view(text, found, NOVEMBER, nov(7), nov(6))
    assert set(view.days) == {nov(3), nov(6)}


def test_days_to_come_of_an_outage_are_not_protected_yet() -> None:
    found = rules(outages=[outage(nov(4), nov(6))])

    assert set(month_view(sheet_of([nov(3)], found), found, NOVEMBER, nov(5)).days) == {
        nov(3), nov(4), nov(5),
    }  # fmt: skip


@given(st.sets(st.integers(1, 28)), st.integers(28, 30))
def test_what_is_to_come_comes(days: set[int], today: int) -> None:
    text = sheet_of(sorted(nov(n) for n in days))

    for day, reached in list(ahead(parsed(text), rules(), nov(today)))[:40]:
        done = checked_in(text, rules(), day)
        assert done.awards == reached
        text = done.sheet


def test_the_last_month_of_the_calendar_can_be_shown() -> None:
    assert month_view("", rules(), date(9999, 12, 1), nov(1)).days == {}
    assert month_view("", rules(), date(1, 1, 1), nov(1)).days == {}
