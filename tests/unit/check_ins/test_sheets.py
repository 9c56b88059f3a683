from __future__ import annotations

import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.check_ins.days import DAY
from huixue.check_ins.marking import checked_in
from huixue.check_ins.sheets import (
    EMPTY,
    WINDOW_DAYS,
    Given,
    Mark,
    Sheet,
    SheetBrokenError,
    folded,
    joined,
    marked,
    parsed,
    text_of,
)
from huixue.check_ins.streaks import streak_on
from huixue.kernel.check_ins import Milestone
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

WEEKLY = replace(
    RULE, cycle="week", starts_on=date(2026, 8, 31),
    consecutive=tuple(Milestone(days=n, points=1) for n in range(1, 8)),
    cumulative=tuple(Milestone(days=n, points=1) for n in range(1, 8)),
)  # fmt: skip


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    newest = nov(20)
    first = newest - DAY * draw(st.integers(0, WINDOW_DAYS - 1))
    length = (newest - first).days
    drawn = draw(
        st.dictionaries(st.integers(0, length), st.sampled_from(["checked_in", "made_up"]))
    )
    marks: dict[date, Mark] = {first + DAY * n: each for n, each in drawn.items()}  # type: ignore[misc]  # hypothesis gives text
    marks[newest] = "checked_in"
    given_ = draw(
        st.frozensets(
            st.builds(
                Given, kind=st.sampled_from(["consecutive", "cumulative"]), days=st.integers(1, 2000),
                on=st.integers(0, 38).map(lambda back: newest - DAY * back),
            ),
            max_size=20,
        )
    )  # fmt: skip
    return Sheet(
        first=first, run=draw(st.integers(0, 3000)), total=draw(st.integers(0, 3000)),
        marks=marks, given=given_,
    )  # fmt: skip


@given(sheets())
def test_a_text_says_the_sheet_that_it_was_made_of(sheet: Sheet) -> None:
    assert parsed(text_of(sheet)) == sheet


def test_nothing_is_the_empty_text() -> None:
    assert (text_of(EMPTY), parsed("")) == ("", EMPTY)


def test_the_form_of_the_text() -> None:
    text = after_make_up(sheet_of([nov(1), nov(2), nov(4)]), nov(3), nov(4))

    assert text.rpartition(".")[0] == "1.2026-11-01.0.0.WQ"  # 01 01 10, 01 00 00
    assert parsed(text).given == {Given(kind="consecutive", days=3, on=nov(3))}


@pytest.mark.parametrize(
    "text",
    [
        "x", "2.2026-11-01.0.0.B.", "1.2026-11-01.0.0.B.AA", "1.2026-13-01.0.0.B.",
        "1.2026-11-01.x.0.B.", "1.2026-11-01.0.0..", "1.2026-11-01.0.0.A.", "1.2026-11-01.0.0.P.",
        "1.2026-11-01.0.0.é.", "1.9999-12-31.0.0.AB.", "1.2026-11-01.0.0.B..",
    ],
)  # fmt: skip
def test_what_we_never_wrote_is_no_sheet(text: str) -> None:
    with pytest.raises(SheetBrokenError):
        parsed(text)


@given(st.text(string.printable, max_size=60))
def test_any_other_text_is_refused_in_our_own_words(text: str) -> None:
    try:
        parsed(text)
    except SheetBrokenError:
        return
    assert parsed(text_of(parsed(text))) == parsed(text)


def test_the_first_mark_of_a_day_stays() -> None:
    sheet = marked(marked(EMPTY, nov(1), "made_up"), nov(1), "checked_in")

    assert sheet.marks == {nov(1): "made_up"}


def test_a_year_of_every_milestone_there_can_be_is_at_most_300_bytes() -> None:
    text, longest = "", 0
    for n in range(365):
        text = checked_in(text, rules(WEEKLY), WEEKLY.starts_on + DAY * n).sheet
        longest = max(longest, len(text.encode()))

    assert 250 < longest <= 300


