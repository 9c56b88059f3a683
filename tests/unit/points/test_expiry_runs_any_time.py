"""Whenever the job comes, however often, and if it never comes: the same points can be spent at every instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.policies import Expiry, LedgerPolicy
from huixue.points import moving
from huixue.points.audit import violations
from huixue.points.lots import new_lot
from huixue.points.model import Account
from huixue.points.ports import LedgerDesk
from huixue.points.posting import InsufficientPointsError
from huixue.points.use_cases import balance
from tests.unit.points.fakes import ANNA, MAIN, local, recomputed
from tests.unit.points.job_fakes import Jobs, jobs_at, run_expiry

POLICY = LedgerPolicy(
    programme_id=MAIN, expiry=Expiry(method="days", after=20),
    expiry_of={"bonus": Expiry(method="month_end", after=0)}, notice_days=(7, 1),
)  # fmt: skip

Act = Literal["credit", "bonus", "spend", "hold", "job"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["credit", "bonus", "spend", "hold", "job"]),
        st.integers(0, 15 * 24 * 60),
        st.integers(1, 60),
    ),
    min_size=1,
    max_size=25,
)


def played(steps: Sequence[tuple[Act, int, int]], *, with_job: bool) -> tuple[Jobs, list[object]]:
    """What she saw after each step: spendable points, those set aside, her lots."""
    jobs = jobs_at("2027-12-20 12:00", POLICY)
    desk = LedgerDesk(
        ledger=jobs.ledger, policy_of=jobs.policy_of, now=jobs.clock, pause=lambda lost: None
    )
    seen: list[object] = []
    for number, (act, minutes, points) in enumerate(steps):
        now = jobs.clock.later(minutes=minutes)
        try:
            match act:
                case "credit" | "bonus":
                    kind = "order" if act == "credit" else act
                    day = now.astimezone(POLICY.zone).date()
                    jobs.given(ANNA, points, new_lot(kind, day, POLICY))
                case "spend":
                    moving.spend(ANNA, MAIN, f"s{number}", points, {}, desk=desk)
                case "hold":
                    until = now + timedelta(hours=30)
                    moving.open_hold(ANNA, MAIN, f"h{number}", points, until, {}, desk=desk)
                case "job" if with_job:
                    run_expiry(jobs)
        except InsufficientPointsError:
            seen.append("refused")
        seen.append(_shown(balance(ANNA, desk=desk)))
    return jobs, seen


def _shown(account: Account) -> tuple[object, ...]:
    return account.available, account.held, dict(account.lots), set(account.holds)


@given(steps=STEPS)
def test_the_job_changes_nothing_that_anybody_can_see(steps: list[tuple[Act, int, int]]) -> None:
    with_job, seen = played(steps, with_job=True)
    without, seen_without = played(steps, with_job=False)

    assert seen == seen_without
    for jobs in (with_job, without):
        jobs.clock.now = local("2029-03-01 00:00")
        run_expiry(jobs)
        run_expiry(jobs)
        account, entries = jobs.ledger.whole(ANNA)
        assert (account.balance, account.held, account.due_at) == (0, 0, None)
        assert violations(account, entries, recomputed) == []
        assert jobs.failures == {}
