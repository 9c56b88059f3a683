"""A short run of the proof of check-ins, and what happened in it; the long one is `make prove PROOF=check_ins`."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.check_ins.marking import checked_in
from huixue.check_ins.sheets import parsed
from huixue.check_ins.streaks import streak_on
from huixue.kernel.check_ins import CheckInRule, CheckInRules, CycleKind, Outage
from tests.prove.proof_check_ins import proved
from tests.prove.reference_check_ins import ONE, ReferenceDays
from tests.prove.run import first_failure

SEEDS = 6
"""Few, since each takes half a second; all that can happen happens in them."""
FIRST = date(2028, 1, 27)
DECLARED = datetime(2028, 1, 27, tzinfo=UTC)
ALL_OF_IT = (
    "checked in", "repeated", "checked in by a wrong clock", "made up", "published", "cut", "outage",
    "consecutive", "cumulative", "brought at once", "brought later", "refused: future",
    "refused: today", "refused: no_make_up", "refused: too_long_ago", "refused: month_limit",
    "refused: before_joining", "refused: outage", "refused: check_ins/starts_on",
    "refused: check_ins/ends_cycle",
)  # fmt: skip


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """Runs the seeds, and counts what happened in them."""
    seen: Counter[str] = Counter()

    def prove(random: Random) -> None:
        seen.update(proved(random))

    failure = first_failure("check_ins", prove, range(SEEDS))
    assert failure is None, f"{failure and failure.trace}\nagain: {failure and failure.replay}"
    return seen


def test_histories_of_days_are_what_the_days_come_to(seen: Counter[str]) -> None:
    assert seen["checked in"] > 100 * SEEDS


def test_everything_that_can_happen_happened_in_them(seen: Counter[str]) -> None:
    assert [each for each in ALL_OF_IT if not seen[each]] == []


@given(
    days=st.sets(st.integers(0, 130)),
    failed=st.sets(st.integers(0, 130), max_size=12),
    cycle=st.sampled_from(["week", "month", "endless"]),
    today=st.integers(0, 135),
)
def test_a_streak_is_its_recomputation_whatever_the_days(
    days: set[int], failed: set[int], cycle: CycleKind, today: int
) -> None:
    outages = tuple(
        Outage(first=FIRST + n * ONE, last=FIRST + n * ONE, reason="down", declared_at=DECLARED)
        for n in failed
    )
    rule = CheckInRule(starts_on=FIRST, cycle=cycle)
    rules = CheckInRules(programme_id="demo", versions=(rule,), outages=outages)
    reference, text = ReferenceDays(rules), ""
    for n in sorted(each for each in days if each <= today):
        text = checked_in(text, rules, FIRST + n * ONE).sheet
        reference.mark(FIRST + n * ONE, "checked_in")

    seen = streak_on(parsed(text), rules, FIRST + today * ONE)

    assert seen.length == reference.streak(FIRST + today * ONE)
    assert set(seen.days) <= set(reference.marks)
