"""Caps on what may be earned in a window of business time, and what reversals return to them (LG-M11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.policies import Cap, CapWindow, Clawback, LedgerPolicy
from huixue.points import moving
from huixue.points.caps import SHARDS, best_piece, counted, remaining, size_of_shard, taken_from
from huixue.points.model import Account
from huixue.points.use_cases import settle
from tests.unit.points.fakes import ANNA, BERTA, MAIN, Status, local, quote
from tests.unit.points.histories import History, assert_sound


def capped(*caps: Cap, at: str = "2026-11-20 12:00:00") -> History:
    history = History(LedgerPolicy(programme_id=MAIN, caps=caps))
    history.clock.now = local(at)
    return history


def per_day(points: int = 100) -> Cap:
    return Cap(cap_id="c", per="member", window="day", points=points)


def line(
    history: History, name: str, points: int, *, status: Status = "due", bonus: int = 0,
    rule: str = "main/taobao",
) -> int:  # fmt: skip
    """Settles one line and says what that changed of the balance."""
    before = history.account.balance
    history.pool.say(quote(name, status, points, bonus=bonus, rule=rule))
    settle(history.member, ["o1"], quotes=history.pool, desk=history.desk)
    assert_sound(history)
    return history.account.balance - before


def test_what_was_reversed_on_the_same_day_can_be_earned_again() -> None:
    history = capped(per_day())

    assert line(history, "a", 100) == 100
    assert line(history, "b", 10) == 0
    assert line(history, "a", 60) == -40
    assert line(history, "c", 50) == 40
    assert history.account.caps == {"c": ("2026-11-20", 100)}


def test_what_a_cap_kept_back_is_said_and_is_forgotten_before_points_are_taken() -> None:
    history = capped(per_day())

    assert line(history, "a", 130) == 100
    (entry,) = history.entries
    assert (entry.capped, entry.explanation) == (30, {"worth": 130, "capped_points": 30})
    assert line(history, "a", 110) == 0
    assert line(history, "a", 90) == -10
    assert [each.scene for each in history.entries] == [
        "order_accrual", "order_capped", "order_clawback",
    ]  # fmt: skip


def test_campaigns_points_are_cut_first() -> None:
    history = capped(per_day())

    line(history, "a", 130, bonus=50)

    assert history.account.lots == {"2027-11-30|bonus": 20, "2027-11-30|order": 80}
    assert history.entries[0].bonus == 20


@pytest.mark.parametrize(
    ("window", "last", "next_window"),
    [
        ("day", "2026-11-20 23:59:59.999", "2026-11-21 00:00:00"),
        ("week", "2026-11-22 23:59:59.999", "2026-11-23 00:00:00"),
        ("month", "2026-11-30 23:59:59.999", "2026-12-01 00:00:00"),
        ("year", "2026-12-31 23:59:59.999", "2027-01-01 00:00:00"),
    ],
)
def test_a_window_ends_with_its_last_business_day(
    window: CapWindow, last: str, next_window: str
) -> None:
    history = capped(Cap(cap_id="c", per="member", window=window, points=100))
    line(history, "a", 100)

    history.clock.now = local(last)
    assert line(history, "b", 10) == 0
    history.clock.now = local(next_window)
    assert line(history, "c", 120) == 100


def test_a_cap_in_all_never_begins_anew() -> None:
    history = capped(Cap(cap_id="c", per="member", window="total", points=100))
    line(history, "a", 100)

    history.clock.later(days=300)

    assert line(history, "b", 10) == 0


def test_a_reversal_gives_back_to_the_window_its_credit_came_from() -> None:
    history = capped(per_day())
    line(history, "a", 100)
    history.clock.later(days=1)
    line(history, "b", 70)

    line(history, "a", 0, status="void")

    assert history.entries[-1].caps == {"c|2026-11-20": -100}
    assert line(history, "c", 100) == 30


def test_caps_count_only_their_rules_and_scenes() -> None:
    history = capped(
        Cap(cap_id="r", per="member", window="day", points=50, rules=("main/taobao",)),
        Cap(cap_id="g", per="member", window="day", points=30, scenes=("grant",)),
    )

    assert line(history, "a", 80) == 50
    assert line(history, "b", 80, rule="main/pdd") == 80
    granted = moving.grant(ANNA, MAIN, "g1", 40, {}, desk=history.desk)

    assert (granted.entry.points, granted.entry.capped) == (30, 10)
    assert history.account.caps == {"r": ("2026-11-20", 50), "g": ("2026-11-20", 30)}


def test_the_tightest_of_several_caps_decides_and_all_count() -> None:
    history = capped(
        per_day(90), Cap(cap_id="m", per="member", window="month", points=100)
    )  # fmt: skip

    assert line(history, "a", 95) == 90
    history.clock.later(days=1)
    assert line(history, "b", 95) == 10
    assert history.account.caps == {"c": ("2026-11-21", 10), "m": ("2026-11", 100)}


def test_lines_of_one_posting_share_what_is_left() -> None:
    history = capped(per_day())
    history.pool.say(quote("a", "due", 80), quote("b", "due", 80))

    settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk)

    assert [entry.points for entry in history.entries] == [80, 20]


def test_points_that_were_written_off_keep_the_capacity_they_took() -> None:
    """Else buying, spending and refunding over and over would earn without end."""
    history = capped(per_day())
    history.policy = LedgerPolicy(
        programme_id=MAIN, caps=(per_day(),), clawback=Clawback(shortfall="write_off")
    )
    line(history, "a", 100)
    moving.spend(ANNA, MAIN, "s", 100, {}, desk=history.desk)

    line(history, "a", 0, status="void")

    assert line(history, "b", 100) == 0
    assert line(history, "a", 100) == 0
    assert history.account.caps == {"c": ("2026-11-20", 100)}


def test_of_a_part_that_was_written_off_only_what_was_taken_back_can_be_earned_again() -> None:
    history = capped(per_day())
    history.policy = LedgerPolicy(
        programme_id=MAIN, caps=(per_day(),), clawback=Clawback(shortfall="write_off")
    )
    line(history, "a", 100)
    moving.spend(ANNA, MAIN, "s", 60, {}, desk=history.desk)

    line(history, "a", 0, status="void")

    assert history.account.caps == {"c": ("2026-11-20", 60)}
    assert line(history, "b", 100) == 40


def test_lines_of_one_posting_share_what_the_programme_has_left() -> None:
    history = capped(Cap(cap_id="c", per="programme", window="day", points=100))
    history.pool.say(quote("a", "due", 70), quote("b", "due", 70), quote("d", "due", 5))

    settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk)

    assert [(entry.points, entry.capped) for entry in history.entries] == [
        (70, 0),
        (30, 40),
        (0, 5),
    ]


def test_what_was_earned_before_there_was_the_cap_does_not_widen_it() -> None:
    assert counted({"c": ("d", 50)}, {"c|d": -80}) == {"c": ("d", 0)}
    assert counted({"c": ("2026-11-20", 50)}, {"c|2026-11-19": -80}) == {"c": ("2026-11-20", 50)}
    assert counted({}, {"c|d": -80}) == {}


def test_an_older_window_never_replaces_a_newer_one() -> None:
    newer = {"c": ("2026-11-21", 5)}

    assert counted(newer, {"c|2026-11-20": 9}) == newer
    assert counted(newer, {"c|2026-11-22": 9}) == {"c": ("2026-11-22", 9)}


def test_a_shared_cap_is_one_for_all_members() -> None:
    history = capped(Cap(cap_id="c", per="programme", window="day", points=100))
    line(history, "a", 70)
    history.pool.say(quote("b", "due", 70, owner=BERTA))

    settle(BERTA, ["o1"], quotes=history.pool, desk=history.desk)

    assert history.ledger.account(BERTA).balance == 30
    assert line(history, "a", 20) == -50
    history.clock.later(days=1)
    assert line(history, "d", 500) == 100


def test_a_credit_waits_for_nobody_when_the_shared_cap_ran_out_meanwhile() -> None:
    history = capped(Cap(cap_id="c", per="programme", window="day", points=100))
    history.pool.say(quote("b", "due", 70, owner=BERTA))

    def other() -> None:
        settle(BERTA, ["o1"], quotes=history.pool, desk=history.desk)

    history.ledger.before_post = [other]

    assert line(history, "a", 70) == 30


pieces = st.dictionaries(st.integers(0, SHARDS - 1), st.integers(-30, 40))


@given(st.integers(0, 300), st.integers(0, SHARDS - 1), pieces, st.integers(0, 400))
def test_a_shared_cap_gives_all_it_has_left_and_no_shard_more_than_its_own(
    points: int, home: int, used: dict[int, int], wanted: int
) -> None:
    cap = Cap(cap_id="c", per="programme", window="day", points=points)
    sizes = {shard: size_of_shard(cap, shard) for shard in range(SHARDS)}

    piece = best_piece(cap, home, used)
    parts = taken_from(piece, min(wanted, piece.remaining))

    left = {shard: max(0, sizes[shard] - used.get(shard, 0)) for shard in sizes}
    assert sum(sizes.values()) == points
    assert piece.remaining == sum(left.values())
    assert sum(parts.values()) == min(wanted, piece.remaining)
    assert all(0 < part <= left[shard] for shard, part in parts.items())
    assert left[home] == 0 or piece.shard == home


def test_a_day_is_the_programmes_and_not_utcs() -> None:
    history = capped(per_day(), at="2026-11-20 23:00:00")
    line(history, "a", 100)

    history.clock.now += timedelta(hours=2)

    assert line(history, "b", 100) == 100


@pytest.mark.parametrize(
    ("before", "after"),
    [("day", "month"), ("week", "month"), ("total", "month"), ("month", "year"), ("week", "day")],
)
def test_a_cap_whose_window_was_changed_begins_anew_and_holds(
    before: CapWindow, after: CapWindow
) -> None:
    history = capped(Cap(cap_id="c", per="member", window=before, points=100))
    line(history, "a", 50)

    changed_to(history, Cap(cap_id="c", per="member", window=after, points=100))

    assert [line(history, name, 100) for name in ("b", "c", "d")] == [100, 0, 0]


def test_a_clock_that_goes_back_over_midnight_opens_no_window() -> None:
    full = Account(member_id=ANNA, caps={"c": ("2026-11-21", 100)})

    assert remaining(per_day(), full, date(2026, 11, 20), {}) == 0
    assert remaining(per_day(), full, date(2026, 11, 22), {}) == 100
    assert counted(full.caps, {"c|2026-11-20": 5}) == full.caps


def changed_to(history: History, cap: Cap) -> None:
    history.policy = LedgerPolicy(programme_id=MAIN, caps=(cap,))
