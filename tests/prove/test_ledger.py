"""A short run of the proof of the ledger, and what happened in it; the long one is `make prove PROOF=ledger`."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.prove.proof_ledger import proved
from tests.prove.run import first_failure

SEEDS = 500
STATEMENTS = (
    "unpaid", "paid", "shipped", "confirmed", "closed", "unknown", "refund open", "refund done",
    "refund failed", "repeated statement", "claim",
)  # fmt: skip
MOVEMENTS = (
    "spend", "hold", "capture", "release", "give_back", "adjust", "grant", "check_in", "make_up",
)  # fmt: skip
TROUBLE = (
    "met another worker", "settlement died", "movement died", "reply lost", "job died",
    "due entered by the job",
)  # fmt: skip
RULES = (
    "expiry", "expiry after a spend", "grace", "hold_timeout", "clawback", "taken from other lots",
    "shortfall: debt", "shortfall: write_off", "shortfall: freeze", "other lots True",
    "other lots False", "debt repaid", "loss recovered", "capped", "bonus",
    "by day", "by night",
)  # fmt: skip
REFUSALS = (
    "InsufficientPointsError", "InDebtError", "AccountFrozenError", "HoldResolvedError",
    "ReturnTooLargeError", "MismatchError", "RuleError",
)  # fmt: skip
ENTRIES = (
    "order_pending", "order_accrual", "order_clawback", "order_capped", "order_write_off", "tier",
    "check_in", "check_in_streak", "check_in_total", "make_up",
)  # fmt: skip
ALL_OF_IT = (
    *STATEMENTS, *MOVEMENTS, *(f"{each} repeated" for each in MOVEMENTS), *TROUBLE, *RULES,
    *(f"refused: {each}" for each in REFUSALS), *(f"entry {each}" for each in ENTRIES),
)  # fmt: skip


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """Runs the seeds, and counts what happened in them."""
    seen: Counter[str] = Counter()

    def prove(random: Random) -> None:
        seen.update(proved(random))

    failure = first_failure("ledger", prove, range(SEEDS))
    assert failure is None, f"{failure and failure.trace}\nagain: {failure and failure.replay}"
    return seen


def test_five_hundred_histories_end_as_the_reference_model_says(seen: Counter[str]) -> None:
    assert seen["claim"] > SEEDS


def test_everything_that_can_happen_happened_in_them(seen: Counter[str]) -> None:
    assert [each for each in ALL_OF_IT if not seen[each]] == []
