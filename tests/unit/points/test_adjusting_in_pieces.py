"""A large adjustment in small pieces: one operator alone gets no further than with one."""

from __future__ import annotations

import pytest

from huixue.points.four_eyes import SameOperatorError
from tests.unit.points.adjusting_office import Died, Office, die
from tests.unit.points.fakes import ANNA, BERTA, POLICY

THRESHOLD = POLICY.four_eyes_above_points


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_large_adjustment_in_small_pieces_needs_a_second_operator(office: Office) -> None:
    office.adjust(THRESHOLD - 100, "a1")
    office.adjust(100, "a2")

    third = office.adjust(1, "a3")
    other_member = office.adjust(THRESHOLD, "a4", member_id=BERTA)
    other_operator = office.adjust(1, "a5", by="yan")

    assert (third.proposal.state, third.moved) == ("proposed", None)
    assert other_member.moved is not None
    assert other_operator.moved is not None
    assert office.approve("yan", "a3").moved is not None
    assert office.balance() == THRESHOLD + 2


def test_giving_and_taking_in_turn_is_counted_by_size(office: Office) -> None:
    office.adjust(THRESHOLD, "a1")
    assert office.adjust(-1, "a2").moved is None

    office.adjust(-THRESHOLD, "b1", member_id=BERTA)
    assert office.adjust(1, "b2", member_id=BERTA).moved is None


def test_what_two_agreed_to_does_not_count_as_a_piece_and_a_new_day_begins_anew(
    office: Office,
) -> None:
    office.adjust(THRESHOLD + 1, "a1")
    office.approve("yan", "a1")
    assert office.adjust(THRESHOLD, "a2").moved is not None
    assert office.adjust(1, "a3").moved is None

    office.clock.later(days=1)

    assert office.adjust(THRESHOLD, "a4").moved is not None


def test_two_pieces_at_the_same_moment_do_not_both_get_through(office: Office) -> None:
    def another_piece() -> None:
        office.adjust(THRESHOLD, "a2")

    office.ledger.before_post.append(another_piece)

    first = office.adjust(THRESHOLD, "a1")

    assert (first.moved, office.balance()) == (None, THRESHOLD)


def test_pieces_follow_a_member_through_a_merge(office: Office) -> None:
    office.adjust(THRESHOLD, "a1", member_id=BERTA)
    office.ledger.merge(BERTA, ANNA)

    assert office.adjust(1, "a2").moved is None
    assert office.adjust(THRESHOLD, "a1", member_id=BERTA).moved is not None


def test_a_piece_that_died_before_its_entry_is_agreed_to_in_earnest_once_it_is_one_too_many(
    office: Office,
) -> None:
    office.ledger.before_post.append(die)
    with pytest.raises(Died):
        office.adjust(1, "a1")
    office.adjust(THRESHOLD, "a2")

    with pytest.raises(SameOperatorError):
        office.approve("zoe", "a1")
    done = office.approve("yan", "a1")

    assert done.moved is not None
    assert (done.moved.entry.source["approved_by"], office.balance()) == ("yan", THRESHOLD + 1)
