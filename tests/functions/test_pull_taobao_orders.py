from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from huixue.edge import bootstrap, clients, pool_desks
from huixue.edge.settings import settings
from huixue.kernel.calendar import SHANGHAI
from huixue.kernel.errors import MisconfiguredError, UnavailableError
from huixue.programme.model import Feed
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import current, publish
from infra.sandbox.server import ADZONE_ID, TAOBAO_APP_KEY
from tests.functions.http import call, event_of
from tests.functions.orders import number, pump
from tests.functions.stage import Stage, running_stage
from tests.unit.sandbox.running import Sandbox, running_sandbox

ORDERS = f"taobao-affiliate-{TAOBAO_APP_KEY}"
REFUNDS = f"taobao-affiliate-refunds-{TAOBAO_APP_KEY}"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Sandbox, Stage]]:
    with (
        running_sandbox() as sandbox,
        running_stage(taobao_endpoint=sandbox.url("/taobao/router/rest")) as stage,
    ):
        sandbox.clock.instant = datetime.now(UTC)
        yield sandbox, stage


def affiliate_row(of: str, *, hours_ago: int, status: int = 14) -> dict[str, object]:
    at = (datetime.now(UTC) - timedelta(hours=hours_ago)).astimezone(SHANGHAI)
    printed = at.strftime("%Y-%m-%d %H:%M:%S")
    return {
        "trade_id": of, "trade_parent_id": of, "tk_status": status, "alipay_total_price": "59.90",
        "pay_price": "59.90", "adzone_id": ADZONE_ID, "item_title": "洁面乳", "item_num": 1,
        "tk_create_time": printed, "tk_paid_time": printed, "tb_paid_time": printed,
        "tk_earning_time": printed, "modified_time": printed,
    }  # fmt: skip


def test_a_feed_that_does_not_answer_fails_the_run(running: tuple[Sandbox, Stage]) -> None:
    sandbox, stage = running
    sandbox.fail("taobao", status=500, times=50)

    with pytest.raises(UnavailableError):
        stage.invoke("pull_taobao_orders", event_of("pull_taobao_orders/accepted"))

    sandbox.tell("DELETE", "")


def test_orders_of_the_feed_are_claimed_and_the_run_says_what_it_did(
    running: tuple[Sandbox, Stage],
) -> None:
    sandbox, stage = running
    sandbox.put_rows([affiliate_row(number(1), hours_ago=2)])

    done = stage.invoke("pull_taobao_orders", event_of("pull_taobao_orders/accepted"))

    pulled = done[ORDERS]
    assert pulled["rows"] == 1
    assert pulled["row_errors"] == 0
    token = stage.token("mem_a")
    body = {"platform": "taobao", "order_number": number(1)}
    call(stage, "submit_order", token=token, body=body)
    pump(stage)
    assert call(stage, "get_points", token=token).body["available"] == 59


def test_a_refund_of_the_feed_takes_its_points_back_once(running: tuple[Sandbox, Stage]) -> None:
    sandbox, stage = running
    sandbox.put_rows([affiliate_row(number(2), hours_ago=2)])
    token = stage.token("mem_b")
    body = {"platform": "taobao", "order_number": number(2)}
    printed = (datetime.now(SHANGHAI) - timedelta(minutes=4)).strftime("%Y-%m-%d %H:%M:%S")
    refund = {"tb_trade_id": number(2), "refund_status": 4, "refund_fee": "20.00"}
    opened = [refund | {"refund_suit_id": each, "modified_time": printed} for each in ("71", "72")]

    def points_after_a_pull() -> int:
        stage.invoke("pull_taobao_orders", event_of("pull_taobao_orders/accepted"))
        pump(stage)
        return int(call(stage, "get_points", token=token).body["available"])

    # The run before covered these times: what is put there now lies in the ten minutes that are read again.
    sandbox.put_rows([{"trade_id": number(2), "modified_time": printed}])
    call(stage, "submit_order", token=token, body=body)
    bought = points_after_a_pull()
    sandbox.put_refunds(opened)
    asked = points_after_a_pull()
    later = (datetime.now(SHANGHAI) - timedelta(minutes=3)).strftime("%Y-%m-%d %H:%M:%S")
    sandbox.put_refunds(
        [{"refund_suit_id": "71", "refund_status": 2, "modified_time": later},
         {"refund_suit_id": "72", "refund_status": 3, "modified_time": later}]
    )  # fmt: skip
    refunded = points_after_a_pull()

    assert (bought, asked, refunded, points_after_a_pull()) == (59, 59, 39, 39)


def test_a_refund_nobody_can_read_is_counted_and_keeps_no_order_back(
    running: tuple[Sandbox, Stage],
) -> None:
    sandbox, stage = running
    fresh = (datetime.now(SHANGHAI) - timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S")
    sandbox.put_rows([affiliate_row(number(3), hours_ago=1) | {"modified_time": fresh}])
    sandbox.put_refunds([{
        "refund_suit_id": "73", "tb_trade_id": number(3), "refund_status": "999",
        "refund_fee": "1.00", "modified_time": fresh,
    }])  # fmt: skip

    done = stage.invoke("pull_taobao_orders", event_of("pull_taobao_orders/accepted"))

    assert (done[ORDERS]["rows"] >= 1, done[REFUNDS]["row_errors"]) == (True, 1)


def test_a_run_without_time_left_reads_nothing(running: tuple[Sandbox, Stage]) -> None:
    _, stage = running

    done = stage.invoke(
        "pull_taobao_orders", event_of("pull_taobao_orders/accepted"), remaining_ms=0
    )

    assert [pulled["windows"] for pulled in done.values()] == [0, 0]


def test_a_feed_without_credentials_fails_the_run_after_the_others_were_pulled(
    running: tuple[Sandbox, Stage],
) -> None:
    """The last of the file: its programme stays published."""
    sandbox, stage = running
    five_minutes_ago = (datetime.now(SHANGHAI) - timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S")
    fresh = affiliate_row(number(77), hours_ago=1) | {"modified_time": five_minutes_ago}
    sandbox.put_rows([fresh])
    store = DynamoDbProgrammes(bootstrap.database(), settings().programmes_table_name)
    programme = current("demo", store=store)[1]
    unknown = Feed(platform="taobao", kind="affiliate", app_key="1")
    feeds = (unknown, *programme.feeds)
    publish(msgspec.structs.replace(programme, feeds=feeds), store=store, now=bootstrap.now())
    bootstrap.programmes.cache_clear()

    with pytest.raises(MisconfiguredError, match="set-credential taobao:1"):
        stage.invoke("pull_taobao_orders", event_of("pull_taobao_orders/accepted"))

    ref = clients.keyed_hash().order_ref("taobao", number(77))
    assert ref in bootstrap.orders().orders([ref])
    assert not pool_desks.coverage().load(unknown.feed_id)
    assert not pool_desks.coverage().load("taobao-affiliate-refunds-1")
