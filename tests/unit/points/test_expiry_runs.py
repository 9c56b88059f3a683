"""The expiry job: what is over is over at its instant, entered once, whenever and however often the job comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Expiry, LedgerPolicy, Tier, Tiers
from huixue.points import moving
from huixue.points.audit import violations
from huixue.points.expiry_runs import looked_at_late
from huixue.points.lots import new_lot
from huixue.points.model import Account, TierStanding
from huixue.points.ports import LedgerDesk
from huixue.points.posting import InsufficientPointsError
from tests.unit.points.fakes import ANNA, MAIN, local, recomputed
from tests.unit.points.job_fakes import Jobs, expiries, jobs_at, run_expiry

AFTER_YEAR_END = local("2027-01-01 00:00")


def desk(jobs: Jobs) -> LedgerDesk:
    return LedgerDesk(
        ledger=jobs.ledger, policy_of=jobs.policy_of, now=jobs.clock, pause=lambda lost: None
    )


def spend(jobs: Jobs, points: int, key: str = "s") -> None:
    moving.spend(ANNA, MAIN, key, points, {}, desk=desk(jobs))


@pytest.mark.parametrize(
    ("accrued", "expiry", "last_day"),
    [
        ("2026-12-31", Expiry(method="month_end", after=1), "2027-01-31"),
        ("2027-01-31", Expiry(method="month_end", after=1), "2027-02-28"),
        ("2028-01-31", Expiry(method="month_end", after=1), "2028-02-29"),
        ("2028-02-29", Expiry(method="month_end", after=12), "2029-02-28"),
        ("2026-11-20", Expiry(method="year_end", after=0), "2026-12-31"),
        ("2028-02-28", Expiry(method="days", after=1), "2028-02-29"),
        ("2026-11-20", Expiry(method="days", after=0), "2026-11-20"),
    ],
)
def test_points_can_be_spent_to_the_last_instant_of_their_last_day_and_then_never(
    accrued: str, expiry: Expiry, last_day: str
) -> None:
    policy = LedgerPolicy(programme_id=MAIN, expiry=expiry)
    jobs = jobs_at(f"{accrued} 00:00", policy)
    lot = new_lot("order", date.fromisoformat(accrued), policy)
    jobs.given(ANNA, 70, lot)
    midnight = local(f"{last_day} 00:00") + timedelta(days=1)

    jobs.clock.now = local(f"{last_day} 23:59:59.999999")
    spend(jobs, 20)
    run_expiry(jobs)
    assert expiries(jobs) == []

    jobs.clock.now = midnight
    with pytest.raises(InsufficientPointsError):
        spend(jobs, 1, "late")  # though no job has run
    jobs.clock.later(hours=9)
    run_expiry(jobs)
    run_expiry(jobs)

    assert expiries(jobs) == [(-50, date.fromisoformat(last_day), midnight)]
    account = jobs.ledger.account(ANNA)
    assert (account.balance, account.lots, account.due_at) == (0, {}, None)
    assert violations(account, jobs.ledger.entries_of(ANNA), recomputed) == []


def test_a_look_for_a_notice_alone_records_it_and_moves_on_without_a_version() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 70, "2026-12-31|order")
    version = jobs.ledger.account(ANNA).version

    looks = []
    for _ in range(4):
        due = jobs.ledger.account(ANNA).due_at
        assert due is not None
        jobs.clock.now = due
        looks.append(due)
        run_expiry(jobs)

    days = ("2026-12-01", "2026-12-24", "2026-12-30", "2027-01-01")
    assert looks == [local(f"{day} 00:00") for day in days]
    assert [days for _, _, days in jobs.notices] == [30, 7, 1]
    assert {each.points for each in jobs.notices.values()} == {70}
    account = jobs.ledger.account(ANNA)
    assert (account.due_at, account.version) == (None, version + 1)


def test_a_job_that_was_away_makes_up_no_notices_but_enters_everything() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 70, "2026-12-31|order")
    jobs.given(ANNA, 30, "2027-01-31|order")

    jobs.clock.now = local("2027-01-25 12:00")
    run_expiry(jobs)

    assert [(day, days) for _, day, days in jobs.notices] == [("2027-01-31", 7)]
    assert [points for points, _, _ in expiries(jobs)] == [-70]
    assert jobs.ledger.account(ANNA).due_at == local("2027-01-30 00:00")


def test_a_posting_before_the_visit_takes_no_notice_away() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 70, "2026-12-31|order")
    jobs.clock.now = local("2026-12-01 00:05")
    jobs.given(ANNA, 1, "2027-11-30|order")

    run_expiry(jobs)
    run_expiry(jobs)

    assert [days for _, _, days in jobs.notices] == [30]
    assert jobs.ledger.account(ANNA).due_at == local("2026-12-24 00:00")


def test_holds_time_out_and_tiers_turn_in_the_same_walk() -> None:
    tiers = Tiers(tiers=(Tier(tier="silver", from_points=1), Tier(tier="gold", from_points=500)))
    jobs = jobs_at("2026-11-20 12:00", LedgerPolicy(programme_id=MAIN, tiers=tiers))
    jobs.given(ANNA, 600, "2028-11-30|order")
    until = jobs.clock.now + timedelta(minutes=30)
    moving.open_hold(ANNA, MAIN, "h", 100, until, {}, desk=desk(jobs))
    assert jobs.ledger.account(ANNA).due_at == until

    jobs.clock.now = until
    run_expiry(jobs)
    assert jobs.ledger.account(ANNA).held == 0
    assert jobs.ledger.account(ANNA).due_at == AFTER_YEAR_END

    jobs.clock.now = AFTER_YEAR_END
    run_expiry(jobs)
    standing = jobs.ledger.account(ANNA).standing
    assert standing == TierStanding(period="2027", tier="gold", floor="gold")


NOW = local("2026-12-10 12:00")
HELD = Account(
    member_id=ANNA, programme_id=MAIN, version=1, balance=7, lots={"2026-12-31|order": 7}
)


@pytest.mark.parametrize(
    ("says", "right"),
    [
        (None, "2026-12-24 00:00"),
        ("2026-12-31 00:00", "2026-12-24 00:00"),
        ("2026-12-24 00:00", "2026-12-24 00:00"),
        ("2026-12-11 00:00", "2026-12-11 00:00"),
        ("2026-12-01 00:00", "2026-12-01 00:00"),
    ],
)
def test_an_account_is_never_looked_at_too_late(says: str | None, right: str) -> None:
    account = replace(HELD, due_at=local(says) if says is not None else None)
    policy = LedgerPolicy(programme_id=MAIN)

    assert looked_at_late(account, lambda _: policy, NOW) == local(right)


def test_what_is_over_and_marked_for_later_is_due_now() -> None:
    policy = LedgerPolicy(programme_id=MAIN)
    account = replace(HELD, due_at=local("2027-06-01 00:00"))

    found = looked_at_late(account, lambda _: policy, local("2027-01-05 12:00"))

    assert found == AFTER_YEAR_END


def test_earlier_notices_of_a_new_policy_are_looked_for_and_a_closed_account_is_not() -> None:
    policy = LedgerPolicy(programme_id=MAIN, notice_days=(20, 7))
    account = replace(HELD, due_at=local("2026-12-24 00:00"))

    assert looked_at_late(account, lambda _: policy, NOW) == local("2026-12-11 00:00")
    closed = replace(account, merged_into=MemberId("mem_z"))
    assert looked_at_late(closed, lambda _: policy, NOW) is None
