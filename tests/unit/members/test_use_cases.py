from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import MemberId
from huixue.members.model import (
    MAX_MERGES_FOLLOWED,
    BrokenMergeError,
    MemberNotFoundError,
    SignInIdentity,
)
from huixue.members.use_cases import find_member, identity_refs, living_member
from tests.unit.members.fakes import FakeMembers, RecordingLedger
from tests.unit.members.signing_in import HASHES, NOW, Door, identity

PERSON = (
    identity("o1"), identity("o1", "u"),
    identity("o2", app_id="wx2"), identity("o2", "u", app_id="wx2"),
)  # fmt: skip


def test_a_first_sign_in_makes_a_member_and_the_next_finds_her_without_a_write() -> None:
    store = FakeMembers()
    door = Door(store)

    first = door.sign_in(identity("o1", "u1"))
    writes = store.writes
    again = door.sign_in(identity("o1", "u1"))

    assert (first.member_id, first.is_new) == ("m1", True)
    assert (again.member_id, again.is_new) == ("m1", False)
    assert store.writes == writes == 1
    assert store.by_id[MemberId("m1")].created_at == NOW


def test_what_is_stored_as_a_key_shows_neither_openid_nor_unionid() -> None:
    store = FakeMembers()

    Door(store).sign_in(identity("oSecretOpenid", "uSecretUnionid"))

    assert "Secret" not in repr(store.rows)
    assert "Secret" not in repr(store.by_id)


def test_the_same_openid_of_two_apps_is_two_identities() -> None:
    door = Door(FakeMembers())

    one = door.sign_in(identity("o1", app_id="wx1"))
    other = door.sign_in(identity("o1", app_id="wx2"))

    assert one.member_id != other.member_id
    refs = identity_refs(identity("o1"), HASHES)
    assert refs.unionid is None
    assert refs.all() == (refs.openid,)


def test_the_same_person_is_another_member_in_another_programme() -> None:
    door = Door(FakeMembers())

    one = door.sign_in(identity("o1", "u1", programme="demo"))
    other = door.sign_in(identity("o1", "u1", programme="other"))

    assert other.is_new
    assert one.member_id != other.member_id


def test_a_unionid_that_appears_later_attaches_to_the_member() -> None:
    store = FakeMembers()
    door = Door(store)
    first = door.sign_in(identity("o1"))

    later = door.sign_in(identity("o1", "u1"))
    from_other_app = door.sign_in(identity("o2", "u1", app_id="wx2"))

    assert later.member_id == from_other_app.member_id == first.member_id
    member = store.by_id[first.member_id]
    assert member.unionid == "u1"
    assert dict(member.openids) == {"wx1": "o1", "wx2": "o2"}
    assert len(member.identity_refs) == 3


def test_two_members_with_one_unionid_become_the_unionids_member_with_the_ledgers_writes() -> None:
    store, ledger = FakeMembers(), RecordingLedger()
    door = Door(store, ledger)
    early = door.sign_in(identity("o1"))
    survivor = door.sign_in(identity("o2", "u", app_id="wx2"))

    merged = door.sign_in(identity("o1", "u"))

    assert merged.member_id == survivor.member_id
    assert not merged.is_new
    assert store.by_id[early.member_id].merged_into == survivor.member_id
    assert store.by_id[survivor.member_id].merged_from == (early.member_id,)
    assert dict(store.by_id[survivor.member_id].openids) == {"wx1": "o1", "wx2": "o2"}
    assert dict(store.by_id[early.member_id].openids) == {}
    assert ledger.asked == [(early.member_id, survivor.member_id)]
    assert len(store.ledger_writes) == 1


def test_a_survivor_takes_over_everything_of_members_that_merged_before() -> None:
    store = FakeMembers()
    door = Door(store)
    first = door.sign_in(identity("o1", "u1", app_id="wx1")).member_id
    door.sign_in(identity("o2", "u1", app_id="wx2"))
    second = door.sign_in(identity("o3", "u2", app_id="wx3")).member_id
    third = door.sign_in(identity("o4", "u3", app_id="wx4")).member_id

    door.sign_in(identity("o1", "u2", app_id="wx1"))
    door.sign_in(identity("o3", "u3", app_id="wx3"))

    survivor = store.by_id[third]
    assert set(survivor.merged_from) == {first, second}
    assert dict(survivor.openids) == {"wx1": "o1", "wx2": "o2", "wx3": "o3", "wx4": "o4"}
    assert set(survivor.identity_refs) == {ref for _, ref in store.rows}
    assert door.sign_in(identity("o2", "u1", app_id="wx2")).member_id == third


