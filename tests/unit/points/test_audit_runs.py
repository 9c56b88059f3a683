"""The continuous audit: everything once a week, nobody wronged, and what is broken is frozen, told and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from huixue.kernel.errors import ContentionError, MisconfiguredError, UnavailableError
from huixue.kernel.ids import MemberId
from huixue.points.audit_runs import FREEZE_WITHIN, audit_segment, planned
from huixue.points.model import Account, Entry, Frozen
from tests.unit.points.audit_jobs import MORNING, corrupt, everything, has, sound_ledger
from tests.unit.points.fakes import ANNA, BERTA, local
from tests.unit.points.job_fakes import FAR, Jobs


@pytest.fixture
def jobs() -> Jobs:
    return sound_ledger()


@pytest.mark.parametrize(
    "wrong",
    [
        {"balance": 1_000},
        {"balance": 0},
        {"lots": {"2026-12-31|order": 15}},
        {"held": 3},
        {"pending": 3},
        {"lifetime": 99},
        {"entry_count": 3},
        {"recent": ()},
    ],
    ids=str,
)
def test_a_corrupted_row_is_told_and_its_redemptions_stop_but_no_number_changes(
    jobs: Jobs, wrong: dict[str, Any]
) -> None:
    corrupt(jobs, **wrong)
    broken = jobs.ledger.accounts[ANNA]

    found = everything(jobs)

    assert set(jobs.alarms) == {ANNA}
    assert found["violations"] == len(jobs.alarms[ANNA]) >= 1
    frozen = Frozen(reason="audit", since=jobs.clock.now)
    assert jobs.ledger.accounts[ANNA] == replace(broken, frozen=frozen, version=broken.version + 1)


def test_an_entry_that_is_gone_is_found(jobs: Jobs) -> None:
    del jobs.ledger.by_key[ANNA, "2026-12-31|order/0"]

    assert everything(jobs)["violations"] >= 1
    assert jobs.ledger.accounts[ANNA].is_frozen(jobs.clock.now)


def test_a_violation_that_stays_rings_again_and_freezes_once(jobs: Jobs) -> None:
    corrupt(jobs, balance=99)

    everything(jobs, "now-1")
    version = jobs.ledger.accounts[ANNA].version
    found = everything(jobs, "now-2")

    assert found["violations"] >= 1
    assert jobs.ledger.accounts[ANNA].version == version


def test_a_fault_of_ours_rings_for_everybody_and_does_not_freeze_everybody(jobs: Jobs) -> None:
    corrupt(jobs, balance=99)
    others = [replace(each, violations=FREEZE_WITHIN) for each in planned("now-1")]

    for message in others:
        audit_segment(message, desk=jobs.audit_desk(), until=FAR)

    assert set(jobs.alarms) == {ANNA}
    assert jobs.ledger.accounts[ANNA].frozen is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Frozen(reason="operator", since=local(MORNING)), "operator"),
        (Frozen(reason="refunds", since=local(MORNING), until=local("2026-12-31 00:00")), "audit"),
    ],
)
def test_a_freeze_that_ends_by_itself_gives_way_and_one_that_does_not_stands(
    jobs: Jobs, before: Frozen, after: str
) -> None:
    corrupt(jobs, balance=99, frozen=before)

    everything(jobs)

    frozen = jobs.ledger.accounts[ANNA].frozen
    assert frozen is not None
    assert (frozen.reason, frozen.until) == (after, None)


def test_what_only_the_scan_shows_torn_wrongs_nobody(jobs: Jobs) -> None:
    """Entries posted between two pages: the account read by itself is sound."""
    sound = jobs.ledger.whole(ANNA)
    jobs.whole[ANNA] = sound
    corrupt(jobs, balance=99)

    assert everything(jobs)["violations"] == 0
    assert jobs.alarms == {}
    assert jobs.ledger.accounts[ANNA].frozen is None


def test_rows_that_make_no_sense_are_broken_and_not_a_failure(jobs: Jobs) -> None:
    key = (ANNA, "2026-12-31|order/0")
    jobs.ledger.by_key[key] = replace(jobs.ledger.by_key[key], lots={"2026-12-31|order": "many"})  # type: ignore[dict-item]  # nonsense on purpose

    assert everything(jobs)["violations"] == 1
    assert [each.rule for each in jobs.alarms[ANNA]] == ["rows can be read"]


def test_a_database_that_does_not_answer_condemns_nobody_and_the_message_comes_again(
    jobs: Jobs,
) -> None:
    corrupt(jobs, balance=99)
    desk = replace(jobs.audit_desk(), ledger=Failing(UnavailableError("no answer")))
    (message,) = (each for each in planned("now-1") if has(jobs, each, ANNA))

    with pytest.raises(UnavailableError):
        audit_segment(message, desk=desk, until=FAR)

    assert (jobs.alarms, jobs.records) == ({}, {})


@pytest.mark.parametrize(
    "error", [ContentionError("kept changing"), MisconfiguredError("no such programme")]
)
def test_an_account_that_cannot_be_judged_is_left_out_and_named(
    jobs: Jobs, error: Exception
) -> None:
    corrupt(jobs, balance=99)
    desk = replace(jobs.audit_desk(), ledger=Failing(error))
    (message,) = (each for each in planned("now-1") if has(jobs, each, ANNA))

    done = audit_segment(message, desk=desk, until=FAR)

    assert done is not None
    assert (done.left_out, done.violations, set(jobs.unjudged)) == (1, 0, {ANNA})


class Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        raise self.error

    def merged_entries(self, entries: Sequence[Entry]) -> list[Entry]:
        return []

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None:
        raise AssertionError("nobody is frozen who was not judged")


def test_an_account_nobody_would_look_at_in_time_is_put_right(jobs: Jobs) -> None:
    right = jobs.ledger.accounts[ANNA].due_at
    corrupt(jobs, due_at=None)
    corrupt(jobs, BERTA, due_at=local("2027-06-01 00:00"))
    version = jobs.ledger.accounts[ANNA].version

    everything(jobs)

    assert jobs.ledger.accounts[ANNA].due_at == jobs.ledger.accounts[BERTA].due_at == right
    assert jobs.ledger.accounts[ANNA].version == version


def test_earlier_notices_of_a_changed_programme_are_looked_for(jobs: Jobs) -> None:
    jobs.policy = replace(jobs.policy, notice_days=(35, 7))

    everything(jobs)

    assert jobs.ledger.accounts[ANNA].due_at == local("2026-11-26 00:00")


def test_a_merged_account_is_sound_and_loses_a_mark_it_should_not_have(jobs: Jobs) -> None:
    jobs.ledger.merge(BERTA, ANNA, now=jobs.clock.now)
    corrupt(jobs, BERTA, due_at=local("2026-12-01 00:00"))

    found = everything(jobs)

    assert (found["accounts"], found["violations"]) == (42, 0)
    assert jobs.ledger.accounts[BERTA].due_at is None
