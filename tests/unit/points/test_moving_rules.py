"""What forbids a movement, what others may do at the same time, and what is entered by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huixue.kernel.errors import ContentionError, NotFoundError, RuleError
from huixue.kernel.policies import Expiry, LedgerPolicy, Tiers
from huixue.points import moving
from huixue.points.model import Frozen
from huixue.points.movements import AccountFrozenError, InDebtError
from huixue.points.moving import MAX_ROUNDS
from huixue.points.ports import LedgerDesk
from huixue.points.posting import InsufficientPointsError
from huixue.points.use_cases import balance
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, POLICY, loses
from tests.unit.points.histories import SILVER_GOLD, History
from tests.unit.points.test_moving import prepared, void, with_points

UNTIL = NOW + timedelta(days=1)


def test_a_stopped_member_redeems_nothing_but_is_credited_and_repeats() -> None:
    history = prepared()
    history.ledger.freeze(ANNA, Frozen(reason="audit", since=NOW))

    with pytest.raises(AccountFrozenError):
        moving.spend(ANNA, MAIN, "new", 1, {}, desk=history.desk)
    with pytest.raises(AccountFrozenError):
        moving.open_hold(ANNA, MAIN, "new", 1, UNTIL, {}, desk=history.desk)

    assert moving.spend(ANNA, MAIN, "done", 100, {}, desk=history.desk).repeated
    assert moving.grant(ANNA, MAIN, "g", 1, {}, desk=history.desk).entry.points == 1
    assert moving.capture(ANNA, MAIN, "held", 100, {}, desk=history.desk).entry.held == -100


def test_a_stop_while_a_spend_is_on_its_way_is_seen() -> None:
    history = with_points()
    history.ledger.before_post = [
        lambda: history.ledger.freeze(ANNA, Frozen(reason="operator", since=NOW))
    ]

    with pytest.raises(AccountFrozenError):
        moving.spend(ANNA, MAIN, "s", 1, {}, desk=history.desk)

    assert history.account.frozen is not None
    assert history.account.balance == 5000


def test_nothing_is_redeemed_before_debt_is_repaid() -> None:
    history = with_points(10)
    moving.adjust(ANNA, MAIN, "a", -30, {}, desk=history.desk)

    with pytest.raises(InDebtError) as refused:
        moving.spend(ANNA, MAIN, "s", 1, {}, desk=history.desk)

    assert refused.value.facts == {"debt": 20}


def test_two_spends_at_once_cannot_spend_the_same_points() -> None:
    history = with_points(100)
    history.ledger.before_post = [
        lambda: void(moving.spend(ANNA, MAIN, "one", 60, {}, desk=history.desk))
    ]

    with pytest.raises(InsufficientPointsError):
        moving.spend(ANNA, MAIN, "two", 60, {}, desk=history.desk)

    assert history.account.balance == 40


def test_two_returns_at_once_cannot_bring_back_the_same_points() -> None:
    history = prepared()

    def other() -> None:
        moving.give_back(ANNA, MAIN, "spend#done", "one", 60, {}, desk=history.desk)

    history.ledger.before_post = [other]

    with pytest.raises(RuleError):
        moving.give_back(ANNA, MAIN, "spend#done", "two", 60, {}, desk=history.desk)

    assert history.account.balance == 5000 - 100 - 100 + 60


@pytest.mark.parametrize("key", ["spend#none", "hold#held", "grant#first", "resolve#held"])
def test_only_a_spend_or_a_capture_can_be_given_back(key: str) -> None:
    history = prepared()

    with pytest.raises(NotFoundError):
        moving.give_back(ANNA, MAIN, key, "r", 1, {}, desk=history.desk)


def test_a_capture_is_given_back_by_its_key() -> None:
    history = prepared()
    moving.capture(ANNA, MAIN, "held", 60, {}, desk=history.desk)

    moving.give_back(ANNA, MAIN, "resolve#held", "r", 60, {}, desk=history.desk)

    assert history.account.balance == 4900
    with pytest.raises(RuleError):
        moving.give_back(ANNA, MAIN, "resolve#held", "s", 1, {}, desk=history.desk)


def test_entering_what_is_due_writes_once_what_reads_showed_before() -> None:
    history = History(LedgerPolicy(programme_id=MAIN, expiry=Expiry(method="days", after=1)))
    moving.grant(ANNA, MAIN, "g", 10, {}, desk=history.desk)
    assert moving.enter_due(ANNA, desk=history.desk) == []
    history.clock.later(days=3)
    seen = balance(ANNA, desk=history.desk)

    (entry,) = moving.enter_due(ANNA, desk=history.desk)

    assert (entry.scene, entry.points) == ("expiry", -10)
    assert moving.enter_due(ANNA, desk=history.desk) == []
    assert history.account == seen
    assert history.account.balance == 0


def test_entering_what_is_due_for_nobody_enters_nothing() -> None:
    history = History(POLICY)

    assert moving.enter_due(BERTA, desk=history.desk) == []
    assert history.ledger.accounts == {}


def test_two_jobs_at_once_enter_an_expiry_once() -> None:
    history = History(LedgerPolicy(programme_id=MAIN, expiry=Expiry(method="days", after=1)))
    moving.grant(ANNA, MAIN, "g", 10, {}, desk=history.desk)
    history.clock.later(days=3)
    history.ledger.before_post = [lambda: void(moving.enter_due(ANNA, desk=history.desk))]

    assert moving.enter_due(ANNA, desk=history.desk) == []
    assert len(history.entries) == 2


def test_a_job_that_always_loses_says_so() -> None:
    history = History(LedgerPolicy(programme_id=MAIN, expiry=Expiry(method="days", after=1)))
    moving.grant(ANNA, MAIN, "g", 10, {}, desk=history.desk)
    history.clock.later(days=3)
    history.ledger.before_post = loses(MAX_ROUNDS, history.ledger)

    with pytest.raises(ContentionError):
        moving.enter_due(ANNA, desk=history.desk)


def test_an_account_follows_the_policy_of_its_own_programme() -> None:
    """Reads and jobs know nothing of the programme a request names: all must turn the same periods."""
    policies = {
        MAIN: LedgerPolicy(programme_id=MAIN, expiry=Expiry(method="days", after=1)),
        "other": LedgerPolicy(programme_id="other", tiers=Tiers(tiers=SILVER_GOLD)),
    }
    history = History(policies[MAIN])
    desk = LedgerDesk(
        ledger=history.ledger, policy_of=policies.__getitem__, now=history.clock,
        pause=lambda lost: None,
    )  # fmt: skip
    moving.grant(ANNA, MAIN, "one", 10, {}, desk=desk)

    moving.grant(ANNA, "other", "two", 10, {}, desk=desk)

    assert history.account.lots == {"2026-11-21|grant": 20}
    assert history.account.programme_id == MAIN
