"""A member says who she is and what she allows: corrections, consents, and the task for a complete profile."""

from __future__ import annotations

from typing import Any

import pytest

from huixue.edge import bootstrap
from huixue.edge.messages import decoded
from huixue.kernel.events import TaskDone
from huixue.kernel.ids import MemberId
from huixue.members.editing import edit_profile
from huixue.members.profiles import Decision, ProfileEdit
from tests.functions.http import Answered, asked, assert_problem, call, event_of, pointers
from tests.functions.membership import row_of, signed_in
from tests.functions.orders import waiting
from tests.functions.stage import Stage
from tests.unit.members.signing_in import NOW

GRANTED = {"purpose": "skin_type", "granted": True}
WITHDRAWN = {"purpose": "skin_type", "granted": False}


@pytest.fixture
def anna(shared_stage: Stage, request: pytest.FixtureRequest) -> MemberId:
    waiting(shared_stage, "tasks_to_reward_queue_url")
    return signed_in(f"openid of {request.node.name}")


def put(stage: Stage, member_id: str, **body: Any) -> Answered:
    return call(stage, "put_me", token=stage.token(member_id), body=body)


def tags(found: Answered) -> dict[str, str]:
    return {tag["group"]: tag["value"] for tag in found.body["tags"]}


def told(stage: Stage) -> list[TaskDone]:
    return [decoded(body, TaskDone) for body in waiting(stage, "tasks_to_reward_queue_url")]


