from __future__ import annotations

from datetime import UTC, datetime, timedelta

from huixue.edge import bootstrap
from huixue.kernel.calendar import business_date
from huixue.members.editing import set_tag
from huixue.members.tags import Tag
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.membership import signed_in
from tests.functions.stage import Stage
from tests.unit.members.signing_in import NOW


def test_a_member_who_said_nothing_yet(shared_stage: Stage) -> None:
    member_id = signed_in("o1")
    event = event_of("get_me/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token(member_id)}"

    found = asked(shared_stage, "get_me", event)

    assert found.status == 200
    assert found.body == {
        "member_id": member_id, "tags": [], "consents": [], "profile_complete": False,
        "joined_on": business_date(NOW).isoformat(),
    }  # fmt: skip


def test_an_id_without_a_row_has_an_empty_profile_and_no_day_of_joining(
    shared_stage: Stage,
) -> None:
    found = call(shared_stage, "get_me", token=shared_stage.token("mem_nobody"))

    assert found.body == {
        "member_id": "mem_nobody", "tags": [], "consents": [], "profile_complete": False,
    }  # fmt: skip


def test_of_what_was_said_about_her_what_counts_now_is_shown_with_its_source(
    shared_stage: Stage,
) -> None:
    member_id, now = signed_in("o2"), datetime.now(UTC)
    token = shared_stage.token(member_id)
    call(shared_stage, "put_me", token=token, body={"region": "上海"})
    for value, expires_at in (("北京", now + timedelta(days=1)), ("广东", None)):
        said = Tag(
            group="region" if expires_at else "interests", value=value, source="operator",
            set_at=now, set_by="ann", expires_at=expires_at,
        )  # fmt: skip
        set_tag(member_id, said, store=bootstrap.members())

    body = call(shared_stage, "get_me", token=token).body

    assert body["region"] == "上海"
    shown = [(tag["group"], tag["value"], tag["source"]) for tag in body["tags"]]
    assert shown == [("interests", "广东", "operator"), ("region", "北京", "operator")]
    assert ["expires_at" in tag for tag in body["tags"]] == [False, True]
    assert "ann" not in str(body)


def test_it_costs_one_read(shared_stage: Stage) -> None:
    token = shared_stage.token(signed_in("o3"))
    call(shared_stage, "get_me", token=token)
    shared_stage.calls.clear()

    call(shared_stage, "get_me", token=token)

    assert shared_stage.calls == ["dynamodb.GetItem"]


def test_without_a_session_there_is_no_profile(shared_stage: Stage) -> None:
    found = asked(shared_stage, "get_me", event_of("get_me/refused"))

    assert_problem(found, 401, "UNAUTHENTICATED")