def test_a_merge_that_lost_a_race_asks_the_ledger_again_and_commits_once() -> None:
    store, ledger = FakeMembers(), RecordingLedger()
    door = Door(store, ledger)
    early = door.sign_in(identity("o1"))
    survivor = door.sign_in(identity("o2", "u", app_id="wx2"))
    other_app = identity("o3", "u", app_id="wx3")
    store.before_write = [partial(_sign_in_all, Door(store), [other_app])]

    merged = door.sign_in(identity("o1", "u"))

    assert merged.member_id == survivor.member_id
    assert ledger.asked == [(early.member_id, survivor.member_id)] * 2
    assert len(store.ledger_writes) == 1
    assert dict(store.by_id[survivor.member_id].openids).keys() == {"wx1", "wx2", "wx3"}


@pytest.mark.parametrize("order", list(permutations(PERSON)))
def test_any_order_of_a_persons_sign_ins_ends_in_one_member(
    order: tuple[SignInIdentity, ...],
) -> None:
    _assert_one_person(order)


@given(st.lists(st.sampled_from(PERSON), max_size=8))
def test_repeated_sign_ins_in_any_order_end_in_one_member(order: list[SignInIdentity]) -> None:
    _assert_one_person([*order, PERSON[1], PERSON[3]])


def _assert_one_person(order: list[SignInIdentity] | tuple[SignInIdentity, ...]) -> None:
    store = FakeMembers()
    door = Door(store)

    answers = [door.sign_in(who).member_id for who in order]

    living = {member.member_id for member in store.by_id.values() if member.merged_into is None}
    assert len(living) == 1
    assert {door.living(each) for each in answers} == living
    writes = store.writes
    assert {door.sign_in(who).member_id for who in PERSON} == living
    assert store.writes == writes
    (survivor,) = living
    assert set(store.by_id[survivor].merged_from) == store.by_id.keys() - living
    assert {ref for _, ref in store.rows} == set(store.by_id[survivor].identity_refs)


@given(
    before=st.lists(st.sampled_from(PERSON), max_size=3),
    mine=st.sampled_from(PERSON),
    theirs=st.lists(st.lists(st.sampled_from(PERSON), min_size=1, max_size=2), max_size=4),
)
def test_sign_ins_that_interrupt_each_other_before_any_write_end_in_one_member(
    before: list[SignInIdentity], mine: SignInIdentity, theirs: list[list[SignInIdentity]]
) -> None:
    store = FakeMembers()
    door = Door(store)
    for who in before:
        door.sign_in(who)
    for batch in theirs:
        store.before_write.append(partial(_sign_in_all, door, batch))

    door.sign_in(mine)

    store.before_write.clear()
    ends = {door.sign_in(who).member_id for who in (PERSON[1], PERSON[3])}
    assert len(ends) == 1
    living = {member.member_id for member in store.by_id.values() if member.merged_into is None}
    assert living == ends


def _sign_in_all(door: Door, batch: list[SignInIdentity]) -> None:
    for who in batch:
        door.sign_in(who)


def test_two_first_sign_ins_at_once_make_one_member_and_the_loser_reads_the_winners() -> None:
    store = FakeMembers()
    door = Door(store)
    winners: list[MemberId] = []
    store.before_write = [lambda: winners.append(door.sign_in(identity("o1", "u")).member_id)]

    loser = door.sign_in(identity("o1", "u"))

    assert loser.member_id == winners[0]
    assert not loser.is_new
    assert len(store.by_id) == 1


def test_a_first_sign_in_whose_reply_was_lost_is_still_told_as_new() -> None:
    class LosesReplies(FakeMembers):
        def _add_rows(self, *args: object) -> None:
            super()._add_rows(*args)  # type: ignore[arg-type]  # handed through
            self._require(condition=False)

    answer = Door(LosesReplies()).sign_in(identity("o1"))

    assert answer.is_new
    assert answer.member_id == "m1"


def test_identities_that_never_stop_changing_end_in_contention_with_nothing_written() -> None:
    class AlwaysLoses(FakeMembers):
        def _interrupted(self) -> None:
            self._require(condition=False)

    store = AlwaysLoses()

    with pytest.raises(ContentionError):
        Door(store).sign_in(identity("o1"))

    assert store.by_id == {}


def test_a_long_chain_of_merges_is_followed_and_a_cycle_is_refused() -> None:
    store = FakeMembers()
    first = Door(store).sign_in(identity("o1")).member_id
    member = store.by_id[first]
    chain = [MemberId(f"c{number}") for number in range(MAX_MERGES_FOLLOWED)]
    for here, after in zip([first, *chain], [*chain, None], strict=True):
        store.by_id[here] = replace(member, member_id=here, merged_into=after)

    assert living_member(first, store=store).member_id == chain[-1]
    assert Door(store).sign_in(identity("o1")).member_id == chain[-1]
    store.by_id[chain[-1]] = replace(member, member_id=chain[-1], merged_into=first)
    with pytest.raises(BrokenMergeError):
        Door(store).sign_in(identity("o1"))


def test_finding_a_member_by_an_id_that_is_not_there_says_so() -> None:
    store = FakeMembers()
    known = Door(store).sign_in(identity("o1")).member_id

    assert find_member(known, store=store).member_id == known
    with pytest.raises(MemberNotFoundError):
        find_member(MemberId("m9"), store=store)