def test_what_she_says_is_kept_shown_and_told_to_the_tasks(
    shared_stage: Stage, anna: MemberId
) -> None:
    event = event_of("put_me/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token(anna)}"

    found = asked(shared_stage, "put_me", event)

    assert found.status == 200
    own = {tag["group"]: tag["value"] for tag in found.body["tags"] if tag["source"] == "self"}
    assert own == {"region": "上海", "skin_type": "dry"}
    assert (found.body["nickname"], found.body["group_nickname"]) == ("小美", "上海+干皮")
    assert (found.body["skin_type"], found.body["profile_complete"]) == ("dry", True)
    (consent,) = found.body["consents"]
    assert (consent["purpose"], consent["granted"]) == ("skin_type", True)
    assert call(shared_stage, "get_me", token=shared_stage.token(anna)).body == found.body
    (message,) = told(shared_stage)
    assert (message.member_id, message.programme_id) == (anna, "demo")
    assert (message.kind, message.subject) == ("profile", "profile")


def test_the_same_again_writes_nothing_and_tells_the_tasks_again(
    shared_stage: Stage, anna: MemberId
) -> None:
    """Her first message may have been lost; whoever rewards counts once."""
    body = {"nickname": "小美", "region": "上海", "skin_type": "undisclosed"}
    first = put(shared_stage, anna, **body)
    row = row_of(shared_stage, anna)
    shared_stage.calls.clear()

    again = put(shared_stage, anna, **body)

    assert again.body == first.body
    assert again.headers["idempotency-hit"] == "true"
    assert "idempotency-hit" not in first.headers
    assert row_of(shared_stage, anna) == row
    assert not {call for call in shared_stage.calls if "Write" in call or "Put" in call}
    assert len(told(shared_stage)) == 2


def test_absent_fields_stay_null_clears_and_an_empty_body_changes_nothing(
    shared_stage: Stage, anna: MemberId
) -> None:
    put(shared_stage, anna, nickname="小美", region="上海")

    cleared = put(shared_stage, anna, region=None)
    corrected = put(shared_stage, anna, nickname=" 阿美 ")
    nothing = put(shared_stage, anna)

    assert "region" not in cleared.body
    assert tags(cleared) == {}
    assert corrected.body["nickname"] == "阿美"
    assert nothing.body == corrected.body
    assert told(shared_stage) == []


def test_a_skin_type_needs_her_consent_and_nothing_of_the_body_is_kept_without(
    shared_stage: Stage, anna: MemberId
) -> None:
    event = event_of("put_me/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token(anna)}"
    row = row_of(shared_stage, anna)

    found = asked(shared_stage, "put_me", event)

    assert_problem(found, 422, "CONSENT_REQUIRED")
    assert row_of(shared_stage, anna) == row
    granted = put(shared_stage, anna, skin_type="dry", consents=[GRANTED])
    assert tags(granted) == {"skin_type": "dry"}


def test_withdrawing_takes_the_tag_away_everywhere(shared_stage: Stage, anna: MemberId) -> None:
    put(shared_stage, anna, skin_type="dry", consents=[GRANTED])
    put(shared_stage, anna, skin_type="combination")

    found = put(shared_stage, anna, consents=[WITHDRAWN])

    assert tags(found) == {}
    assert "skin_type" not in found.body
    items = shared_stage.dynamodb.scan(TableName=shared_stage.tables.members)["Items"]
    hers = str([item for item in items if anna in item["pk"]["S"]])
    assert "dry" not in hers
    assert "combination" not in hers


def test_a_consent_is_for_the_programme_or_for_a_room_it_has(
    shared_stage: Stage, anna: MemberId
) -> None:
    for_room = [{"purpose": "marketing", "room_id": "main", "granted": True}]

    found = put(shared_stage, anna, consents=for_room)
    foreign = put(shared_stage, anna, consents=[for_room[0] | {"room_id": "nowhere"}])

    (consent,) = found.body["consents"]
    assert (consent["room_id"], consent["granted"]) == ("main", True)
    assert_problem(foreign, 400, "FIELDS_INVALID")
    assert pointers(foreign) == ["/consents"]


@pytest.mark.parametrize(
    "consents",
    [
        None, {}, "skin_type", [7], [{}], [{"purpose": "skin_type"}], [{"granted": True}],
        [{"purpose": "everything", "granted": True}], [{"purpose": "skin_type", "granted": "yes"}],
        [GRANTED, WITHDRAWN], [GRANTED] * 51, [GRANTED | {"room_id": ""}],
        [GRANTED | {"room_id": "a/b"}],
    ],
)  # fmt: skip
def test_consents_that_are_none_are_named(
    shared_stage: Stage, anna: MemberId, consents: object
) -> None:
    found = put(shared_stage, anna, nickname="小美", consents=consents)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["/consents"]
    assert "profile" not in row_of(shared_stage, anna)


def test_all_texts_that_show_nothing_are_named_at_once(shared_stage: Stage, anna: MemberId) -> None:
    found = put(
        shared_stage, anna, nickname="a\nb", region="\u3000", group_nickname="\u202eabc",
        skin_type="dry", consents=[GRANTED, GRANTED],
    )  # fmt: skip

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["/nickname", "/region", "/group_nickname", "/consents"]


def test_a_session_of_nobody_changes_nothing(shared_stage: Stage) -> None:
    before = shared_stage.contents()

    found = put(shared_stage, "mem_nobody", nickname="小美")

    assert_problem(found, 401, "UNAUTHENTICATED")
    assert shared_stage.contents() == before


def test_an_edit_with_a_session_from_before_a_merge_is_the_survivors(shared_stage: Stage) -> None:
    gone, survivor = signed_in("o1"), signed_in("o2", "u", app_id="wx2")
    put(shared_stage, survivor, region="上海")
    signed_in("o1", "u")

    found = put(shared_stage, gone, nickname="小美")

    assert (found.body["member_id"], found.body["region"]) == (survivor, "上海")
    assert found.body["joined_on"] == NOW.date().isoformat()


def test_withdrawing_for_the_programme_ends_every_room_and_one_of_a_former_room_is_possible(
    shared_stage: Stage, anna: MemberId
) -> None:
    decisions = tuple(
        Decision(purpose="skin_type", room_id=room, granted=True) for room in ("main", "former")
    )
    before = ProfileEdit(skin_type="dry", decisions=decisions)
    edit_profile(anna, before, bootstrap.now(), store=bootstrap.members())

    of_the_former_room = put(shared_stage, anna, consents=[WITHDRAWN | {"room_id": "former"}])
    again = put(shared_stage, anna, consents=[GRANTED | {"room_id": "former"}])
    everywhere = put(shared_stage, anna, consents=[WITHDRAWN])

    assert of_the_former_room.status == 200
    assert of_the_former_room.body["skin_type"] == "dry"
    assert_problem(again, 400, "FIELDS_INVALID")
    assert [each["granted"] for each in everywhere.body["consents"]] == [False] * 3
    assert "skin_type" not in everywhere.body
    assert tags(everywhere) == {}


def test_what_her_name_in_the_group_tells_of_her_skin_is_kept_with_her_consent_alone(
    shared_stage: Stage, anna: MemberId
) -> None:
    put(shared_stage, anna, group_nickname="上海+干皮", consents=[GRANTED])

    withdrawn = put(shared_stage, anna, consents=[WITHDRAWN])
    said_again = put(shared_stage, anna, group_nickname="上海+干皮")
    allowed = put(shared_stage, anna, consents=[GRANTED])

    for found in (withdrawn, said_again, allowed):
        assert (found.body["group_nickname"], tags(found)) == ("上海", {"region": "上海"})
    exported = call(shared_stage, "export_me", token=shared_stage.token(anna))
    items = shared_stage.dynamodb.scan(TableName=shared_stage.tables.members)["Items"]
    hers = str([item for item in items if anna in item["pk"]["S"]])
    assert "干皮" not in hers + exported.text
    assert "dry" not in hers + exported.text


def test_a_group_nickname_that_is_not_kept_is_no_repeat(
    shared_stage: Stage, anna: MemberId
) -> None:
    """It may tell of her skin, and she has not allowed that: the answer differs from what she wrote."""
    found = put(shared_stage, anna, group_nickname="油皮小美")

    assert (found.status, found.body.get("group_nickname")) == (200, None)
    assert "idempotency-hit" not in found.headers
