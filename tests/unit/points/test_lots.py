"""Lots as buckets: which one points go to, when it is over, and in what order lots give."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.policies import Expiry, ExpiryMethod, LedgerPolicy
from huixue.points import lots
from tests.unit.points.fakes import local

POLICY = LedgerPolicy(
    expiry=Expiry(method="month_end", after=12),
    expiry_of={"check_in": Expiry(method="days", after=30), "gift": Expiry(method="never")},
)

KEYS = ("2026-01-31|order", "2026-02-28|order", "2026-02-28|bonus", "never|gift")
bags = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 50))
named = st.lists(st.tuples(st.sampled_from(KEYS[1:]), st.integers(0, 60)), max_size=3)


@pytest.mark.parametrize(
    ("method", "after", "on", "accrued", "last_day"),
    [
        ("month_end", 1, None, date(2027, 1, 31), "2027-02-28"),
        ("month_end", 1, None, date(2028, 1, 31), "2028-02-29"),
        ("month_end", 12, None, date(2028, 2, 29), "2029-02-28"),
        ("month_end", 0, None, date(2026, 4, 30), "2026-04-30"),
        ("month_end", 1, None, date(2026, 12, 31), "2027-01-31"),
        ("days", 30, None, date(2028, 1, 30), "2028-02-29"),
        ("days", 1, None, date(2026, 12, 31), "2027-01-01"),
        ("quarter_end", 0, None, date(2026, 2, 1), "2026-03-31"),
        ("half_year_end", 0, None, date(2026, 7, 1), "2026-12-31"),
        ("year_end", 0, None, date(2026, 1, 1), "2026-12-31"),
        ("year_end", 12, None, date(2026, 12, 31), "2027-12-31"),
        ("fixed_date", 0, date(2027, 2, 28), date(2026, 1, 1), "2027-02-28"),
        ("fixed_date", 0, date(9999, 12, 31), date(2026, 1, 1), "never"),
        ("days", 10_000_000, None, date(2026, 1, 1), "never"),
        ("never", 0, None, date(2026, 1, 1), "never"),
    ],
)
def test_a_lot_is_named_by_its_last_day_and_class(
    method: ExpiryMethod, after: int, on: date | None, accrued: date, last_day: str
) -> None:
    policy = LedgerPolicy(expiry=Expiry(method=method, after=after, on=on))

    key = lots.new_lot("order", accrued, policy)

    assert key == f"{last_day}|order"
    assert lots.kind_of(key) == "order"
    assert str(lots.last_day_of(key)) == ("None" if last_day == "never" else last_day)


def test_a_class_with_an_expiry_of_its_own_follows_that() -> None:
    day = date(2026, 11, 20)

    keys = [lots.new_lot(kind, day, POLICY) for kind in ("order", "check_in", "gift")]

    assert keys == ["2027-11-30|order", "2026-12-20|check_in", "never|gift"]


@pytest.mark.parametrize(
    ("last_day", "last", "first_not"),
    [
        (date(2027, 1, 31), "2027-01-31 23:59:59.999", "2027-02-01 00:00:00"),
        (date(2028, 2, 29), "2028-02-29 23:59:59.999", "2028-03-01 00:00:00"),
        (date(2026, 12, 31), "2026-12-31 23:59:59.999", "2027-01-01 00:00:00"),
    ],
)
def test_points_live_to_the_last_instant_of_their_day_in_shanghai(
    last_day: date, last: str, first_not: str
) -> None:
    key = lots.lot_key(last_day, "order")
    gone = lots.gone_at(key, POLICY)

    assert gone == local(first_not)
    assert local(last) < gone
    assert lots.living(key, local(last), POLICY) == key
    assert lots.living(key, local(first_not), POLICY) != key
    assert lots.gone_at("never|order", POLICY) is None


def test_a_lot_that_is_over_comes_back_with_the_days_of_grace_and_its_class() -> None:
    at = local("2027-02-01 00:00:00")

    assert lots.living("2027-01-31|bonus", at, POLICY) == "2027-02-08|bonus"
    assert lots.living("never|bonus", at, POLICY) == "never|bonus"
    assert lots.living("2027-01-31|x", at, LedgerPolicy(grace_days=0)) == "2027-02-01|x"


def test_the_zone_of_the_programme_decides_what_today_is() -> None:
    tokyo = LedgerPolicy(zone_name="Asia/Tokyo")
    at: datetime = local("2027-01-31 23:30:00")

    assert lots.living("2027-01-31|order", at, tokyo) == "2027-02-08|order"


def test_the_earliest_expiry_gives_first_whatever_came_first() -> None:
    held = {"never|order": 5, "2027-12-31|order": 5, "2027-01-31|order": 5}

    assert lots.taken(held, 7) == {"2027-01-31|order": 5, "2027-12-31|order": 2}


def test_lots_named_first_give_first_and_at_most_what_was_said() -> None:
    held = {"2027-01-31|order": 5, "2027-12-31|order": 5}

    first = [("2027-12-31|order", 3)]

    assert lots.taken(held, 6, first=first) == {"2027-12-31|order": 3, "2027-01-31|order": 3}
    assert lots.taken(held, 6, first=first, others=False) == {"2027-12-31|order": 3}


@given(bags, st.integers(0, 250), named)
def test_no_lot_gives_more_than_it_holds_and_all_together_what_there_is(
    held: dict[str, int], points: int, first: list[tuple[str, int]]
) -> None:
    taken = lots.taken(held, points, first=first)

    left = lots.changed(held, lots.negative(taken))
    assert all(size > 0 for size in [*left.values(), *taken.values()])
    assert sum(taken.values()) == min(points, sum(held.values()))
    assert sum(left.values()) + sum(taken.values()) == sum(held.values())


def test_empty_lots_are_gone() -> None:
    assert lots.changed({"a|x": 3, "b|x": 1}, {"a|x": -3, "c|x": 2}) == {"b|x": 1, "c|x": 2}
    assert lots.summed([{"a|x": 1}, {"a|x": 2, "b|x": 1}]) == {"a|x": 3, "b|x": 1}
