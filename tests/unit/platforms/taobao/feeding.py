"""Rows for the stand-in's feed, and the client that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import urllib3

from huixue.kernel.calendar import SHANGHAI, Clock
from huixue.platforms.taobao.affiliate import AffiliateFeed, Page
from huixue.platforms.taobao.affiliate_refunds import AffiliateRefunds, RefundPage
from huixue.platforms.taobao.gateway import Gateway
from infra.sandbox.server import ADZONE_ID, TAOBAO_APP_KEY
from tests.unit.sandbox.running import NOON, Sandbox, secret_of

SECRET = secret_of(f"taobao:{TAOBAO_APP_KEY}")
START = NOON - timedelta(hours=3)
MINUTE = timedelta(minutes=1)


def gateway(
    sandbox: Sandbox,
    *,
    secret: str = SECRET,
    app_key: str = TAOBAO_APP_KEY,
    pool: urllib3.PoolManager | None = None,
    clock: Clock | None = None,
) -> Gateway:
    return Gateway(
        pool=pool or sandbox.pool,
        endpoint=sandbox.url("/taobao/router/rest"),
        app_key=app_key,
        app_secret=secret,
        clock=clock or sandbox.clock,
    )


def feed(
    sandbox: Sandbox,
    *,
    secret: str = SECRET,
    app_key: str = TAOBAO_APP_KEY,
    pool: urllib3.PoolManager | None = None,
    clock: Clock | None = None,
) -> AffiliateFeed:
    return AffiliateFeed(
        gateway=gateway(sandbox, secret=secret, app_key=app_key, pool=pool, clock=clock)
    )


def refunds(
    sandbox: Sandbox,
    *,
    secret: str = SECRET,
    app_key: str = TAOBAO_APP_KEY,
    pool: urllib3.PoolManager | None = None,
) -> AffiliateRefunds:
    return AffiliateRefunds(gateway=gateway(sandbox, secret=secret, app_key=app_key, pool=pool))


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


def refund_row(number: int, modified: datetime, **changes: object) -> dict[str, object]:
    """The refund of `row(number)`, done."""
    return {
        "refund_suit_id": f"77{number:08}",
        "tb_trade_id": f"18760572851{number:08}",
        "tb_trade_parent_id": f"18760572850{number:08}",
        "refund_status": 2,
        "refund_fee": "5.50",
        "tk_refund_time": printed(START),
        "modified_time": printed(modified),
    } | changes


def refund_rows(count: int, *, step: timedelta = timedelta(seconds=30)) -> list[dict[str, object]]:
    return [refund_row(number, START + number * step) for number in range(count)]


def refund_ids(pages: Iterator[RefundPage]) -> list[str]:
    return [refund.refund_number for page in pages for refund in page.snapshots]
