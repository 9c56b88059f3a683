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

FEED = f"taobao:{TAOBAO_APP_KEY}"


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

    (pulled,) = done.values()
    assert pulled["rows"] == 1
    assert pulled["row_errors"] == 0
    token = stage.token("mem_a")
    body = {"platform": "taobao", "order_number": number(1)}
    call(stage, "submit_order", token=token, body=body)
    pump(stage)
    assert call(stage, "get_points", token=token).body["available"] == 59


def test_a_run_without_time_left_reads_nothing(running: tuple[Sandbox, Stage]) -> None:
    _, stage = running

    done = stage.invoke(
        "pull_taobao_orders", event_of("pull_taobao_orders/accepted"), remaining_ms=0
    )

    assert [pulled["windows"] for pulled in done.values()] == [0]


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
