from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from huixue.edge import bootstrap, session_tokens
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import publish
from infra.sandbox.server import APP_ID
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.stage import SESSION_KEYS, Stage, running_stage
from tests.unit.sandbox.running import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Sandbox, Stage]]:
    with (
        running_sandbox() as sandbox,
        running_stage(wechat_endpoint=sandbox.url("/wechat")) as stage,
    ):
        yield sandbox, stage


@pytest.fixture
def sandbox(running: tuple[Sandbox, Stage]) -> Sandbox:
    running[0].tell("DELETE", "")
    return running[0]


@pytest.fixture
def stage(running: tuple[Sandbox, Stage], sandbox: Sandbox) -> Stage:
    return running[1]


def test_a_new_member_gets_a_session_for_at_most_two_hours(stage: Stage) -> None:
    before = datetime.now(UTC)

    found = asked(stage, "sign_in", event_of("sign_in/accepted"))

    assert found.status == 200
    assert set(found.body) == {"token", "expires_at", "member"}
    assert set(found.body["member"]) == {"member_id", "is_new"}
    assert found.body["member"]["is_new"] is True
    session = session_tokens.verified(found.body["token"], keys=SESSION_KEYS, now=datetime.now(UTC))
    assert (session.member_id, session.programme_id) == (found.body["member"]["member_id"], "demo")
    expires_at = datetime.fromisoformat(found.body["expires_at"])
    assert expires_at.utcoffset() == timedelta(hours=8)
    assert before < expires_at <= datetime.now(UTC) + timedelta(hours=2)
    assert found.headers["cache-control"] == "no-store"


def test_she_is_known_the_second_time_and_a_stranger_is_not_her(stage: Stage) -> None:
    first, again, other = (
        call(stage, "sign_in", body={"code": code}).body["member"]
        for code in ("sandbox-berta-1", "sandbox-berta-2", "sandbox-carla-1")
    )

    assert again == {"member_id": first["member_id"], "is_new": False}
    assert other["is_new"] is True
    assert other["member_id"] != first["member_id"]


def test_her_token_opens_the_other_doors(stage: Stage) -> None:
    token = call(stage, "sign_in", body={"code": "sandbox-dora-1"}).body["token"]

    assert call(stage, "get_points", token=token).status == 200


def test_in_another_programme_she_is_another_member(stage: Stage) -> None:
    here, there = (
        call(stage, "sign_in", body={"code": f"sandbox-emma-{name}", "programme_id": name}).body
        for name in ("demo", "other")
    )

    assert here["member"]["member_id"] != there["member"]["member_id"]
    assert there["member"]["is_new"] is True


def test_a_code_works_once(stage: Stage) -> None:
    assert call(stage, "sign_in", body={"code": "sandbox-flora-1"}).status == 200

    again = call(stage, "sign_in", body={"code": "sandbox-flora-1"})

    assert_problem(again, 401, "LOGIN_CODE_INVALID")


def test_a_code_wechat_never_gave_is_refused(stage: Stage) -> None:
    before = stage.contents()

    found = asked(stage, "sign_in", event_of("sign_in/refused"))

    assert_problem(found, 401, "LOGIN_CODE_INVALID")
    assert stage.contents() == before


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"status": 500}, 503, "UNAVAILABLE"),
        ({"status": 403}, 503, "MISCONFIGURED"),
        ({"body": "<html>"}, 503, "UNAVAILABLE"),
        ({"cut": "before", "times": 2}, 503, "UNAVAILABLE"),
        ({"errcode": -1, "times": 2}, 503, "UNAVAILABLE"),
        ({"errcode": 45011}, 503, "UNAVAILABLE"),
        ({"errcode": 40125}, 503, "MISCONFIGURED"),
        ({"errcode": 40226}, 401, "LOGIN_BLOCKED"),
        ({"errcode": 40029}, 401, "LOGIN_CODE_INVALID"),
    ],
)
def test_what_wechat_cannot_do_is_told_and_nothing_is_written(
    sandbox: Sandbox, stage: Stage, fault: dict[str, object], status: int, code: str
) -> None:
    sandbox.fail("wechat", **fault)
    before = stage.contents()

    found = call(stage, "sign_in", body={"code": "sandbox-grete-1"})

    assert_problem(found, status, code)
    assert stage.contents() == before


def test_how_long_to_wait_is_wechats_word(sandbox: Sandbox, stage: Stage) -> None:
    sandbox.fail("wechat", errcode=45011)

    found = call(stage, "sign_in", body={"code": "sandbox-hanna-1"})

    assert found.headers["retry-after"] == "60"


def test_the_referer_of_a_foreign_app_changes_nothing(stage: Stage) -> None:
    headers = {"referer": "https://servicewechat.com/wx0000000000000000/1/page-frame.html"}

    found = call(stage, "sign_in", body={"code": "sandbox-ida-1"}, headers=headers)

    assert found.status == 200


def test_the_referer_picks_the_app_of_a_programme_with_several(stage: Stage) -> None:
    programme = bootstrap.programmes().current("demo")[1]
    several = replace(
        programme, programme_id="several", wechat_app_ids=("wx1111111111111111", APP_ID)
    )
    publish(
        several, store=DynamoDbProgrammes(bootstrap.database(), stage.tables.programmes),
        now=datetime.now(UTC),
    )  # fmt: skip
    body = {"code": "sandbox-jana-1", "programme_id": "several"}
    referer = f"https://servicewechat.com/{APP_ID}/devtools/page-frame.html"

    known = call(stage, "sign_in", body=body, headers={"referer": referer})
    first = call(stage, "sign_in", body=body, headers={"referer": None})

    assert known.status == 200
    assert_problem(first, 503, "MISCONFIGURED")  # the first app's secret is not there


def test_what_a_withdrawn_consent_left_to_forget_is_forgotten_at_the_next_sign_in(
    stage: Stage,
) -> None:
    """A merger of a yes and a newer no leaves it so, or an edit that died half way."""
    first = call(stage, "sign_in", body={"code": "sandbox-vergiss-1"}).body["member"]
    key = {"pk": {"S": f"M#{first['member_id']}"}, "sk": {"S": "MEMBER"}}
    stage.dynamodb.update_item(
        TableName=stage.tables.members, Key=key, UpdateExpression="SET to_forget = :groups",
        ExpressionAttributeValues={":groups": {"L": [{"S": "skin_type"}]}},
    )  # fmt: skip

    found = call(stage, "sign_in", body={"code": "sandbox-vergiss-2"})

    assert (found.status, found.body["member"]["member_id"]) == (200, first["member_id"])
    row = stage.dynamodb.get_item(TableName=stage.tables.members, Key=key)["Item"]
    assert row.get("to_forget", {"L": []}) == {"L": []}
