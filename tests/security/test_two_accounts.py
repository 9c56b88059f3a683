"""What belongs to somebody else answers like what is not there: same body, same calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huixue.edge import bootstrap
from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId
from huixue.points.model import Frozen
from tests.functions.http import Answered, asked, assert_problem, call, request
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage, running_stage

A, B = "mem_of_a", "mem_of_b"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A has a credited claim and a finished sync; B has nothing."""
    with running_stage() as running:
        orders = [order(number(n), account="account_of_a") for n in (1, 2)]
        bring([*orders, order(number(3), account=None)])
        sync = {
            "platform": "taobao", "account": "account_of_a", "order_number": number(1),
            "paid_amount_fen": 17_880,
        }  # fmt: skip
        call(running, "start_order_sync", token=running.token(A), body=sync)
        claim_of(running, A, number(3))
        pump(running)
        yield running


def claim_of(stage: Stage, member: str, order_number: str, account: str | None = None) -> Answered:
    body = {"platform": "taobao", "order_number": order_number}
    body |= {"account": account} if account else {}
    return call(stage, "submit_order", token=stage.token(member), body=body)


def claims_of(stage: Stage, member: str) -> list[dict[str, object]]:
    items = call(stage, "list_orders", token=stage.token(member), query={}).body["items"]
    assert isinstance(items, list)
    return items


def without_names(stage: Stage) -> list[str]:
    calls = [each for each in stage.calls if not each.startswith("secret")]
    stage.calls.clear()
    return calls


def test_a_claim_of_somebody_else_reads_like_an_absent_one(stage: Stage) -> None:
    hers = str(claims_of(stage, A)[0]["claim_id"])
    assert call(stage, "get_order", token=stage.token(A), path={"claim_id": hers}).status == 200
    stage.calls.clear()

    foreign = call(stage, "get_order", token=stage.token(B), path={"claim_id": hers})
    foreign_calls = without_names(stage)
    absent = call(stage, "get_order", token=stage.token(B), path={"claim_id": "clm_" + "a" * 26})

    assert_problem(foreign, 404, "NOT_FOUND")
    assert foreign == absent
    assert foreign_calls == without_names(stage)


def test_appealing_somebody_elses_claim_is_appealing_one_that_is_not_there(stage: Stage) -> None:
    hers = str(claims_of(stage, A)[0]["claim_id"])
    token, body = stage.token(B), {"message": "是我的"}
    call(stage, "appeal_order", token=token, path={"claim_id": hers}, body=body)
    stage.calls.clear()

    foreign = call(stage, "appeal_order", token=token, path={"claim_id": hers}, body=body)
    foreign_calls = without_names(stage)
    path = {"claim_id": "clm_" + "a" * 26}
    absent = call(stage, "appeal_order", token=token, path=path, body=body)

    assert_problem(foreign, 404, "NOT_FOUND")
    assert foreign == absent
    assert foreign_calls == without_names(stage)


def test_an_appeal_tells_nobody_whether_somebody_else_has_the_order(stage: Stage) -> None:
    """The same answers and calls for an order of A's and one that is not there: the first time, and again."""
    seen = []
    for member, wanted in (("mem_c", number(3)), ("mem_d", number(998))):
        path = {"claim_id": str(claim_of(stage, member, wanted).body["claim_id"])}
        pump(stage)
        token, body = stage.token(member), {"message": "是我的"}
        stage.calls.clear()
        first = call(stage, "appeal_order", token=token, path=path, body=body)
        opening = without_names(stage)
        again = call(stage, "appeal_order", token=token, path=path, body=body)
        seen.append((opening, without_names(stage), _case_shape(first), _case_shape(again)))

    assert seen[0] == seen[1]
    assert seen[0][2]["status"] == "open"


def test_a_case_of_somebody_else_is_no_case_of_hers(stage: Stage) -> None:
    """B claims what A claimed and appeals with the very same words: a case of her own."""
    body, cases = {"message": "同样的话"}, []
    for member in ("mem_e", "mem_f"):
        claim_id = str(claim_of(stage, member, number(997)).body["claim_id"])
        pump(stage)
        path, token = {"claim_id": claim_id}, stage.token(member)
        found = call(stage, "appeal_order", token=token, path=path, body=body)
        assert found.status == 202
        cases.append(found.body["case_id"])

    assert cases[0] != cases[1]


