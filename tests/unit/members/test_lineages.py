from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from huixue.kernel.errors import MemberErasedError
from huixue.kernel.ids import MemberId
from huixue.members.lineages import lineage_of
from tests.unit.members.fakes import FakeMembers
from tests.unit.members.signing_in import Door, identity

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def a_merged_member() -> tuple[FakeMembers, MemberId, MemberId]:
    store = FakeMembers()
    door = Door(store)
    gone = door.sign_in(identity("o1")).member_id
    survivor = door.sign_in(identity("o2", "u", app_id="wx2")).member_id
    door.sign_in(identity("o1", "u"))
    return store, gone, survivor


def test_todays_id_comes_first_whichever_is_asked_for() -> None:
    store, gone, survivor = a_merged_member()

    assert lineage_of(gone, store=store) == (survivor, gone)
    assert lineage_of(survivor, store=store) == (survivor, gone)


def test_an_id_without_a_row_stands_for_itself() -> None:
    assert lineage_of(MemberId("m9"), store=FakeMembers()) == ("m9",)


def test_an_erased_member_has_none() -> None:
    store, gone, survivor = a_merged_member()
    for each in (gone, survivor):
        store.by_id[each] = replace(store.by_id[each], merged_into=None, erased_at=NOW)

    for each in (gone, survivor):
        with pytest.raises(MemberErasedError):
            lineage_of(each, store=store)
