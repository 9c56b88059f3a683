"""What is owed in points, and in yuan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.liability import Bucket, Liability, yuan
from huixue.points.model import Account, Hold
from tests.unit.points.fakes import MAIN, NOW, POLICY

LOTS = ("2026-10-31|order", "2026-12-31|order", "never|grant")


def book() -> Liability:
    return Liability(programme_id=MAIN, cost_milli_fen=1000)


def test_spendable_points_are_summed_by_month_of_expiry_and_class() -> None:
    found = book()
    lots = {"2026-12-01|order": 5, "2026-12-31|order": 6, "2026-12-31|grant": 7, "never|adjust": 8}
    for name in ("a", "b"):
        found.add(Account(member_id=MemberId(name), lots=lots, balance=26, version=1), POLICY, NOW)

    assert found.buckets == [
        Bucket(month="2026-12", lot_class="grant", points=14),
        Bucket(month="2026-12", lot_class="order", points=22),
        Bucket(month="never", lot_class="adjust", points=16),
    ]
    assert (found.accounts, found.outstanding, found.balance) == (2, 52, 52)


def test_pending_held_and_debt_stand_apart() -> None:
    found = book()
    held = Hold(until=NOW + timedelta(hours=1), lots={"2027-01-31|order": 4})
    found.add(
        Account(
            member_id=MemberId("a"), balance=-9, pending=3, held=4, holds={"h": held}, version=1
        ), POLICY, NOW,
    )  # fmt: skip

    assert (found.pending, found.held, found.debt, found.outstanding) == (3, 4, 9, 0)


def test_what_expired_by_the_instant_is_not_owed_though_nobody_entered_it() -> None:
    found = book()
    found.add(
        Account(member_id=MemberId("a"), lots={"2026-11-19|order": 5}, balance=5, version=1),
        POLICY, NOW,
    )  # fmt: skip

    assert (found.outstanding, found.balance) == (0, 0)


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(LOTS), st.integers(1, 99)),
            st.integers(0, 50),
        ), max_size=8,
    )
)  # fmt: skip
def test_the_balance_is_what_is_outstanding_less_debt(
    accounts: list[tuple[dict[str, int], int]],
) -> None:
    found = book()
    for number, (lots, debt) in enumerate(accounts):
        member_id = MemberId(f"m{number}")
        balance = sum(lots.values()) - debt
        found.add(Account(member_id=member_id, lots=lots, balance=balance, version=1), POLICY, NOW)

    assert found.balance == found.outstanding - found.debt
    assert sum(each.points for each in found.buckets) == found.outstanding


@pytest.mark.parametrize(
    ("points", "milli_fen", "told"),
    [
        (178, 1000, "1.78"), (0, 1000, "0.00"), (1, 499, "0.00"), (1, 500, "0.01"),
        (3, 333, "0.01"), (1_901_029, 1000, "19010.29"), (10**12, 250, "2500000000.00"), (-5, 1000, "-0.05"),
    ],
)  # fmt: skip
def test_points_in_yuan_are_rounded_once(points: int, milli_fen: int, told: str) -> None:
    assert yuan(points, milli_fen) == told
    assert Liability(programme_id="p", cost_milli_fen=milli_fen).yuan(points) == told


def test_the_policy_of_the_account_decides_where_the_day_ends() -> None:
    lot = Account(member_id=MemberId("a"), lots={"2026-11-20|order": 5}, balance=5, version=1)
    late = NOW.replace(hour=17)
    shanghai, utc = book(), book()
    shanghai.add(lot, POLICY, late)
    utc.add(lot, LedgerPolicy(programme_id=MAIN, zone_name="Etc/UTC"), late)

    assert (shanghai.outstanding, utc.outstanding) == (0, 5)


def test_what_erased_members_had_stands_apart_from_the_day_on() -> None:
    found, before = book(), book()
    gone = Account(
        member_id=MemberId("a"), lots={"never|grant": 5}, balance=5, version=1, erased_at=NOW
    )
    lives = Account(member_id=MemberId("b"), lots={"never|grant": 7}, balance=7, version=1)
    for each in (gone, lives):
        found.add(each, POLICY, NOW)
        before.add(each, POLICY, NOW - timedelta(seconds=1))

    assert (found.erased, found.outstanding) == (5, 12)
    assert (before.erased, before.outstanding) == (0, 12)
