from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huixue.edge import bootstrap, dispute_desk
from huixue.edge.dispute_desk import decide
from huixue.kernel.ids import MemberId
from huixue.points.model import Frozen
from huixue.points.moving import adjust
from tests.functions.http import asked, assert_problem, call, event_of, pointers
from tests.functions.stage import Stage

MESSAGE = "退款是因为商品破损，请恢复兑换"


@pytest.fixture(scope="module", autouse=True)
def frozen(shared_stage: Stage) -> None:
    del shared_stage
    for member in ("mem_a", "mem_b", "mem_c"):
        adjust(MemberId(member), "demo", "a1", 10, {}, desk=bootstrap.ledger_desk())
        freeze(member)


def freeze(member: str, **changes: datetime) -> None:
    since = datetime.now(UTC)
    bootstrap.ledger().freeze(MemberId(member), Frozen(reason="refunds", since=since, **changes))


def test_a_freeze_is_appealed_once_and_the_verdict_is_found(shared_stage: Stage) -> None:
    token = shared_stage.token("mem_a")
    event = event_of("appeal_freeze/accepted")
    event["headers"]["authorization"] = f"Bearer {token}"

    first = asked(shared_stage, "appeal_freeze", event)
    again = asked(shared_stage, "appeal_freeze", event)

    assert (first.status, again.status) == (202, 200)
    assert again.headers["idempotency-hit"] == "true"
    assert again.body == first.body
    assert first.body["case_id"].startswith("frz_")
    assert "claim_id" not in first.body

    (case,) = [each for each in dispute_desk.cases().open_cases(100) if each.message == MESSAGE]
    decide(case, "lift", "op-1", "已恢复", desk=dispute_desk.dispute_desk())

    assert "frozen" not in call(shared_stage, "get_points", token=token).body
    assert_problem(asked(shared_stage, "appeal_freeze", event), 422, "NOT_FROZEN")


def test_upheld_stays_frozen_and_says_so(shared_stage: Stage) -> None:
    token, body = shared_stage.token("mem_b"), {"message": "请恢复"}
    call(shared_stage, "appeal_freeze", token=token, body=body)
    (case,) = [each for each in dispute_desk.cases().open_cases(100) if each.message == "请恢复"]

    decide(case, "uphold", "op-1", "退款比例过高", desk=dispute_desk.dispute_desk())

    found = call(shared_stage, "appeal_freeze", token=token, body=body)
    assert (found.status, found.body["status"], found.body["note"]) == (
        200, "upheld", "退款比例过高",
    )  # fmt: skip
    assert call(shared_stage, "get_points", token=token).body["frozen"]["reason"] == "refunds"


def test_other_words_are_a_mismatch(shared_stage: Stage) -> None:
    token = shared_stage.token("mem_c")
    call(shared_stage, "appeal_freeze", token=token, body={"message": "一"})

    found = call(shared_stage, "appeal_freeze", token=token, body={"message": "二"})

    assert_problem(found, 409, "IDEMPOTENCY_MISMATCH")


def test_who_can_redeem_has_nothing_to_appeal(shared_stage: Stage) -> None:
    token = shared_stage.token("mem_never_frozen")

    found = call(shared_stage, "appeal_freeze", token=token, body={"message": MESSAGE})

    assert_problem(found, 422, "NOT_FROZEN")


def test_a_freeze_that_ended_by_itself_is_none(shared_stage: Stage) -> None:
    adjust(MemberId("mem_d"), "demo", "a1", 10, {}, desk=bootstrap.ledger_desk())
    freeze("mem_d", until=datetime.now(UTC) - timedelta(seconds=1))

    found = call(
        shared_stage, "appeal_freeze", token=shared_stage.token("mem_d"), body={"message": MESSAGE}
    )

    assert_problem(found, 422, "NOT_FROZEN")


def test_a_body_without_words_is_refused(shared_stage: Stage) -> None:
    event = event_of("appeal_freeze/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    found = asked(shared_stage, "appeal_freeze", event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["/message"]
