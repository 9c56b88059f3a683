"""Rows for the stand-in's feed, and the client that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import urllib3

from huixue.kernel.calendar import SHANGHAI
from huixue.platforms.taobao.affiliate import AffiliateFeed, Page
from infra.sandbox.server import ADZONE_ID, TAOBAO_APP_KEY
from tests.unit.sandbox.running import NOON, Sandbox, secret_of

SECRET = secret_of(f"taobao:{TAOBAO_APP_KEY}")
START = NOON - timedelta(hours=3)
MINUTE = timedelta(minutes=1)


def feed(
    sandbox: Sandbox,
    *,
    secret: str = SECRET,
    app_key: str = TAOBAO_APP_KEY,
    pool: urllib3.PoolManager | None = None,
) -> AffiliateFeed:
    return AffiliateFeed(
        pool=pool or sandbox.pool,
        endpoint=sandbox.url("/taobao/router/rest"),
        app_key=app_key,
        app_secret=secret,
        clock=sandbox.clock,
    )


def printed(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def row(number: int, modified: datetime, **changes: object) -> dict[str, object]:
    return {
        "trade_id": f"18760572851{number:08}",
        "trade_parent_id": f"18760572850{number:08}",
        "tk_status": 12,
        "alipay_total_price": "19.90",
        "tb_paid_time": printed(START),
        "tk_paid_time": printed(START + timedelta(seconds=9)),
        "modified_time": printed(modified),
        "adzone_id": ADZONE_ID,
        "item_title": f"第{number}件",
        "item_num": 1,
    } | changes


def rows(count: int, *, step: timedelta = timedelta(seconds=30)) -> list[dict[str, object]]:
    return [row(number, START + number * step) for number in range(count)]


def lines(pages: Iterator[Page]) -> list[str]:
    return [str(line.sub_order_number) for page in pages for line in page.snapshots]


def ids(given_rows: list[dict[str, object]]) -> list[str]:
    return [str(given_row["trade_id"]) for given_row in given_rows]
