"""Adjustments: entered once, small ones at once, large ones by two, also in small pieces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huixue.kernel.errors import MemberErasedError, MismatchError, NotFoundError
from huixue.points.adjusting import (
    MAX_NOTE_CHARS,
    REASONS,
    AdjustmentInvalidError,
)
from huixue.points.four_eyes import (
    OperatorInvalidError,
    ProposalDecidedError,
    ProposalExpiredError,
    ProposalRejectedError,
    SameOperatorError,
    reject,
)
from tests.unit.points.adjusting_office import Died, Office, asked, die
from tests.unit.points.fakes import ANNA, BERTA, MAIN, POLICY

THRESHOLD = POLICY.four_eyes_above_points


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_small_adjustment_is_entered_at_once_with_its_reason_and_notes(office: Office) -> None:
    done = office.adjust(THRESHOLD)

    assert done.moved is not None
    entry = done.moved.entry
    assert (entry.scene, entry.points, office.balance()) == ("adjustment", THRESHOLD, THRESHOLD)
    said = {
        "reason": "goodwill",
        "member_note": "感谢支持",
        "internal_note": "ticket 7",
        "by": "zoe",
    }
    assert {name: entry.source[name] for name in said} == said
    assert done.proposal.state == "done" == office.register.stored[MAIN, "a1"].state


def test_the_same_again_enters_nothing_and_tells_the_same(office: Office) -> None:
    first = office.adjust(50)
    office.clock.later(days=400)

    again = office.adjust(50)

    assert first.moved is not None
    assert again.moved is not None
    assert (again.moved.entry, again.moved.repeated) == (first.moved.entry, True)
    assert office.balance() == 50


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("points", {"points": 51}), ("member_id", {"member_id": BERTA}),
        ("reason", {"reason": "test"}), ("member_note", {"member_note": "别的"}),
        ("internal_note", {"internal_note": "else"}), ("by", {"by": "yan"}),
    ],
)  # fmt: skip
def test_the_same_id_with_another_request_is_refused_by_name_whichever_member_it_is_for(
    office: Office, field: str, other: dict[str, Any]
) -> None:
    office.adjust(50)

    with pytest.raises(MismatchError) as refused:
        office.adjust(**({"points": 50} | other))

    assert refused.value.facts["field"] == field
    assert (office.balance(), office.balance(BERTA)) == (50, 0)


@pytest.mark.parametrize("points", [THRESHOLD + 1, -THRESHOLD - 1])
def test_above_the_threshold_nothing_is_entered_before_another_operator_agrees(
    office: Office, points: int
) -> None:
    waits = office.adjust(points)
    assert (waits.proposal.state, waits.moved, office.balance()) == ("proposed", None, 0)

    for _ in range(2):
        done = office.approve("yan")

    assert done.moved is not None
    assert (office.balance(), len(office.ledger.by_key)) == (points, 1)
    assert done.moved.entry.source["approved_by"] == "yan"
    assert office.register.stored[MAIN, "a1"].state == "done"
    assert office.adjust(points).moved is not None


def test_who_asked_cannot_agree_and_nobody_can_after_seven_days(office: Office) -> None:
    office.adjust(THRESHOLD + 1)

    with pytest.raises(SameOperatorError):
        office.approve("ZOE@corp.example")
    office.clock.later(days=7)
    with pytest.raises(ProposalExpiredError):
        office.approve("yan")

    assert office.balance() == 0


def test_what_was_rejected_is_never_entered(office: Office) -> None:
    office.adjust(THRESHOLD + 1)
    reject(MAIN, "a1", "yan", office.clock(), proposals=office.register)

    with pytest.raises(ProposalRejectedError):
        office.approve("xia")

    assert office.adjust(THRESHOLD + 1).proposal.state == "rejected"
    assert office.balance() == 0


def test_an_approval_that_died_before_the_entry_is_finished_by_whoever_comes_again(
    office: Office,
) -> None:
    office.adjust(THRESHOLD + 1)
    office.register.after_change.append(die)
    with pytest.raises(Died):
        office.approve("yan")
    assert office.balance() == 0

    done = office.approve("xia")

    assert done.moved is not None
    assert (office.balance(), done.moved.entry.source["approved_by"]) == (THRESHOLD + 1, "yan")


def test_an_approval_that_died_after_the_entry_enters_it_only_once(office: Office) -> None:
    office.adjust(THRESHOLD + 1)
    office.ledger.after_post.append(die)
    with pytest.raises(Died):
        office.approve("yan")

    done = office.approve("xia")

    assert done.moved is not None
    assert (done.moved.repeated, office.balance()) == (True, THRESHOLD + 1)
    assert office.register.stored[MAIN, "a1"].state == "done"


def test_two_who_agree_at_the_same_moment_enter_it_once(office: Office) -> None:
    office.adjust(THRESHOLD + 1)
    office.register.before_change.append(lambda: office.approve("xia"))

    done = office.approve("yan")

    assert done.proposal.decided_by == "xia"
    assert (office.balance(), len(office.ledger.by_key)) == (THRESHOLD + 1, 1)


def test_a_small_adjustment_that_died_before_its_entry_is_entered_by_the_next_try(
    office: Office,
) -> None:
    office.ledger.before_post.append(die)
    with pytest.raises(Died):
        office.adjust(50)

    office.adjust(50)

    assert office.balance() == 50


def test_a_correction_names_the_wrong_entry_of_the_same_member(office: Office) -> None:
    office.adjust(50, "a1")

    done = office.adjust(-50, "a2", reason="correction", corrects="adjust#a1")

    assert done.moved is not None
    assert (done.moved.entry.source["corrects"], office.balance()) == ("adjust#a1", 0)
    with pytest.raises(NotFoundError):
        office.adjust(-50, "a3", reason="correction", corrects="adjust#a1", member_id=BERTA)
    assert (MAIN, "a3") not in office.register.stored


def test_what_is_taken_beyond_her_points_is_debt_by_the_programmes_policy(office: Office) -> None:
    office.adjust(30, "a1")
    office.clock.later(days=1)

    office.adjust(-50, "a2")

    account = office.ledger.account(ANNA)
    assert (account.balance, account.debt, account.available) == (-20, 20, 0)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("points", {"points": 0}), ("points", {"points": 10**9}), ("reason", {"reason": "because"}),
        ("member_note", {"member_note": " "}), ("member_note", {"member_note": "多" * (MAX_NOTE_CHARS + 1)}),
        ("internal_note", {"internal_note": "two\nlines"}), ("id", {"adjustment_id": "a#1"}),
        ("corrects", {"reason": "correction"}), ("corrects", {"corrects": "line#1#0001"}),
    ],
)  # fmt: skip
def test_a_field_that_is_not_what_it_must_be_is_refused_by_name(
    field: str, other: dict[str, Any]
) -> None:
    with pytest.raises(AdjustmentInvalidError) as refused:
        asked(**({"points": 1} | other))

    assert refused.value.facts["field"] == field


def test_notes_may_be_as_long_as_said_and_every_reason_is_taken() -> None:
    for reason in REASONS:
        asked(1, reason=reason, member_note="多" * MAX_NOTE_CHARS,
              corrects="adjust#a0" if reason == "correction" else None)  # fmt: skip


def test_an_operator_without_a_name_cannot_adjust() -> None:
    with pytest.raises(OperatorInvalidError):
        asked(1, by="@")


def test_a_proposal_says_until_when_it_waits(office: Office) -> None:
    waits = office.adjust(THRESHOLD + 1).proposal

    assert waits.expires_at == waits.at + timedelta(days=7)


def test_nothing_is_written_for_a_member_who_was_erased(office: Office) -> None:
    office.ledger.erase(ANNA, office.clock.now)

    for points in (50, THRESHOLD + 1):
        with pytest.raises(MemberErasedError, match=r"she was erased on 2026-11-20"):
            office.adjust(points)

    assert office.register.stored == {}


def test_a_yes_for_a_member_who_was_erased_meanwhile_leaves_it_waiting(office: Office) -> None:
    office.adjust(THRESHOLD + 1)
    office.ledger.erase(ANNA, office.clock.now)

    with pytest.raises(MemberErasedError):
        office.approve("yan")

    assert office.register.stored[MAIN, "a1"].state == "proposed"


def test_what_was_agreed_to_and_can_never_be_entered_may_be_rejected(office: Office) -> None:
    office.ledger.before_post.append(die)
    with pytest.raises(Died):
        office.adjust(50)
    with pytest.raises(ProposalDecidedError):
        office.reject("yan")  # somebody may be entering it at this moment
    office.ledger.erase(ANNA, office.clock.now)

    rejected = office.reject("yan")

    assert (rejected.state, rejected.decided_by) == ("rejected", "yan")
    assert office.reject("mia") == rejected


def test_what_was_entered_before_she_was_erased_cannot_be_rejected(office: Office) -> None:
    office.ledger.after_post.append(die)
    with pytest.raises(Died):
        office.adjust(50)
    office.ledger.erase(ANNA, office.clock.now)

    assert office.register.stored[MAIN, "a1"].state == "agreed"
    with pytest.raises(ProposalDecidedError):
        office.reject("yan")
