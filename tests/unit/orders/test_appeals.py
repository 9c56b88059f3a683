from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import MismatchError, NotFoundError
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId
from huixue.orders.appeals import Freeze, Taken, appeal_claim, appeal_freeze, find_case
from huixue.orders.disputes import Case, NotAppealableError, NotFrozenError
from huixue.orders.model import Reason
from tests.unit.orders.world import HER, NOW, OTHER, World, a_claim, an_order, ownership


@dataclass(slots=True)
class Cases:
    by_key: dict[tuple[str, str], Case] = field(default_factory=dict)

    def case(self, member_id: MemberId, case_id: str) -> Case | None:
        return self.by_key.get((member_id, case_id))

    def cases(self, member_ids: Sequence[MemberId], case_id: str) -> list[Case]:
        return [case for each in member_ids if (case := self.case(each, case_id)) is not None]

    def open_case(self, case: Case) -> Case:
        return self.by_key.setdefault((case.member_id, case.case_id), case)

    def open_cases(self, limit: int) -> list[Case]:
        return [each for each in self.by_key.values() if each.status == "open"][:limit]


def nothing_posted(member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
    del member_id
    return {each: LinePosting() for each in line_ids}


@pytest.fixture
def world() -> World:
    made = World()
    made.store.add_claim(a_claim())
    return made


def appeal(world: World, cases: Cases, message: str = "mine", member: MemberId = HER) -> Taken:
    return appeal_claim(
        member, a_claim().claim_id, message, desk=world.claims, cases=cases,
        postings=nothing_posted,
    )  # fmt: skip


def test_a_claim_that_waits_opens_a_case_once(world: World) -> None:
    cases = Cases()

    first = appeal(world, cases)
    world.clock.advance(timedelta(hours=1))
    again = appeal(world, cases)

    assert (first.is_new, again.is_new) == (True, False)
    assert first.case == again.case
    assert (first.case.member_id, first.case.created_at) == (HER, NOW)


def test_somebody_elses_order_and_none_at_all_are_appealed_alike(world: World) -> None:
    absent = appeal(world, Cases())
    world.put(replace(an_order(), ownership=ownership(OTHER)))

    assert appeal(world, Cases()) == absent


@pytest.mark.parametrize("reason", ["NOT_IN_POOL", "OUT_OF_WINDOW", "OWNED_BY_OTHER"])
def test_a_refusal_may_be_appealed_whatever_its_reason(world: World, reason: Reason) -> None:
    world.store.update_claim(replace(a_claim(), rejected_reason=reason))

    assert appeal(world, Cases()).is_new


def test_a_claim_that_is_hers_cannot_be_appealed(world: World) -> None:
    world.put(replace(an_order(), ownership=ownership(HER)))

    with pytest.raises(NotAppealableError):
        appeal(world, Cases())


def test_a_case_is_found_whatever_became_of_the_claim(world: World) -> None:
    cases = Cases()
    case = appeal(world, cases).case
    world.put(replace(an_order(), ownership=ownership(HER)))

    assert appeal(world, cases) == Taken(case, is_new=False)


def test_other_words_are_a_mismatch(world: World) -> None:
    cases = Cases()
    appeal(world, cases)

    with pytest.raises(MismatchError):
        appeal(world, cases, "other words")


def test_a_claim_of_somebody_else_is_not_there(world: World) -> None:
    with pytest.raises(NotFoundError):
        appeal(world, Cases(), member=OTHER)


def test_a_claim_of_a_member_merged_into_her_is_hers_to_appeal(world: World) -> None:
    world.merged_ids = {OTHER: (OTHER, HER)}
    cases = Cases()

    case = appeal(world, cases, member=OTHER).case
    world.clock.advance(timedelta(hours=1))

    assert case.member_id == HER
    assert appeal(world, cases, member=OTHER) == Taken(case, is_new=False)


def test_a_freeze_is_appealed_once_and_a_newer_one_again() -> None:
    cases, freeze = Cases(), Freeze(member_id=HER, since=NOW)

    times = (NOW + timedelta(seconds=n) for n in range(100))

    def ask(at: Freeze | None, message: str = "why") -> Taken:
        return appeal_freeze(at, "demo", message, cases=cases, now=next(times))

    first = ask(freeze)
    assert (first.is_new, first.case.frozen_since) == (True, NOW)
    assert ask(freeze) == Taken(first.case, is_new=False)
    assert ask(replace(freeze, since=NOW + timedelta(days=1))).is_new
    with pytest.raises(MismatchError):
        ask(freeze, "other words")
    with pytest.raises(NotFrozenError):
        ask(None)


def test_operators_find_open_cases_by_their_id_and_others_by_their_member(world: World) -> None:
    cases = Cases()
    case = appeal(world, cases).case

    assert find_case(case.case_id, member_id=None, cases=cases, limit=100) == case
    assert find_case(case.case_id, member_id=HER, cases=cases, limit=100) == case
    with pytest.raises(NotFoundError):
        find_case("cas_other", member_id=None, cases=cases, limit=100)