def test_folding_changes_no_streak() -> None:
    found = rules(endless(), outages=[outage(FIRST + DAY * 20, FIRST + DAY * 22)])
    days = [FIRST + DAY * n for n in range(150) if n not in {20, 21, 22}]

    text = sheet_of(days, found)

    assert len(parsed(text).marks) == WINDOW_DAYS
    assert streak_on(parsed(text), found, days[-1]).length == 147
    assert folded(parsed(text), found) == parsed(text)


def test_a_streak_that_ended_before_the_window_is_no_streak_in_it() -> None:
    found = rules(endless())
    text = sheet_of([FIRST + DAY * n for n in range(30)], found)

    text = checked_in(text, found, FIRST + DAY * 200).sheet

    sheet = parsed(text)
    assert (sheet.run, sheet.total) == (0, 30)
    assert streak_on(sheet, found, FIRST + DAY * 200).length == 1


# ---- two people who are one


def test_two_sheets_are_joined_into_all_their_days_and_all_that_was_given() -> None:
    one = sheet_of([nov(1), nov(2), nov(3)])
    other = after_make_up(sheet_of([nov(3), nov(5)]), nov(4), nov(5))

    both = parsed(joined(one, other, rules()))

    assert both.marks == {nov(n): "checked_in" for n in (1, 2, 3, 5)} | {nov(4): "made_up"}
    assert both.given == {
        Given(kind="consecutive", days=3, on=nov(3)), Given(kind="consecutive", days=3, on=nov(5)),
    }  # fmt: skip


def test_a_day_that_one_of_them_checked_in_on_was_not_made_up_for() -> None:
    one = after_make_up(sheet_of([nov(5)]), nov(4), nov(5))

    assert parsed(joined(one, sheet_of([nov(4)]), rules())).marks[nov(4)] == "checked_in"


@given(sheets(), sheets())
def test_joining_knows_no_order_and_the_same_twice_changes_nothing(
    one: Sheet, other: Sheet
) -> None:
    left, right = text_of(one), text_of(other)
    found = rules(endless(starts_on=date(2020, 1, 1)))
    both = parsed(joined(left, right, found))

    assert text_of(both) == joined(right, left, found)
    assert joined(left, left, found) == left
    assert both.first is not None
    assert set(both.marks) == {
        each for each in {*one.marks, *other.marks} if each >= both.first
    }  # fmt: skip
    assert both.given == one.given | other.given


def test_with_nobody_it_is_the_other_sheet() -> None:
    text = sheet_of([nov(1)])

    assert joined("", text, rules()) == joined(text, "", rules()) == text


def test_a_sheet_of_long_ago_is_folded_where_the_common_window_begins() -> None:
    found = rules(endless())
    old = sheet_of([FIRST + DAY * n for n in range(50)], found)
    new = sheet_of([FIRST + DAY * 110], found)

    both = parsed(joined(old, new, found))

    assert both.first == FIRST + DAY * 16
    assert (both.run, both.total, len(both.marks)) == (16, 16, 35)


def test_what_was_folded_of_the_one_who_was_here_every_day_is_not_lost() -> None:
    """The other account has one day, just before the days that her sheet names: older, and nearly empty."""
    found = rules(endless())
    days = [FIRST + DAY * n for n in range(300)]
    daily, other = sheet_of(days, found), sheet_of([days[100]], found)

    both = parsed(joined(daily, other, found))

    assert (both.first, both.run, both.total) == (days[205], 205, 205)
    assert streak_on(both, found, days[-1]).length == 300


def test_what_either_was_given_is_not_given_to_both_again() -> None:
    """She had three days as one and the days after as the other."""
    text = joined(
        sheet_of([nov(n) for n in (1, 2, 3)]), sheet_of([nov(n) for n in (4, 5, 6)]), rules()
    )

    done = checked_in(text, rules(), nov(7))

    assert [(each.kind, each.days) for each in done.awards] == [
        ("consecutive", 7), ("cumulative", 5),
    ]  # fmt: skip
    assert done.streak == 7
