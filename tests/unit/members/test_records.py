"""Items and back: nothing is lost, nothing sensitive is in a key, and a tombstone is read as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from huixue.kernel.ids import MemberId
from huixue.members import records
from huixue.members.consents import ConsentChange
from huixue.members.profiles import ProfileEdit
from huixue.members.tags import TagChange
from tests.unit.members.signing_in import NOW
from tests.unit.members.telling import YES, a_member, a_tag, after, at


def test_a_member_with_everything_reads_back_as_she_was() -> None:
    member = after(
        ProfileEdit(nickname="小美", region="上海", skin_type="dry", decisions=(YES,)),
        ProfileEdit(group_nickname="上海+干皮"),
    )
    tag = a_tag("interests", "lipstick", "operator", 3, expires=9, confidence=70)
    member = replace(
        member, tags={**member.tags, "interests": (tag,)}, to_forget=("skin_type",), unionid="u",
        identity_refs=("a", "b"), merged_from=(MemberId("m2"),),
    )  # fmt: skip

    item = records.member_item(member) | records.profile_attributes(member)

    assert records.member_of_item(item) == member


def test_a_row_from_before_there_were_profiles_reads_as_one_that_says_nothing() -> None:
    member = a_member()

    assert records.member_of_item(records.member_item(member)) == member


def test_of_a_tombstone_nothing_but_ids_and_the_instant_is_known() -> None:
    pk, sk = records.member_key(MemberId("m1"))
    tombstone = {
        "pk": pk, "sk": sk, "member_id": "m1", "programme_id": "demo", "revision": 7,
        "erased_at": "2026-11-20T04:00:00.000000Z",
    }  # fmt: skip

    found = records.member_of_item(tombstone)

    assert found == replace(
        a_member(),
        openids={},
        created_at=NOW,
        revision=7,
        erased_at=datetime(2026, 11, 20, 4, tzinfo=UTC),
    )


@pytest.mark.parametrize("value", ["dry", None])
def test_a_change_of_a_tag_reads_back_and_its_key_tells_nothing_of_her_skin(
    value: str | None,
) -> None:
    change = TagChange(
        group="skin_type", source="self", value=value, former="oily", confidence=90,
        expires_at=at(5), at=at(1), by="self", revision=3, number=2,
    )  # fmt: skip

    item = records.tag_change_item(MemberId("m1"), change)

    assert records.tag_change_of_item(item) == change
    assert not any(word in item["sk"] for word in ("dry", "oily"))


def test_changes_of_many_values_in_one_revision_have_keys_of_their_own() -> None:
    changes = [
        TagChange(
            group="interests",
            source="self",
            value=value,
            at=at(1),
            by="self",
            revision=3,
            number=number,
        )
        for number, value in enumerate("ab")
    ]

    keys = {records.tag_change_key(MemberId("m1"), each) for each in changes}

    assert len(keys) == 2


@pytest.mark.parametrize("room_id", [None, "main"])
def test_a_change_of_a_consent_reads_back(room_id: str | None) -> None:
    change = ConsentChange(purpose="marketing", room_id=room_id, granted=True, at=at(1), revision=3)

    assert (
        records.consent_change_of_item(records.consent_change_item(MemberId("m1"), change))
        == change
    )
