from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from huixue.check_ins.days import DAY
from huixue.check_ins.marking import MakeUpNotAllowedError, NoCheckInError, checked_in, made_up
from huixue.check_ins.sheets import parsed
from huixue.kernel.check_ins import CheckInRules, MakeUp
from tests.unit.check_ins.made import FIRST, RULE, after_make_up, nov, rules, sheet_of

MAKE_UP = MakeUp(within_days=7, per_month=2, prices=(10, 20))
PAID = replace(RULE, make_up=MAKE_UP)
TODAY = nov(20)
EMPTY_RULES = CheckInRules(programme_id="demo")


def why(day: date, rule: CheckInRules, text: str = "", joined_on: date = FIRST) -> object:
    with pytest.raises(MakeUpNotAllowedError) as error:
        made_up(text, rule, day, today=TODAY, joined_on=joined_on)
    return error.value.facts["why"]


def test_a_check_in_brings_the_base_of_its_day_and_the_next_sheet() -> None:
    done = checked_in(sheet_of([nov(19)]), rules(), TODAY)

    assert (done.day, done.mark, done.base, done.price, done.streak) == (
        TODAY,
        "checked_in",
        2,
        0,
        2,
    )
    assert parsed(done.sheet).marks == {nov(19): "checked_in", TODAY: "checked_in"}


def test_a_base_of_nought_is_a_base() -> None:
    assert checked_in("", rules(replace(RULE, base_points=0)), TODAY).base == 0


def test_without_rules_there_is_no_day_to_mark() -> None:
    with pytest.raises(NoCheckInError):
        checked_in("", EMPTY_RULES, TODAY)
    with pytest.raises(NoCheckInError):
        made_up("", EMPTY_RULES, nov(19), today=TODAY, joined_on=FIRST)


def test_a_day_made_up_for_costs_more_each_time_in_its_month() -> None:
    first = made_up("", rules(PAID), nov(19), today=TODAY, joined_on=FIRST)
    second = made_up(first.sheet, rules(PAID), nov(18), today=TODAY, joined_on=FIRST)

    assert (first.price, second.price) == (10, 20)
    assert why(nov(17), rules(PAID), second.sheet) == "month_limit"


def test_the_last_price_goes_on() -> None:
    many = replace(PAID, make_up=replace(MAKE_UP, per_month=5))
    text = after_make_up("", nov(19), TODAY, rules(many))
    text = after_make_up(text, nov(18), TODAY, rules(many))

    assert made_up(text, rules(many), nov(17), today=TODAY, joined_on=FIRST).price == 20


def test_the_month_is_that_of_the_day_made_up_for() -> None:
    today = date(2026, 12, 3)
    text = after_make_up("", nov(29), today, rules(PAID))
    text = after_make_up(text, nov(30), today, rules(PAID))

    done = made_up(text, rules(PAID), date(2026, 12, 1), today=today, joined_on=FIRST)

    assert done.price == 10


def test_what_a_made_up_day_brings_is_that_of_its_own_version() -> None:
    full = replace(PAID, make_up=replace(MAKE_UP, rewards="full"))
    now = replace(full, starts_on=nov(20), base_points=50)

    assert made_up("", rules(full, now), nov(19), today=TODAY, joined_on=FIRST).base == 2
    assert made_up("", rules(PAID), nov(19), today=TODAY, joined_on=FIRST).base is None


def test_what_is_allowed_is_the_word_of_the_version_in_force_today() -> None:
    now = replace(RULE, starts_on=nov(20), make_up=None)

    assert why(nov(19), rules(PAID, now)) == "no_make_up"


def test_the_streak_is_that_of_today() -> None:
    text = sheet_of([nov(17), nov(18), TODAY])

    assert made_up(text, rules(PAID), nov(19), today=TODAY, joined_on=FIRST).streak == 4


@pytest.mark.parametrize(
    ("day", "joined_on", "reason"),
    [
        (TODAY + DAY, FIRST, "future"), (date.max, FIRST, "future"), (TODAY, FIRST, "today"),
        (nov(12), FIRST, "too_long_ago"), (nov(19), TODAY, "before_joining"),
        (date.min, FIRST, "before_joining"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_made_up_for(day: date, joined_on: date, reason: str) -> None:
    assert why(day, rules(PAID), joined_on=joined_on) == reason


def test_the_first_and_the_last_day_that_can_be() -> None:
    for day in (nov(13), nov(19)):
        assert made_up("", rules(PAID), day, today=TODAY, joined_on=day).day == day


def test_a_day_on_which_nobody_could_check_in_cannot_be_made_up_for() -> None:
    late = replace(PAID, starts_on=nov(18))

    assert why(nov(17), rules(late)) == "no_make_up"
    assert why(nov(19), rules(replace(RULE, make_up=None))) == "no_make_up"


def test_no_window_is_wider_than_a_sheet_can_answer_for() -> None:
    wide = replace(PAID, make_up=replace(MAKE_UP, within_days=400))

    assert why(TODAY - DAY * 32, rules(wide)) == "too_long_ago"


def test_a_free_make_up_costs_nothing() -> None:
    free = replace(PAID, make_up=replace(MAKE_UP, prices=()))

    assert made_up("", rules(free), nov(19), today=TODAY, joined_on=FIRST).price == 0
