from __future__ import annotations

from datetime import timedelta

import pytest

from huixue.kernel.ids import MemberId
from huixue.members.levels import level_of, set_verified_level, verified_levels
from huixue.members.model import MemberNotFoundError
from tests.unit.members.fakes import FakeMembers
from tests.unit.members.signing_in import NOW, Door, identity

LATER = NOW + timedelta(days=1)


def test_only_a_verified_level_counts_and_only_in_its_room() -> None:
    store = FakeMembers()
    member = Door(store).sign_in(identity("o1")).member_id

    assert level_of(member, "main", store=store) is None
    set_verified_level(member, "main", "gold", "operator", "ann", NOW, store=store)

    assert level_of(member, "main", store=store) == "gold"
    assert level_of(member, "guest", store=store) is None


def test_the_newest_level_wins_in_whatever_order_levels_are_set() -> None:
    store = FakeMembers()
    member = Door(store).sign_in(identity("o1")).member_id

    set_verified_level(member, "main", "gold", "operator", "ann", LATER, store=store)
    set_verified_level(member, "main", "silver", "import", "ann", NOW, store=store)

    assert level_of(member, "main", store=store) == "gold"


def test_a_withdrawn_level_counts_no_more() -> None:
    store = FakeMembers()
    member = Door(store).sign_in(identity("o1")).member_id

    set_verified_level(member, "main", "gold", "operator", "ann", NOW, store=store)
    set_verified_level(member, "main", None, "operator", "ann", LATER, store=store)

    assert level_of(member, "main", store=store) is None
    assert verified_levels(member, store=store) == {}


@pytest.mark.parametrize("early_level_is_newer", [True, False])
def test_after_a_merge_the_newest_level_of_both_members_counts(early_level_is_newer: bool) -> None:
    store = FakeMembers()
    door = Door(store)
    early = door.sign_in(identity("o1")).member_id
    survivor = door.sign_in(identity("o2", "u", app_id="wx2")).member_id
    times = (LATER, NOW) if early_level_is_newer else (NOW, LATER)
    set_verified_level(early, "main", "gold", "operator", "ann", times[0], store=store)
    set_verified_level(survivor, "main", "silver", "operator", "ann", times[1], store=store)

    door.sign_in(identity("o1", "u"))

    expected = "gold" if early_level_is_newer else "silver"
    assert level_of(survivor, "main", store=store) == expected
    assert level_of(early, "main", store=store) == expected
    assert verified_levels(early, store=store)["main"].level == expected


def test_a_level_for_a_merged_member_is_set_for_the_survivor() -> None:
    store = FakeMembers()
    door = Door(store)
    early = door.sign_in(identity("o1")).member_id
    survivor = door.sign_in(identity("o2", "u", app_id="wx2")).member_id
    door.sign_in(identity("o1", "u"))

    verified = set_verified_level(early, "main", "gold", "operator", "ann", NOW, store=store)

    assert verified.member_id == survivor
    assert level_of(survivor, "main", store=store) == "gold"


def test_a_level_for_nobody_is_refused_and_nobody_has_none() -> None:
    store = FakeMembers()
    nobody = MemberId("m9")

    assert level_of(nobody, "main", store=store) is None
    with pytest.raises(MemberNotFoundError):
        set_verified_level(nobody, "main", "gold", "operator", "ann", NOW, store=store)
    assert store.level_rows == {}
