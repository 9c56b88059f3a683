"""Pages of refunds from the real stand-in over HTTP: every refund once, whatever moves or fails."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

import pytest
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huixue.kernel.snapshots import RefundSnapshot, RowError
from huixue.platforms.taobao.affiliate_errors import (
    RequestRefusedError,
    WindowTooFullError,
    WindowTooLongError,
)
from huixue.platforms.taobao.affiliate_paging import LOOK_BACK, PROMOTION_WINDOW
from huixue.platforms.taobao.affiliate_refunds import RefundPage
from tests.unit.platforms.taobao.feeding import (
    MINUTE,
    START,
    refund_ids,
    refund_row,
    refund_rows,
    refunds,
    row,
)
from tests.unit.sandbox.running import NOON, Sandbox


def numbers(put: list[dict[str, object]]) -> list[str]:
    return [str(each["refund_suit_id"]) for each in put]


def test_every_refund_of_many_pages_comes_once_in_the_order_of_time(sandbox: Sandbox) -> None:
    put = refund_rows(257)
    sandbox.put_refunds(put)

    pages = list(refunds(sandbox).pages(START, NOON))

    assert [len(page.snapshots) for page in pages] == [100, 100, 57]
    assert [page.number for page in pages] == [1, 2, 3]
    assert refund_ids(iter(pages)) == numbers(put)


def test_a_refund_is_read_with_every_digit_of_its_ids(sandbox: Sandbox) -> None:
    put = refund_rows(20)
    sandbox.put_refunds(put)

    (page,) = refunds(sandbox).pages(START, NOON)

    assert [(each.order_number, each.sub_order_number) for each in page.snapshots] == [
        (each["tb_trade_parent_id"], each["tb_trade_id"]) for each in put
    ]
    assert page.snapshots[3] == RefundSnapshot(
        platform="taobao", source="affiliate", refund_number="7700000003",
        order_number=str(put[3]["tb_trade_parent_id"]),
        sub_order_number=str(put[3]["tb_trade_id"]),
        as_of=START + timedelta(seconds=90), state="done", amount_fen=550,
    )  # fmt: skip


def test_several_refunds_of_one_line_are_several(sandbox: Sandbox) -> None:
    sandbox.put_rows([row(1, START)])
    line = row(1, START)["trade_id"]
    sandbox.put_refunds([
        {"refund_suit_id": "1", "tb_trade_id": line, "refund_status": 2, "refund_fee": "1.00",
         "modified_time": "2026-03-02 11:00:00"},
        {"refund_suit_id": "2", "tb_trade_id": line, "refund_status": 4, "refund_fee": "2.00",
         "modified_time": "2026-03-02 11:00:00"},
        {"tb_trade_id": line, "refund_status": 3, "refund_fee": "3.00",
         "tk_refund_time": "2026-03-02 10:00:00", "modified_time": "2026-03-02 11:00:00"},
    ])  # fmt: skip

    (page,) = refunds(sandbox).pages(START, NOON)

    assert {(each.state, each.amount_fen) for each in page.snapshots} == {
        ("done", 100), ("open", 200), ("failed", 300),
    }  # fmt: skip
    assert {each.sub_order_number for each in page.snapshots} == {line}
    assert len({each.refund_number for each in page.snapshots}) == 3


def test_a_refund_that_changes_is_the_same_refund_in_a_later_window(sandbox: Sandbox) -> None:
    sandbox.put_refunds([refund_row(1, START, refund_status=4, tk_refund_suit_time="--")])
    client = refunds(sandbox)
    (before,) = next(client.pages(START, NOON)).snapshots

    sandbox.put_refunds([{"refund_suit_id": before.refund_number, "refund_status": 2}])
    sandbox.clock.instant = NOON + MINUTE
    (after,) = next(client.pages(NOON, NOON + MINUTE)).snapshots

    assert (before.state, after.state) == ("open", "done")
    assert before.refund_number == after.refund_number
    assert after.as_of > before.as_of
    assert next(client.pages(START, NOON)).snapshots == ()


def test_refunds_that_move_under_the_reader_leave_none_of_the_others_out(sandbox: Sandbox) -> None:
    put = refund_rows(250)
    sandbox.put_refunds(put)
    sandbox.clock.instant = NOON + MINUTE
    reading = refunds(sandbox).pages(START, NOON)
    read = refund_ids(iter([next(reading)]))

    sandbox.put_refunds(
        [{"refund_suit_id": each, "refund_status": 13} for each in numbers(put)[:200:2]]
    )
    read += refund_ids(reading)
    later = refund_ids(refunds(sandbox).pages(NOON, NOON + 2 * MINUTE))

    assert len(read) == len(set(read))
    assert set(read) | set(later) == set(numbers(put))


def test_a_row_that_cannot_be_read_is_told_by_place_and_the_others_come(sandbox: Sandbox) -> None:
    put = [*refund_rows(3), refund_row(3, START + 3 * MINUTE, refund_status=99)]
    sandbox.put_refunds([*put, refund_row(4, START + 4 * MINUTE)])

    (page,) = refunds(sandbox).pages(START, NOON)

    assert len(page.snapshots) == 4
    assert page.errors == (RowError(line_number=3, column="refund_status", code="STATE"),)


def test_an_empty_window_is_one_empty_page(sandbox: Sandbox) -> None:
    assert list(refunds(sandbox).pages(START, NOON)) == [
        RefundPage(number=1, snapshots=(), errors=())
    ]


class Watching(urllib3.PoolManager):
    """Keeps what was sent."""

    def __init__(self) -> None:
        super().__init__(retries=False)
        self.sent: list[dict[str, str]] = []

    def urlopen(  # type: ignore[override]  # one answer type is enough here
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        self.sent.append({name: one for name, (one,) in parse_qs(options["body"].decode()).items()})
        return super().urlopen(method, url, redirect, **options)


def test_all_questions_go_as_one_signed_json_parameter(sandbox: Sandbox) -> None:
    sandbox.put_refunds(refund_rows(101))
    pool = Watching()

    pages = list(refunds(sandbox, pool=pool).pages(START, NOON))
    first, second = (json.loads(each["publisher_refund_order_query_option"]) for each in pool.sent)
    pool.clear()

    assert len(pages) == 2
    assert first == {
        "query_type": 5, "start_time": "2026-03-02 09:00:00", "end_time": "2026-03-02 12:00:00",
        "page_size": 100, "page_no": 1, "jump_type": 1, "order_scene": 1, "member_type": 4,
    }  # fmt: skip
    assert second.pop("position_index")
    assert second == first | {"page_no": 2}
    assert {each["method"] for each in pool.sent} == {"taobao.tbk.order.refund.get"}
    assert set(pool.sent[0]) == {
        "method", "app_key", "timestamp", "format", "v", "sign_method", "sign",
        "publisher_refund_order_query_option",
    }  # fmt: skip


def test_a_day_of_promotion_and_a_long_window_ask_for_shorter_ones(sandbox: Sandbox) -> None:
    client = refunds(sandbox)
    with pytest.raises(WindowTooLongError):
        list(client.pages(START - timedelta(seconds=1), NOON))
    sandbox.tell("POST", "/taobao/promotion-days", [str(date(2026, 3, 2))])

    with pytest.raises(WindowTooLongError):
        list(client.pages(START, START + PROMOTION_WINDOW + timedelta(seconds=1)))

    assert len(list(client.pages(START, START + PROMOTION_WINDOW))) == 1


def test_a_window_before_the_look_back_is_refused_for_good(sandbox: Sandbox) -> None:
    edge = NOON - LOOK_BACK

    with pytest.raises(RequestRefusedError):
        list(refunds(sandbox).pages(edge - timedelta(seconds=1), edge + MINUTE))

    assert len(list(refunds(sandbox).pages(edge, edge + MINUTE))) == 1


@pytest.mark.parametrize(
    ("start", "end"), [(NOON, NOON), (NOON, START), (NOON.replace(tzinfo=None), NOON + MINUTE)]
)
def test_a_window_that_is_none_is_refused_before_any_call(
    sandbox: Sandbox, start: datetime, end: datetime
) -> None:
    sandbox.fail("taobao", status=500)

    with pytest.raises(ValueError, match="window"):
        refunds(sandbox).pages(start, end)

    assert sandbox.server.world.faults.pending() == 1


def test_more_than_a_hundred_pages_ask_for_halves(sandbox: Sandbox) -> None:
    sandbox.put_refunds(refund_rows(10_001, step=timedelta(seconds=1)))
    reading = refunds(sandbox).pages(START, NOON)

    pages = [next(reading) for _ in range(100)]
    with pytest.raises(WindowTooFullError):
        next(reading)

    assert sum(len(page.snapshots) for page in pages) == 10_000


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seconds=st.lists(st.integers(0, 600), max_size=60),
    cuts=st.lists(st.integers(1, 599), max_size=4, unique=True).map(sorted),
)
def test_any_cutting_of_a_time_into_windows_reads_every_refund_once(
    sandbox: Sandbox, seconds: list[int], cuts: list[int]
) -> None:
    sandbox.tell("DELETE", "")
    put = [refund_row(at, START + timedelta(seconds=second)) for at, second in enumerate(seconds)]
    sandbox.put_refunds(put)
    client = refunds(sandbox)

    read = [
        each
        for first, last in pairwise([0, *cuts, 601])
        for each in refund_ids(
            client.pages(START + timedelta(seconds=first), START + timedelta(seconds=last))
        )
    ]

    assert sorted(read) == sorted(numbers(put))
