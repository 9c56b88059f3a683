"""Runs of the continuous audit: every account once a week, in parts that die, repeat and go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huixue.points.audit_runs import (
    GROUPS,
    SEGMENTS,
    audit_everything,
    audit_segment,
    planned,
    start_audit,
)
from tests.unit.points.audit_jobs import MORNING, audited, corrupt, everything, sound_ledger
from tests.unit.points.fakes import ANNA, local
from tests.unit.points.job_fakes import FAR, Jobs


@pytest.fixture
def jobs() -> Jobs:
    return sound_ledger()


def test_a_whole_audit_judges_every_account_once_and_changes_nothing(jobs: Jobs) -> None:
    stands = dict(jobs.ledger.accounts)

    found = everything(jobs)

    assert found == {"accounts": 42, "entries": 84, "violations": 0, "left_out": 0}
    assert (jobs.alarms, jobs.ledger.accounts) == ({}, stands)
    assert len(jobs.records) == SEGMENTS
    assert all(each.finished_at is not None for each in jobs.records.values())


def test_seven_days_judge_every_segment_exactly_once(jobs: Jobs) -> None:
    everything(jobs, "2026-11-20")  # what was there before is finished
    done: list[int] = []
    for day in range(GROUPS):
        jobs.clock.now = local(MORNING) + timedelta(days=day)
        assert start_audit(desk=jobs.audit_start_desk()) == SEGMENTS // GROUPS
        done += [each.segment for each in jobs.parts]
        audited(jobs)

    assert sorted(done) == list(range(SEGMENTS))


def test_a_new_deployment_is_judged_whole_on_its_first_day(jobs: Jobs) -> None:
    assert start_audit(desk=jobs.audit_start_desk()) == SEGMENTS


def test_what_a_day_lost_is_judged_before_its_week_is_over(jobs: Jobs) -> None:
    everything(jobs, "2026-11-20")
    start_audit(desk=jobs.audit_start_desk())
    lost = {each.segment for each in jobs.parts}
    jobs.parts.clear()
    for _ in range(GROUPS - 1):
        jobs.clock.later(days=1)
        start_audit(desk=jobs.audit_start_desk())
        planned_now = {each.segment for each in jobs.parts}
        audited(jobs)

    assert jobs.clock.now == local("2026-11-27 03:00")
    assert lost < planned_now


def test_a_start_that_is_repeated_audits_nothing_twice(jobs: Jobs) -> None:
    start_audit(desk=jobs.audit_start_desk())
    audited(jobs)
    jobs.audit(planned("2026-11-21", range(SEGMENTS)))

    for message in jobs.parts:
        assert audit_segment(message, desk=jobs.audit_desk(), until=FAR) is None


def test_a_part_that_runs_out_of_time_goes_on_behind_a_whole_account(jobs: Jobs) -> None:
    corrupt(jobs, balance=99)
    jobs.audit(planned("now-1"))
    messages = 0

    while jobs.parts:
        audit_segment(jobs.parts.pop(0), desk=jobs.audit_desk(), until=jobs.clock.now)
        messages += 1

    assert messages == 42 + SEGMENTS  # an account each, and the end of each segment
    totals = jobs.records.values()
    assert sum(each.accounts for each in totals) == 42
    assert sum(each.violations for each in totals) == len(jobs.alarms[ANNA])


def test_a_part_delivered_again_after_its_successor_was_sent_does_nothing(jobs: Jobs) -> None:
    segment = max(range(SEGMENTS), key=lambda n: len(list(jobs.sheets(n, SEGMENTS, None))))
    (message,) = planned("now-1", [segment])
    audit_segment(message, desk=jobs.audit_desk(), until=jobs.clock.now)
    assert len(jobs.parts) == 1

    assert audit_segment(message, desk=jobs.audit_desk(), until=FAR) is None

    assert len(jobs.parts) == 1


def test_a_worker_that_dies_leaves_the_part_to_the_next(jobs: Jobs) -> None:
    """Killed after some accounts: nothing was recorded, so the part is done again from its beginning."""
    segment = max(range(SEGMENTS), key=lambda n: len(list(jobs.sheets(n, SEGMENTS, None))))
    (message,) = planned("now-1", [segment])

    def killed() -> None:
        raise KeyboardInterrupt

    jobs.after_sheet = killed
    with pytest.raises(KeyboardInterrupt):
        audit_segment(message, desk=jobs.audit_desk(), until=FAR)
    jobs.after_sheet = lambda: None

    done = audit_segment(message, desk=jobs.audit_desk(), until=FAR)

    assert done is not None
    assert done.accounts == len(list(jobs.sheets(segment, SEGMENTS, None)))


def test_a_audit_everything_judges_everything_at_once_under_a_name_of_its_own(jobs: Jobs) -> None:
    name = audit_everything(desk=jobs.audit_start_desk())

    assert name == "now-2026-11-20T19:00:00.000000Z"
    assert [each.segment for each in jobs.parts] == list(range(SEGMENTS))
    assert audited(jobs)["accounts"] == 42
    assert {run for run, _ in jobs.records} == {name}
