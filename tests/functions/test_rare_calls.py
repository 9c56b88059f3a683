"""Ways through functions that no other test of them takes: each is judged by its policies on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from huixue.edge import bootstrap, clients, pool_desks
from huixue.kernel.calendar import to_text
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import SignInIdentity
from huixue.members.use_cases import sign_in
from infra.sandbox.server import APP_ID
from infra.sandbox.wechat import session
from tests.functions.http import call, event_of
from tests.functions.ledgers import given
from tests.functions.orders import bring, names, number, order, pump, waiting
from tests.functions.stage import QUEUES, Stage, running_stage
from tests.functions.uploads import register, state_of
from tests.unit.sandbox.running import running_sandbox

TIMES = ("claimed_at", "next_check_at", "requested_at")
WAITS = {
    "claims_to_match_queue_url", "order_syncs_queue_url", "imports_queue_url",
    "import_chunks_queue_url",
}  # fmt: skip


def known_as(app_id: str, openid: str, unionid: str | None) -> MemberId:
    identity = SignInIdentity(
        programme_id=ProgrammeId("demo"), app_id=app_id, openid=openid, unionid=unionid
    )
    return sign_in(
        identity, store=bootstrap.members(), hashes=clients.keyed_hash(),
        now=datetime.now(UTC), new_member_id=bootstrap.new_member_id,
        ledger=bootstrap.MergingLedger(programme_id="demo"),
    ).member_id  # fmt: skip


def everything_is_an_hour_old(stage: Stage) -> None:
    """All that waits in the orders table has waited for so long that its message is lost."""
    before = to_text(datetime.now(UTC) - timedelta(hours=1))
    table = stage.tables.orders
    for item in stage.dynamodb.scan(TableName=table)["Items"]:
        for name in set(TIMES) & set(item):
            stage.dynamodb.update_item(
                TableName=table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET #name = :before",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":before": {"S": before}},
            )


def drain(stage: Stage) -> dict[str, list[str]]:
    return {setting: names(waiting(stage, setting)) for setting in QUEUES}


def test_signing_in_makes_one_member_of_two_with_the_points_of_both() -> None:
    with (
        running_sandbox() as sandbox,
        running_stage(wechat_endpoint=sandbox.url("/wechat")) as stage,
    ):
        told = session(APP_ID, "marta", "any")
        here = known_as(APP_ID, told["openid"], None)
        elsewhere = known_as("wx1111111111111111", "another openid", told["unionid"])
        for member_id, points in ((here, 30), (elsewhere, 12)):
            given(member_id, points, "2099-12-31|order", at=datetime.now(UTC))

        found = call(stage, "sign_in", body={"code": "sandbox-marta-1"}).body

        assert found["member"] == {"member_id": elsewhere, "is_new": False}
        assert call(stage, "get_points", token=found["token"]).body["available"] == 42
        of_old_session = stage.token(here)
        assert call(stage, "get_points", token=of_old_session).body["available"] == 42
        assert len(call(stage, "list_entries", token=of_old_session, query={}).body["items"]) == 2


def test_the_sweep_finds_whatever_waits_for_a_lost_message(shared_stage: Stage) -> None:
    stage = shared_stage
    bring([order(number(1)), order(number(2), account="account_of_a")])
    for member, of in (("mem_a", 1), ("mem_b", 1), ("mem_b", 3)):
        body = {"platform": "taobao", "order_number": number(of)}
        call(stage, "submit_order", token=stage.token(member), body=body)
        if (member, of) == ("mem_a", 1):
            pump(stage)
    proof = {
        "platform": "taobao", "account": "account_of_a", "order_number": number(2),
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    call(stage, "start_order_sync", token=stage.token("mem_a"), body=proof)
    for import_id in ("imp_unplanned", "imp_planned"):
        register(import_id, f"imports/uploads/{import_id}.csv")
    pool_desks.imports().planned(replace(state_of("imp_planned"), rows=2, chunks=2))
    drain(stage)
    everything_is_an_hour_old(stage)

    done = stage.invoke("sweep_orders", event_of("sweep_orders/accepted"))

    sent = drain(stage)
    assert {setting for setting, bodies in sent.items() if bodies} == WAITS
    assert done["repairs"] == sum(map(len, sent.values())) - done["due_claims"]


def test_what_a_programme_may_give_in_all_is_counted_by_every_function_that_gives(
    shared_stage: Stage,
) -> None:
    bring([order(number(11)), order(number(12), account="account_of_c")])
    token = shared_stage.token("mem_c")
    proof = {
        "platform": "taobao", "account": "account_of_c", "order_number": number(12),
        "paid_amount_fen": 17_880,
    }  # fmt: skip

    def given_in_all() -> int:
        items = shared_stage.dynamodb.scan(TableName=shared_stage.tables.points)["Items"]
        return sum(int(each["used"]["N"]) for each in items if each["pk"]["S"].startswith("CAP#"))

    before = given_in_all()
    body = {"platform": "taobao", "order_number": number(11)}
    call(shared_stage, "submit_order", token=token, body=body)
    call(shared_stage, "start_order_sync", token=token, body=proof)
    pump(shared_stage)

    assert given_in_all() == before + 2 * 178
