"""Refunds on the whole way from a feed to the ledger: never more than was credited, and debt that credits repay."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from huixue.kernel.policies import Clawback
from huixue.points import moving
from huixue.points.movements import AccountFrozenError, InDebtError
from tests.races.main_job import MainJob, member, order_number

pytestmark = pytest.mark.exact_engines

ANNA = member(1)
THIRD_FEN = 11_000 // 3
"""Three of them are, by rounding of the platform, 110 % of the 100 yuan that were paid."""


def credited(job: MainJob, number: str, paid_fen: int = 10_000) -> None:
    job.arrive(number, paid_fen=paid_fen)
    job.submit(ANNA, number)
    job.deliver_all()
    job.clock.advance(timedelta(minutes=1))


def refunded(job: MainJob, number: str, refund_number: str, amount_fen: int) -> None:
    job.refund(number, refund_number, amount_fen)
    job.deliver_all()
    job.clock.advance(timedelta(minutes=1))


def spends(job: MainJob, spend_id: str, points: int) -> None:
    moving.spend(ANNA, "demo", spend_id, points, {}, desk=job.desk)


def test_three_partial_refunds_of_110_percent_take_back_exactly_100(job: MainJob) -> None:
    number = order_number(1)
    credited(job, number)

    for refund_number in ("r1", "r2", "r3", "r2"):
        refunded(job, number, refund_number, THIRD_FEN)

    job.assert_holds(ANNA, 0)
    assert [entry.points for entry in job.entries(ANNA)] == [100, -37, -37, -26]
    assert job.claim_of(ANNA, number).status == "clawed_back"


def test_refunds_come_to_the_same_in_any_order_and_before_the_order_too(job: MainJob) -> None:
    for turn, order in enumerate(permutations(("r1", "r2", "order"))):
        number = order_number(10 + turn)
        job.submit(ANNA, number)
        for step in order:
            if step == "order":
                job.arrive(number)
            else:
                job.refund(number, step, THIRD_FEN)
            job.deliver_all()

    job.assert_holds(ANNA, 6 * 26)


def test_a_sum_in_an_export_and_refunds_of_a_feed_are_one_and_the_same_money(job: MainJob) -> None:
    number = order_number(2)
    credited(job, number)

    refunded(job, number, "r1", 3_000)
    job.arrive(number, refunded_fen=4_000)
    job.deliver_all()
    refunded(job, number, "r2", 2_500)

    job.assert_holds(ANNA, 45)
    assert [entry.points for entry in job.entries(ANNA)] == [100, -30, -10, -15]


def test_a_refund_after_spending_leaves_debt_that_the_next_credit_repays(job: MainJob) -> None:
    number = order_number(3)
    credited(job, number)
    spends(job, "s1", 90)

    refunded(job, number, "r1", 4_000)

    account = job.ledger.account(ANNA)
    assert (account.available, account.debt, account.balance) == (0, 30, -30)
    clawback = job.entries(ANNA)[-1]
    assert (clawback.points, clawback.debt) == (-40, 30)
    with pytest.raises(InDebtError):
        spends(job, "s2", 1)

    credited(job, order_number(4))

    account, credit = job.ledger.account(ANNA), job.entries(ANNA)[-1]
    assert (account.available, account.debt, account.balance) == (70, 0, 70)
    assert (credit.points, credit.debt, credit.repays) == (100, -30, clawback.source_key)
    spends(job, "s2", 70)
    job.assert_holds(ANNA, 0)


def test_where_losses_are_written_off_she_starts_again_at_zero_and_nothing_is_silent(
    job: MainJob,
) -> None:
    job.policy = job.policy_with(Clawback(shortfall="write_off"))
    number = order_number(5)
    credited(job, number)
    spends(job, "s1", 90)

    refunded(job, number, "r1", 10_000)

    clawback = job.entries(ANNA)[-1]
    assert (clawback.points, clawback.written_off, clawback.debt) == (-10, 90, 0)
    job.assert_holds(ANNA, 0)
    credited(job, order_number(6))
    job.assert_holds(ANNA, 100)


def test_where_a_shortfall_freezes_she_cannot_redeem_and_still_earns(job: MainJob) -> None:
    job.policy = job.policy_with(Clawback(shortfall="freeze"))
    number = order_number(7)
    credited(job, number)
    spends(job, "s1", 90)

    refunded(job, number, "r1", 10_000)
    credited(job, order_number(8))

    job.assert_holds(ANNA, 10)
    with pytest.raises(AccountFrozenError):
        spends(job, "s2", 5)
