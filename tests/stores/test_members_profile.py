"""Profiles on the engines: edits at once, edits that meet sign-ins and merges, histories, forgetting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError, Put
from huixue.kernel.calendar import to_text
from huixue.kernel.errors import ContentionError
from huixue.kernel.ids import MemberId
from huixue.members.editing import edit_profile, history, set_tag
from huixue.members.model import Member, MemberNotFoundError, Profile
from huixue.members.profiles import ProfileEdit, edited
from huixue.members.store import DynamoDbMembers
from tests.engines.tables import TableNames
from tests.unit.members.signing_in import NOW, Door, door_of, identity
from tests.unit.members.telling import NO, YES, a_tag, at

ALONE, WITH_UNION = identity("o1"), identity("o1", "u")
ELSEWHERE = identity("o2", "u", app_id="wx2")
SKIN = ProfileEdit(skin_type="dry", decisions=(YES,))


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> DynamoDbMembers:
    return DynamoDbMembers(Database(dynamodb), tables.members)


@pytest.fixture
def door(store: DynamoDbMembers) -> Door:
    return door_of(store)


def edit(
    store: DynamoDbMembers, member_id: MemberId, asked: ProfileEdit, minute: int = 1
) -> Member:
    return edit_profile(member_id, asked, at(minute), store=store)


def at_once(*work: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(each) for each in work]:
            done.result()


@pytest.mark.exact_engines
def test_an_edit_reads_back_with_its_history(store: DynamoDbMembers, door: Door) -> None:
    anna = door.sign_in(ALONE).member_id
    asked = replace(SKIN, nickname="小美", region="上海", group_nickname="上海+干皮")

    written = edit(store, anna, asked)

    assert store.member(anna, consistent=True) == written
    assert store.members([anna]) == {anna: written}
    assert written.profile == Profile(
        nickname="小美", region="上海", skin_type="dry", group_nickname="上海+干皮"
    )
    found = history(written, store=store)
    own = [each for each in found.tags if each.source == "self"]
    assert {(each.group, each.value, each.at) for each in own} == {
        ("region", "上海", at(1)), ("skin_type", "dry", at(1)),
    }  # fmt: skip
    assert [(each.purpose, each.granted, each.revision) for each in found.consents] == [
        ("skin_type", True, 1)
    ]


@pytest.mark.exact_engines
def test_edits_at_once_each_keep_their_own_field_and_count_every_revision(
    store: DynamoDbMembers, door: Door
) -> None:
    anna = door.sign_in(ALONE).member_id
    edits = [
        ProfileEdit(nickname="小美"),
        ProfileEdit(region="上海"),
        ProfileEdit(decisions=(YES,)),
        ProfileEdit(group_nickname="小美"),
    ]

    at_once(*(partial(edit, store, anna, each) for each in edits))

    member = store.members([anna])[anna]
    assert member.profile == Profile(nickname="小美", region="上海", group_nickname="小美")
    assert member.profile_revision == 4
    assert [each.value for each in store.tag_history([anna])] == ["上海"]


@pytest.mark.exact_engines
def test_edits_that_meet_a_new_identity_lose_nothing(store: DynamoDbMembers, door: Door) -> None:
    anna = door.sign_in(ALONE).member_id

    at_once(
        partial(edit, store, anna, ProfileEdit(nickname="小美")),
        partial(door.sign_in, WITH_UNION),
        partial(edit, store, anna, ProfileEdit(region="上海")),
    )

    member = store.members([anna])[anna]
    assert (member.profile.nickname, member.profile.region) == ("小美", "上海")
    assert member.unionid == "u"
    assert door.sign_in(ELSEWHERE).member_id == anna


@pytest.mark.exact_engines
@pytest.mark.parametrize("turn", range(3))
def test_edits_of_both_members_that_meet_their_merge_are_all_the_survivors(
    store: DynamoDbMembers, door: Door, turn: int
) -> None:
    gone, survivor = door.sign_in(ALONE).member_id, door.sign_in(ELSEWHERE).member_id
    work: list[Callable[[], object]] = [
        partial(edit, store, gone, ProfileEdit(nickname="小美")),
        partial(door.sign_in, WITH_UNION),
        partial(edit, store, survivor, ProfileEdit(region="上海")),
    ]

    at_once(*work[turn:], *work[:turn])

    member = store.members([survivor])[survivor]
    assert (member.profile.nickname, member.profile.region) == ("小美", "上海")
    assert member.merged_from == (gone,)
    assert store.members([gone])[gone].profile == Profile()


@pytest.mark.exact_engines
def test_a_merge_joins_what_both_said_and_leaves_none_of_it_in_the_row_that_goes(
    store: DynamoDbMembers, door: Door, dynamodb: Any, tables: TableNames
) -> None:
    gone, survivor = door.sign_in(ALONE).member_id, door.sign_in(ELSEWHERE).member_id
    edit(store, gone, replace(SKIN, nickname="小美", region="北京"), 1)
    edit(store, survivor, ProfileEdit(region="上海"), 2)
    set_tag(gone, a_tag("interests", "lipstick", "operator", 3), store=store)

    door.sign_in(WITH_UNION)

    member = store.members([survivor])[survivor]
    assert member.profile == Profile(nickname="小美", region="上海", skin_type="dry")
    assert {group: [tag.value for tag in tags] for group, tags in member.tags.items()} == {
        "region": ["上海"], "skin_type": ["dry"], "interests": ["lipstick"],
    }  # fmt: skip
    assert list(member.consents) == ["skin_type"]
    assert len(history(member, store=store).tags) == 4
    key = {"pk": {"S": f"M#{gone}"}, "sk": {"S": "MEMBER"}}
    row = dynamodb.get_item(TableName=tables.members, Key=key, ConsistentRead=True)["Item"]
    assert not {"profile", "tags", "consents", "group_nickname", "openids"} & set(row)


@pytest.mark.exact_engines
def test_withdrawing_forgets_the_values_of_both_histories(
    store: DynamoDbMembers, door: Door, dynamodb: Any, tables: TableNames
) -> None:
    gone, survivor = door.sign_in(ALONE).member_id, door.sign_in(ELSEWHERE).member_id
    edit(store, gone, SKIN, 1)
    edit(store, survivor, replace(SKIN, skin_type="oily", region="上海"), 2)
    door.sign_in(WITH_UNION)

    member = edit(store, survivor, ProfileEdit(decisions=(NO,)), 3)

    assert store.member(survivor, consistent=True) == member
    stored = str(dynamodb.scan(TableName=tables.members, ConsistentRead=True)["Items"])
    assert "dry" not in stored
    assert "oily" not in stored
    assert "上海" in stored
    assert len(store.tag_history([survivor, gone])) == 4


def test_what_she_says_after_a_withdrawal_is_not_taken_for_what_is_to_be_forgotten(
    store: DynamoDbMembers, door: Door
) -> None:
    """The forgetting of an earlier edit comes late, when she has consented again."""
    anna = door.sign_in(ALONE).member_id
    edit(store, anna, SKIN, 1)
    withdrawn = edited(store.members([anna])[anna], ProfileEdit(decisions=(NO,)), at(2))
    store.edit(withdrawn.member, tag_changes=withdrawn.tag_changes, consent_changes=())
    again = edit(store, anna, replace(SKIN, skin_type="oily"), 3)

    store.forget_values(withdrawn.member)

    values = [(each.former, each.value) for each in store.tag_history([anna])]
    assert values == [(None, None), (None, None), (None, "oily")]
    assert store.member(anna, consistent=True) == again


@pytest.mark.parametrize("state", ["changed", "merged", "erased", "nobody"])
def test_nothing_is_written_over_a_row_that_is_not_as_it_was_read(
    store: DynamoDbMembers, door: Door, dynamodb: Any, tables: TableNames, state: str
) -> None:
    anna = door.sign_in(ALONE).member_id
    read = store.members([anna])[anna]
    if state == "changed":
        edit(store, anna, ProfileEdit(region="北京"))
    elif state == "merged":
        door.sign_in(ELSEWHERE)
        door.sign_in(WITH_UNION)
    elif state == "erased":
        tombstone = {
            "pk": f"M#{anna}", "sk": "MEMBER", "member_id": anna, "programme_id": "demo",
            "erased_at": to_text(NOW), "revision": 2,
        }  # fmt: skip
        Database(dynamodb).write(Put(table=tables.members, item=tombstone, condition=None))
    else:
        read = replace(read, member_id=MemberId("m9"))
    before = dynamodb.scan(TableName=tables.members)["Items"]
    asked = edited(read, replace(SKIN, region="上海"), at(2))

    with pytest.raises(ConditionFailedError):
        store.edit(
            asked.member, tag_changes=asked.tag_changes, consent_changes=asked.consent_changes
        )

    assert dynamodb.scan(TableName=tables.members)["Items"] == before
    if state == "erased":
        with pytest.raises(MemberNotFoundError):
            edit(store, anna, ProfileEdit(region="上海"))
        with pytest.raises(ContentionError):
            door.sign_in(ALONE)  # an identity row that still points to her revives nobody
        assert dynamodb.scan(TableName=tables.members)["Items"] == before
