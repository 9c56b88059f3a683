from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from huixue.kernel.calendar import SHANGHAI
from huixue.kernel.errors import UnavailableError
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
