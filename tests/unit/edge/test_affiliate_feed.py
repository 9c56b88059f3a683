from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from huixue.edge.affiliate_feed import TaobaoAffiliateFeed, TaobaoRefundFeed
from huixue.kernel.snapshots import OrderSnapshot, RefundSnapshot, RowError
from huixue.orders.feeds import WindowTooLargeError
from huixue.platforms.taobao.affiliate_paging import LOOK_BACK, MAX_WINDOW
from infra.ops.programme_yaml import read_programme
from infra.sandbox.server import ADZONE_ID
from tests.engines.cloudformation import REPOSITORY
from tests.functions.orders import number, order
from tests.unit.platforms.taobao.feeding import MINUTE, START, feed, refund_row, refunds, row
from tests.unit.sandbox.running import NOON, Sandbox, running_sandbox

PROGRAMME = read_programme(REPOSITORY / "infra" / "demo" / "programme.yaml")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(promotion_days=((NOON - timedelta(days=5)).date(),)) as running:
        yield running


def adapter(sandbox: Sandbox) -> TaobaoAffiliateFeed:
    return TaobaoAffiliateFeed(client=feed(sandbox), programme=PROGRAMME, feed_id="taobao:a")


def rows(sandbox: Sandbox, start: datetime, end: datetime) -> list[OrderSnapshot | RowError]:
    return list(adapter(sandbox).rows(start, end))


def test_sound_and_broken_rows_of_all_pages_come_through(sandbox: Sandbox) -> None:
    broken = row(0, START + MINUTE, alipay_total_price="many")
    sandbox.put_rows([broken, *(row(n, START + n * timedelta(seconds=40)) for n in range(1, 120))])

    found = rows(sandbox, START, NOON)

    assert sum(isinstance(each, OrderSnapshot) for each in found) == 119
    assert sum(isinstance(each, RowError) for each in found) == 1


def test_a_window_the_platform_refuses_is_to_be_made_smaller(sandbox: Sandbox) -> None:
    start = NOON - timedelta(days=5, hours=1)

    with pytest.raises(WindowTooLargeError):
        rows(sandbox, start, start + timedelta(minutes=30))


def test_its_bounds_are_the_platforms_with_room_for_two_clocks(sandbox: Sandbox) -> None:
    found = adapter(sandbox)

    assert timedelta(seconds=found.max_window_s) == MAX_WINDOW
    assert timedelta(0) < LOOK_BACK - timedelta(seconds=found.look_back_s) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("position", "room"), [(ADZONE_ID, "demo/main"), ("1", None), ("", None), (None, None)]
)
def test_a_position_tells_the_room(
    sandbox: Sandbox, position: str | None, room: str | None
) -> None:
    snapshot = replace(order(number(1)), position=position)

    assert adapter(sandbox).room_of(snapshot) == room


def test_sound_and_broken_refunds_of_all_pages_come_through(sandbox: Sandbox) -> None:
    adapter = TaobaoRefundFeed(client=refunds(sandbox), feed_id="taobao:refunds")
    broken = refund_row(0, START + MINUTE, refund_status=99)
    sandbox.put_refunds(
        [broken, *(refund_row(n, START + n * timedelta(seconds=40)) for n in range(1, 120))]
    )

    found = list(adapter.rows(START, NOON))

    assert sum(isinstance(each, RefundSnapshot) for each in found) == 119
    assert sum(isinstance(each, RowError) for each in found) == 1
    assert (adapter.max_window_s, adapter.look_back_s) == (3 * 3600, 90 * 86_400 - 600)


def test_a_window_of_refunds_the_platform_refuses_is_to_be_made_smaller(sandbox: Sandbox) -> None:
    adapter = TaobaoRefundFeed(client=refunds(sandbox), feed_id="taobao:refunds")
    start = NOON - timedelta(days=5, hours=1)

    with pytest.raises(WindowTooLargeError):
        list(adapter.rows(start, start + timedelta(minutes=30)))
