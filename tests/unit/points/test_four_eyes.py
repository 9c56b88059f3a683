"""Who is who, and what becomes of a proposal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import MismatchError, NotFoundError
from huixue.points.four_eyes import (
    EXPIRES_AFTER,
    OperatorInvalidError,
    Proposal,
    ProposalDecidedError,
    ProposalExpiredError,
    ProposalRejectedError,
    SameOperatorError,
    agreed,
    must_be_same,
    person,
    reject,
)
from tests.unit.points.fakes import MAIN, NOW
from tests.unit.points.register_fakes import FakeProposals

PROPOSED = Proposal(
    proposal_id="p1", programme_id=MAIN, kind="adjustment", content={"points": 5000},
    by="anna", at=NOW, state="proposed",
)  # fmt: skip


@pytest.mark.parametrize(
    "spelling",
    [
        "anna.li", "Anna.Li", "ANNA_LI", " annali ", "anna-li@corp.example", "anna.li+2@corp.example",
        "ａｎｎａ．ｌｉ", "ánna li", "anna.li＠corp.example", "ops／anna.li", "anna\u200bli",
        "arn:aws:iam::123456789012:user/Anna.Li",
        "arn:aws:iam::123456789012:user/finance/annali",
        "arn:aws:sts::123456789012:assumed-role/Operators/anna.li@corp.example", "CORP\\annali",
    ],
)  # fmt: skip
def test_one_person_in_another_spelling_stays_one_person(spelling: str) -> None:
    assert person(spelling) == person("anna.li") == "annali"


def test_other_people_are_others() -> None:
    names = ["anna", "berta", "anna2", "张三", "张三丰", "arn:aws:iam::123456789012:root"]

    assert len({person(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", "  ", "@corp.example", "+", "аnna", "αnna", "anna\u0455"])
def test_letters_that_only_look_like_others_name_nobody(name: str) -> None:
    with pytest.raises(OperatorInvalidError):
        person(name)


def test_another_operator_agrees_within_seven_days() -> None:
    late = NOW + EXPIRES_AFTER

    done = agreed(PROPOSED, "berta", late - timedelta(microseconds=1))

    assert (done.state, done.decided_by) == ("agreed", "berta")
    with pytest.raises(ProposalExpiredError):
        agreed(PROPOSED, "berta", late)


def test_who_asked_cannot_agree_in_any_spelling() -> None:
    with pytest.raises(SameOperatorError):
        agreed(PROPOSED, "ANNA@corp.example", NOW)


def test_what_was_rejected_cannot_be_agreed_to() -> None:
    with pytest.raises(ProposalRejectedError):
        agreed(replace(PROPOSED, state="rejected", decided_by="carl"), "berta", NOW)


def test_rejecting_ends_a_proposal_once_also_by_the_one_who_asked() -> None:
    register = FakeProposals()
    register.add(PROPOSED)

    first = reject(MAIN, "p1", "anna", NOW, proposals=register)
    again = reject(MAIN, "p1", "berta", NOW, proposals=register)

    assert first == again == register.load(MAIN, "p1")
    assert (first.state, first.decided_by, register.writes) == ("rejected", "anna", 2)


@pytest.mark.parametrize("state", ["agreed", "done"])
def test_what_was_agreed_to_cannot_be_rejected(state: str) -> None:
    register = FakeProposals()
    register.add(replace(PROPOSED, state=state, decided_by="berta"))  # type: ignore[arg-type]  # one of its states

    with pytest.raises(ProposalDecidedError):
        reject(MAIN, "p1", "carl", NOW, proposals=register)


def test_rejecting_what_is_agreed_to_at_the_same_moment_comes_too_late() -> None:
    register = FakeProposals()
    register.add(PROPOSED)
    yes = agreed(PROPOSED, "berta", NOW)
    register.before_change.append(lambda: register.change(PROPOSED, yes))

    with pytest.raises(ProposalDecidedError):
        reject(MAIN, "p1", "carl", NOW, proposals=register)

    assert register.load(MAIN, "p1") == yes


def test_a_proposal_nobody_made_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        reject(MAIN, "p1", "carl", NOW, proposals=FakeProposals())


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("points", replace(PROPOSED, content={"points": 5001})),
        ("corrects", replace(PROPOSED, content={"points": 5000, "corrects": "line#1#0001"})),
        ("by", replace(PROPOSED, by="berta")),
        ("kind", replace(PROPOSED, kind="grant")),
    ],
)
def test_another_request_under_the_same_id_is_told_by_its_first_field(
    field: str, other: Proposal
) -> None:
    with pytest.raises(MismatchError) as refused:
        must_be_same(PROPOSED, other)

    assert refused.value.facts["field"] == field


def test_the_same_request_may_come_later_and_in_another_spelling() -> None:
    must_be_same(PROPOSED, replace(PROPOSED, by="Anna", at=NOW + timedelta(days=1), state="agreed"))
