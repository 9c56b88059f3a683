"""What holds after any history whatever, under any policy."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.policies import LedgerPolicy
from huixue.points.model import Account, Entry, LinePostings
from huixue.points.posting import as_of
from huixue.points.rebuilding import at_instant
from huixue.points.use_cases import settle
from tests.unit.points.histories import History, Step, assert_sound, policies, steps

WRITING = {"version", "entry_count", "recent", "due_at", "in_debt_since"}
"""Fields that tell of the writing: how many entries, when last."""


def told(account: Account) -> dict[str, object]:
    return {
        each.name: getattr(account, each.name)
        for each in fields(Account)
        if each.name not in WRITING
    }


def by_month(entries: list[Entry]) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        sums[entry.scene, entry.business_date.isoformat()[:7]] += entry.points
    return {key: points for key, points in sums.items() if points}


@settings(max_examples=150)
@given(policies(), st.lists(steps(), max_size=14))
def test_every_invariant_holds_after_every_step(policy: LedgerPolicy, said: list[Step]) -> None:
    history = History(policy)

    for step in said:
        history.take(step)
        assert_sound(history)


@settings(max_examples=150)
@given(policies(), st.lists(steps(), min_size=3, max_size=12))
def test_a_job_that_is_late_or_never_comes_changes_nothing_but_when_it_was_written(
    policy: LedgerPolicy, said: list[Step]
) -> None:
    late, timely = History(policy), History(policy)

    for step in said:
        timely.on_time(timely.clock.now + step.after)
        assert late.take(step) == timely.take(step)
        assert told(late.now) == told(timely.now)
        assert bool(late.now.in_debt_since) == bool(timely.now.in_debt_since)
        assert_sound(timely)

    late.take(Step("job", said[0].after, 0, 1))
    timely.take(Step("job", said[0].after, 0, 1))
    assert by_month(late.entries) == by_month(timely.entries)
    for instant in {entry.effective_at for entry in [*late.entries, *timely.entries]}:
        then = [
            as_of(at_instant(each.account, each.entries, instant), policy, instant)
            for each in (late, timely)
        ]
        frozen_now = {"frozen", "programme_id"}
        assert {k: v for k, v in told(then[0]).items() if k not in frozen_now} == {
            k: v for k, v in told(then[1]).items() if k not in frozen_now
        }


@settings(max_examples=80)
@given(policies(), st.lists(steps(["quote", "spend", "adjust"]), max_size=14))
def test_each_line_ends_at_its_newest_worth_whatever_was_spent_and_lost(
    policy: LedgerPolicy, said: list[Step]
) -> None:
    history = History(policy)

    for step in said:
        history.take(step)

    held = history.ledger.standing(history.member, list(history.pool.now)).postings
    for line, each in history.pool.now.items():
        if each.status != "parked":
            assert held[line].settled == (each.points if each.status == "due" else 0)
            assert held[line].pending == (each.points if each.status == "pending" else 0)
        assert_line_sound(held[line])
    assert settle(history.member, ["o1"], quotes=history.pool, desk=history.desk) == []


def assert_line_sound(held: LinePostings) -> None:
    assert held.points >= held.written_off >= 0
    assert held.capped >= 0
    assert 0 <= held.bonus <= held.points - held.written_off
