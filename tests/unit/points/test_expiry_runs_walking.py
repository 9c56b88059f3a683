"""Walks of the expiry job: they die, meet, repeat, fail for one account, and go on; nothing is lost or doubled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huixue.kernel.errors import UnavailableError
from huixue.kernel.events import AccountsDue
from huixue.points.expiry_runs import Tended, expire, start_expiry, tend
from tests.unit.points.fakes import ANNA, BERTA, local, loses
from tests.unit.points.job_fakes import FAR, expiries, jobs_at, run_expiry

AFTER_YEAR_END = local("2027-01-01 00:00")


def test_a_run_that_has_nothing_to_do_sends_nothing() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 70, "2026-12-31|order")

    assert start_expiry(desk=jobs.start_desk()) == 0
    assert jobs.walks == []


def test_one_account_that_fails_stops_no_other_and_is_told() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    members = [f"mem_{n:02}" for n in range(12)]
    for member_id in members:
        jobs.given(member_id, 10, "2026-12-31|order")
    poisoned = jobs.ledger.accounts["mem_03"]
    jobs.ledger.accounts["mem_03"] = replace(poisoned, lots={"no day|order": 10})
    jobs.clock.now = AFTER_YEAR_END

    done = run_expiry(jobs)

    assert jobs.failures == {"mem_03": "ValueError"}
    assert sum(each.failed for each in done) == 1
    assert sum(each.expired_points for each in done) == 110
    assert all(len(expiries(jobs, each)) == 1 for each in members if each != "mem_03")


def test_a_database_that_does_not_answer_ends_the_walk() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 10, "2026-12-31|order")
    jobs.clock.now = AFTER_YEAR_END
    start_expiry(desk=jobs.start_desk())

    def gone() -> None:
        raise UnavailableError("DynamoDB does not answer")

    jobs.ledger.before_post = [gone]
    with pytest.raises(UnavailableError):
        expire(jobs.walks[0], desk=jobs.expiry_desk(), until=FAR)
    expire(jobs.walks[0], desk=jobs.expiry_desk(), until=FAR)

    assert len(expiries(jobs)) == 1
    assert jobs.failures == {}


@pytest.mark.parametrize("times", [1, 7])
def test_who_loses_to_somebody_else_reads_again(times: int) -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 10, "2026-12-31|order")
    jobs.clock.now = AFTER_YEAR_END
    jobs.ledger.before_post = loses(times, jobs.ledger)

    assert tend(ANNA, desk=jobs.expiry_desk()).entries == 1


def test_who_loses_every_round_leaves_the_account_for_the_next_run() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 10, "2026-12-31|order")
    jobs.clock.now = AFTER_YEAR_END
    jobs.ledger.before_post = loses(8, jobs.ledger)

    (lost,) = run_expiry(jobs)
    (won,) = run_expiry(jobs)

    assert (lost.failed, jobs.failures) == (1, {ANNA: "ContentionError"})
    assert won.entries == 1


def test_a_look_that_loses_to_a_posting_loses_no_notice() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 70, "2026-12-31|order")
    jobs.clock.now = local("2026-12-24 00:00")
    jobs.before_move = [lambda: jobs.given(ANNA, 5, "2027-11-30|order")]

    run_expiry(jobs)

    assert [days for _, _, days in jobs.notices] == [7]
    assert jobs.ledger.account(ANNA).due_at == local("2026-12-30 00:00")


def test_a_walk_without_time_goes_on_in_messages_until_all_is_done() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    members = [f"mem_{n:03}" for n in range(40)]
    for member_id in members:
        jobs.given(member_id, 10, "2026-12-31|order")
    jobs.clock.now = AFTER_YEAR_END
    start_expiry(desk=jobs.start_desk())
    messages = 0

    while jobs.walks:
        expire(jobs.walks.pop(0), desk=jobs.expiry_desk(), until=jobs.clock.now)
        messages += 1

    assert messages > 40  # each did one account and left the rest
    assert all(len(expiries(jobs, each)) == 1 for each in members)


def test_an_account_that_was_merged_away_is_passed_over() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(BERTA, 10, "2026-12-31|order")
    jobs.given(ANNA, 10, "2026-12-31|order")
    jobs.ledger.merge(BERTA, ANNA, now=jobs.clock.now)
    assert jobs.ledger.accounts[BERTA].due_at is None
    jobs.clock.now = AFTER_YEAR_END

    run_expiry(jobs)
    assert tend(BERTA, desk=jobs.expiry_desk()) == Tended()

    assert [points for points, _, _ in expiries(jobs)] == [-20]
    assert expiries(jobs, BERTA) == []


def test_doubled_and_old_messages_change_nothing() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 10, "2026-12-31|order")
    jobs.clock.now = AFTER_YEAR_END
    start_expiry(desk=jobs.start_desk())
    (message,) = jobs.walks
    expire(message, desk=jobs.expiry_desk(), until=FAR)
    stands = dict(jobs.ledger.accounts)

    for again in (message, replace(message, due_by=local("2026-01-01 00:00"))):
        assert expire(again, desk=jobs.expiry_desk(), until=FAR) == Tended()

    assert jobs.ledger.accounts == stands


def test_a_message_says_until_when_so_that_a_walk_ends() -> None:
    jobs = jobs_at("2026-11-20 12:00")
    jobs.given(ANNA, 10, "2026-12-31|order")
    jobs.clock.now = AFTER_YEAR_END
    start_expiry(desk=jobs.start_desk())

    assert [each.due_by for each in jobs.walks] == [AFTER_YEAR_END]
    assert isinstance(jobs.walks[0], AccountsDue)
