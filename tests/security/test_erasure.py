"""After an erasure nothing of hers is left in any table, her token opens nothing, and the ledger adds up as before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from huixue.edge.messages import encoded
from huixue.kernel.events import MemberErased, Message
from tests.functions.http import WITH_SESSION, Answered, asked, assert_problem, call, request
from tests.functions.orders import bring, failed, names, number, order, pump, sqs_event, waiting
from tests.functions.stage import Stage
from tests.races.erasures import is_emptied_stub
from tests.security.queued_work import claim_of, credit_of, syncs_of
from tests.security.whole_member import (
    ACCOUNT,
    WAITED_FOR,
    WholeMember,
    signed_in,
    stage_with_wechat,
    whole_member,
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with stage_with_wechat() as running:
        yield running


def stored(stage: Stage) -> str:
    items = {
        name: [item for item in items if not is_emptied_stub(item)]
        for name, items in stage.contents().items()
    }
    return json.dumps(items, ensure_ascii=False)


def sums(stage: Stage) -> dict[str, int]:
    """Over all entries and all accounts."""
    items = stage.dynamodb.scan(TableName=stage.tables.points)["Items"]
    entries = [item for item in items if item["sk"]["S"].startswith("E#")]
    accounts = [item for item in items if item["sk"]["S"] == "ACCOUNT"]
    found = {"entries": len(entries), "points of entries": _sum(entries, "points")}
    return found | {
        name: _sum(accounts, name) for name in ("balance", "pending", "held", "lifetime")
    }


def _sum(items: list[dict[str, Any]], name: str) -> int:
    return sum(int(item.get(name, {"N": "0"})["N"]) for item in items)


def erased(stage: Stage) -> tuple[WholeMember, Answered]:
    her = whole_member(stage)
    return her, call(stage, "erase_me", token=her.token)


def test_nothing_that_is_hers_is_left_in_any_table(stage: Stage) -> None:
    her = whole_member(stage)
    before, sums_before = stored(stage), sums(stage)
    assert [what for what, text in her.private.items() if text not in before] == []

    answer = call(stage, "erase_me", token=her.token)

    after = stored(stage)
    assert answer.status == 200, answer.text
    assert [what for what, text in her.private.items() if text in after] == []
    assert sums(stage) == sums_before
    tombstones = [
        item
        for item in stage.dynamodb.scan(TableName=stage.tables.members)["Items"]
        if item["sk"]["S"] == "MEMBER"
    ]
    assert {item["member_id"]["S"] for item in tombstones} == {her.member_id, her.gone_id}
    for item in tombstones:
        assert set(item) == {"pk", "sk", "member_id", "programme_id", "erased_at", "revision"}


def test_only_what_counts_points_still_names_her_id(stage: Stage) -> None:
    her, _ = erased(stage)

    kinds = set()
    for name in (stage.tables.members, stage.tables.orders, stage.tables.points):
        for item in stage.dynamodb.scan(TableName=name)["Items"]:
            if her.member_id in json.dumps(item) or her.gone_id in json.dumps(item):
                kinds.add(item["sk"]["S"].partition("#")[0])

    assert kinds == {"MEMBER", "ORDER", "ACCOUNT", "E"}
    waiting_marks = [
        item
        for item in stage.dynamodb.scan(TableName=stage.tables.orders)["Items"]
        if "waiting" in item
    ]
    assert waiting_marks == []


def test_the_receipt_counts_what_was_removed_and_says_what_remains(stage: Stage) -> None:
    _, answer = erased(stage)

    counted = {(each["store"], each["kind"]): each["items"] for each in answer.body["removed"]}
    assert counted["members", "profiles"] == 2
    assert counted["members", "identities"] == 3
    assert counted["members", "levels"] == 1
    assert counted["members", "tags"] >= 4
    assert counted["members", "consents"] == 2
    assert counted["orders", "claims"] == 3
    assert counted["orders", "syncs"] == 2
    assert counted["orders", "cases"] == 2
    assert counted["orders", "bindings"] == 1
    assert counted["orders", "waiting_marks"] == 1
    assert counted["points", "notices"] == 1
    assert counted["points", "bans"] == 1
    assert all("others" not in each for each in counted)
    assert answer.body["receipt_id"].startswith("ers_")
    assert len(answer.body["remains"]) >= 3


def test_her_tokens_open_nothing_from_then_on(stage: Stage) -> None:
    her, _ = erased(stage)
    before = stage.contents()

    for function in WITH_SESSION:
        for token in (her.token, her.gone_token):
            found = asked(stage, function, request(function, token=token))
            assert_problem(found, 401, "UNAUTHENTICATED")

    assert stage.contents() == before


def test_work_that_waits_for_her_is_void_and_acknowledged(stage: Stage) -> None:
    her = whole_member(stage)
    bring([order(number(4), account=ACCOUNT, state="paid")])
    claim = claim_of(her)
    syncs = syncs_of(her, stage)
    call(stage, "erase_me", token=her.token)
    bring([order(number(2), account=ACCOUNT, state="closed", refunded_fen=17_880)])
    bring([order(WAITED_FOR)])
    assert names(waiting(stage, "claims_to_match_queue_url")) == []
    before, sums_before = stored_but_queues(stage), sums(stage)
    lines_before = len(stage.log_lines())

    queued: dict[str, Sequence[Message]] = {
        "match_claims": [claim],
        "run_order_sync": syncs,
        "credit_points": [credit_of(her, stage)],
    }
    for function, messages in queued.items():
        bodies = [encoded(message) for message in messages]
        assert failed(stage.invoke(function, sqs_event(bodies))) == []
    pump(stage)

    assert stored_but_queues(stage) == before
    assert sums(stage) == sums_before
    lines = stage.log_lines()[lines_before:]
    assert {line["level"] for line in lines} == {"INFO"}
    assert "erased" in {line.get("outcome") for line in lines}


def test_the_sweep_lets_what_is_hers_rest(stage: Stage) -> None:
    her, _ = erased(stage)
    bring([order(number(1), state="closed", refunded_fen=17_880)])
    before = stored_but_queues(stage)
    for item in stage.dynamodb.scan(TableName=stage.tables.orders)["Items"]:
        if "ownership" in item:  # owned for long: nothing is on its way any more
            item["ownership"]["M"]["owned_at"] = {"S": "2026-01-01T00:00:00.000Z"}
            stage.dynamodb.put_item(TableName=stage.tables.orders, Item=item)
    pump(stage)

    stage.invoke("sweep_orders", {})

    for setting in ("points_credit_queue_url", "claims_to_match_queue_url"):
        assert waiting(stage, setting) == []
    assert her.member_id in before


def test_whoever_signs_in_again_is_somebody_new_without_points(stage: Stage) -> None:
    her, _ = erased(stage)

    member_id, token = signed_in(stage, "2")

    assert member_id not in {her.member_id, her.gone_id}
    assert call(stage, "get_points", token=token).body["lifetime"] == 0
    body = {"platform": "taobao", "order_number": number(1)}
    claim_id = call(stage, "submit_order", token=token, body=body).body["claim_id"]
    sync = {
        "platform": "taobao", "account": ACCOUNT, "order_number": number(2),
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    sync_id = call(stage, "start_order_sync", token=token, body=sync).body["sync_id"]
    pump(stage)
    claim = call(stage, "get_order", token=token, path={"claim_id": claim_id}).body
    proven = call(stage, "get_order_sync", token=token, path={"sync_id": sync_id}).body
    assert claim["status"] == "waiting"
    assert (proven["status"], proven["lines_credited"]) == ("failed", 0)
    assert call(stage, "get_points", token=token).body["lifetime"] == 0


def test_erasing_again_finds_nothing_and_changes_nothing(stage: Stage) -> None:
    her, _ = erased(stage)
    bodies = waiting(stage, "erasures_queue_url")
    before = stored_but_queues(stage)

    assert names(bodies) == ["MemberErased"]
    assert failed(stage.invoke("erase_again", sqs_event(bodies))) == []
    assert failed(stage.invoke("erase_again", sqs_event(bodies, receive_count=2))) == []

    assert stored_but_queues(stage) == before
    assert json.loads(bodies[0])["detail"]["member_ids"] == [her.member_id, her.gone_id]


def test_a_message_for_somebody_who_was_not_erased_removes_nothing(stage: Stage) -> None:
    her = whole_member(stage)
    before = stored_but_queues(stage)
    message = MemberErased(
        member_ids=(her.member_id, her.gone_id), programme_id="demo", correlation_id="x"
    )

    assert failed(stage.invoke("erase_again", sqs_event([encoded(message)]))) == []

    assert stored_but_queues(stage) == before


def test_somebody_else_keeps_everything(stage: Stage) -> None:
    her = whole_member(stage)
    other = stage.token("mem_other")
    body = {"platform": "taobao", "order_number": WAITED_FOR}
    claim_id = call(stage, "submit_order", token=other, body=body).body["claim_id"]
    pump(stage)

    call(stage, "erase_me", token=her.token)
    bring([order(WAITED_FOR)])
    pump(stage)

    found = call(stage, "get_order", token=other, path={"claim_id": claim_id}).body
    assert found["status"] == "credited"


def test_who_never_signed_in_here_can_be_erased_too(stage: Stage) -> None:
    token = stage.token("mem_without_a_row")

    answer = call(stage, "erase_me", token=token)

    assert answer.status == 200
    assert_problem(call(stage, "get_points", token=token), 401, "UNAUTHENTICATED")
    assert_problem(call(stage, "erase_me", token=token), 401, "UNAUTHENTICATED")


def test_no_log_line_holds_anything_of_hers(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    her, _ = erased(stage)
    pump(stage)

    written = stage.log.getvalue() + capsys.readouterr().out

    assert "answered" in written
    private = {**her.private, "account": ACCOUNT, "token": her.token}
    assert [what for what, text in private.items() if text in written] == []


def stored_but_queues(stage: Stage) -> str:
    names_of = (
        stage.tables.members, stage.tables.orders, stage.tables.points, stage.tables.seasons,
    )  # fmt: skip
    items = {
        name: sorted(map(json.dumps, stage.dynamodb.scan(TableName=name)["Items"]))
        for name in names_of
    }
    return json.dumps(items)