def test_a_statement_and_an_appeal_of_a_freeze_are_of_ones_own_account(stage: Stage) -> None:
    bootstrap.ledger().freeze(MemberId(A), Frozen(reason="operator", since=datetime.now(UTC)))
    path = {"month": f"{business_date(datetime.now(UTC)):%Y-%m}"}

    hers = call(stage, "get_statement", token=stage.token(A), path=path).body
    others = call(stage, "get_statement", token=stage.token("mem_new"), path=path).body
    appealed = call(
        stage, "appeal_freeze", token=stage.token("mem_new"), body={"message": "请恢复"}
    )

    assert hers["closing"] > 0
    assert (others["closing"], others["by_scene"]) == (0, [])
    assert_problem(appealed, 422, "NOT_FROZEN")


def test_a_sync_of_somebody_else_reads_like_an_absent_one(stage: Stage) -> None:
    sync = {
        "platform": "taobao", "account": "account_of_a", "order_number": number(1),
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    hers = call(stage, "start_order_sync", token=stage.token(A), body=sync).body["sync_id"]
    assert call(stage, "get_order_sync", token=stage.token(A), path={"sync_id": hers}).status == 200
    stage.calls.clear()

    foreign = call(stage, "get_order_sync", token=stage.token(B), path={"sync_id": hers})
    foreign_calls = without_names(stage)
    absent = call(stage, "get_order_sync", token=stage.token(B), path={"sync_id": "syn_none"})

    assert_problem(foreign, 404, "NOT_FOUND")
    assert foreign == absent
    assert foreign_calls == without_names(stage)


def test_lists_and_balances_hold_ones_own_alone(stage: Stage) -> None:
    points = call(stage, "get_points", token=stage.token("mem_new")).body
    entries = call(stage, "list_entries", token=stage.token("mem_new"), query={}).body

    assert points["available"] == points["lifetime"] == 0
    assert entries == {"items": []}
    assert claims_of(stage, "mem_new") == []
    assert len(claims_of(stage, A)) == 3


def test_a_cursor_of_somebody_else_opens_nothing(stage: Stage) -> None:
    token_a, token_b = stage.token(A), stage.token(B)
    cursor = call(stage, "list_entries", token=token_a, query={"limit": "1"}).body["next_cursor"]

    found = call(stage, "list_entries", token=token_b, query={"cursor": cursor})

    assert_problem(found, 400, "CURSOR_INVALID")


@pytest.mark.parametrize("account", [None, "account_of_a", "another"])
def test_claiming_what_somebody_else_owns_is_claiming_what_is_not_there(
    stage: Stage, account: str | None
) -> None:
    """The same answers and the same calls, from the claim to the list, whoever looks."""
    member = f"mem_thief_{account}"
    seen = []
    for wanted in (number(1), number(999)):
        stage.calls.clear()
        taken = claim_of(stage, member, wanted, account)
        claim_id = taken.body["claim_id"]
        submitting = without_names(stage)
        pump(stage)
        matching = without_names(stage)
        path = {"claim_id": claim_id}
        read = call(stage, "get_order", token=stage.token(member), path=path)
        reading = without_names(stage)
        seen.append((submitting, matching, reading, _shape(taken), _shape(read)))

    assert seen[0] == seen[1]
    assert seen[0][4]["status"] == "waiting"


def test_a_wrong_account_waits_like_an_absent_order(stage: Stage) -> None:
    bring([order(number(50), account="account_of_c")])

    claim_id = claim_of(stage, "mem_wrong", number(50), "account_of_d").body["claim_id"]
    pump(stage)

    event = request("get_order", token=stage.token("mem_wrong"), path={"claim_id": claim_id})
    assert asked(stage, "get_order", event).body["status"] == "waiting"


def test_a_session_of_another_programme_gets_no_points_for_this_ones_orders(stage: Stage) -> None:
    bring([order(number(60))])
    token = stage.token("mem_other", "other")
    body = {"platform": "taobao", "order_number": number(60)}

    claim_id = call(stage, "submit_order", token=token, body=body).body["claim_id"]
    pump(stage)

    read = call(stage, "get_order", token=token, path={"claim_id": claim_id}).body
    assert (read["status"], read["reason"]) == ("rejected", "NOT_OUR_ROOM")
    assert call(stage, "get_points", token=token).body["lifetime"] == 0


def _case_shape(found: Answered) -> dict[str, object]:
    varies = {"case_id", "claim_id", "created_at"}
    return {name: type(value) if name in varies else value for name, value in found.body.items()}


def _shape(found: Answered) -> dict[str, object]:
    varies = {"claim_id", "order_hint", "claimed_at", "next_check_at"}
    return {name: type(value) if name in varies else value for name, value in found.body.items()}
