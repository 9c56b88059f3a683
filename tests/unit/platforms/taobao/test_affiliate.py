"""Pages of the affiliate feed from the real stand-in over HTTP: every row once, whatever moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huixue.kernel.snapshots import RowError
from huixue.platforms.taobao.affiliate import Page
from huixue.platforms.taobao.affiliate_errors import (
    RequestRefusedError,
    WindowTooFullError,
    WindowTooLongError,
)
from huixue.platforms.taobao.affiliate_paging import LOOK_BACK, MAX_WINDOW, PROMOTION_WINDOW
from infra.sandbox.server import ADZONE_ID
from tests.unit.platforms.taobao.feeding import MINUTE, START, feed, ids, lines, printed, row, rows
from tests.unit.sandbox.running import NOON, Sandbox


def test_every_row_of_many_pages_comes_once_in_the_order_of_time(sandbox: Sandbox) -> None:
    put = rows(257)
    sandbox.put_rows(put)

    pages = list(feed(sandbox).pages(START, NOON))

    assert [len(page.snapshots) for page in pages] == [100, 100, 57]
    assert [page.number for page in pages] == [1, 2, 3]
    assert lines(iter(pages)) == ids(put)


def test_a_row_reads_as_a_line_with_every_digit_of_its_ids(sandbox: Sandbox) -> None:
    put = rows(20)
    sandbox.put_rows(put)

    (page,) = feed(sandbox).pages(START, NOON)

    assert [line.order_number for line in page.snapshots] == [
        str(each["trade_parent_id"]) for each in put
    ]
    assert {line.position for line in page.snapshots} == {ADZONE_ID}
    assert page.snapshots[3].paid_fen == 1990
    assert page.snapshots[3].as_of == START + timedelta(seconds=90)
    assert page.errors == ()


def test_an_empty_window_is_one_empty_page(sandbox: Sandbox) -> None:
    assert list(feed(sandbox).pages(START, NOON)) == [Page(number=1, snapshots=(), errors=())]


def test_rows_that_move_under_the_reader_leave_none_of_the_others_out(sandbox: Sandbox) -> None:
    put = rows(250)
    sandbox.put_rows(put)
    sandbox.clock.instant = NOON + MINUTE
    reading = feed(sandbox).pages(START, NOON)
    read = list(next(reading).snapshots)

    moved = [{"trade_id": put[number]["trade_id"], "tk_status": 14} for number in range(0, 200, 2)]
    sandbox.put_rows(moved)
    read += [line for page in reading for line in page.snapshots]
    later = lines(feed(sandbox).pages(NOON, NOON + MINUTE + timedelta(seconds=1)))

    first_pass = [str(line.sub_order_number) for line in read]
    assert len(first_pass) == len(set(first_pass))
    assert set(first_pass) | set(later) == set(ids(put))
    assert sorted(later) == sorted(str(each["trade_id"]) for each in moved)


def test_windows_that_touch_share_no_row_and_leave_none_out(sandbox: Sandbox) -> None:
    put = rows(40, step=MINUTE)
    sandbox.put_rows(put)
    middle = START + timedelta(minutes=20, microseconds=400_000)

    client = feed(sandbox)
    read = lines(client.pages(START, middle)) + lines(client.pages(middle, NOON))

    assert read == ids(put)


@pytest.mark.parametrize(
    ("query_type", "found"), [(1, ["create"]), (2, ["paid"]), (3, ["settled"]), (4, ["modified"])]
)
def test_each_query_type_looks_at_its_own_time(
    sandbox: Sandbox, query_type: int, found: list[str]
) -> None:
    elsewhere, inside = START - timedelta(days=2), START + MINUTE
    columns = {
        "create": "tk_create_time",
        "paid": "tk_paid_time",
        "settled": "tk_earning_time",
        "modified": "modified_time",
    }
    away = {"tk_paid_time": printed(elsewhere), "tk_create_time": "--"}
    put = {
        name: row(number, elsewhere) | away | {column: printed(inside)}
        for number, (name, column) in enumerate(columns.items())
    }
    sandbox.put_rows(list(put.values()))

    read = lines(feed(sandbox).pages(START, NOON, query_type=query_type))  # type: ignore[arg-type]  # one of four

    assert read == [str(put[name]["trade_id"]) for name in found]


def test_a_row_that_cannot_be_read_is_told_by_place_and_the_others_come(sandbox: Sandbox) -> None:
    put = [
        *rows(3),
        row(3, START + 3 * MINUTE, alipay_total_price="many"),
        row(4, START + 4 * MINUTE),
    ]
    sandbox.put_rows(put)

    (page,) = feed(sandbox).pages(START, NOON)

    assert len(page.snapshots) == 4
    assert page.errors == (RowError(line_number=3, column="alipay_total_price", code="AMOUNT"),)


def test_a_day_of_promotion_asks_for_short_windows(sandbox: Sandbox) -> None:
    sandbox.tell("POST", "/taobao/promotion-days", [str(date(2026, 3, 2))])
    put = rows(3)
    sandbox.put_rows(put)
    client = feed(sandbox)

    with pytest.raises(WindowTooLongError):
        list(client.pages(START, START + PROMOTION_WINDOW + timedelta(seconds=1)))

    assert lines(client.pages(START, START + PROMOTION_WINDOW)) == ids(put)


def test_the_longest_window_is_three_hours_on_other_days(sandbox: Sandbox) -> None:
    client = feed(sandbox)

    with pytest.raises(WindowTooLongError):
        list(client.pages(START - timedelta(seconds=1), NOON))

    assert len(list(client.pages(NOON - MAX_WINDOW, NOON))) == 1


def test_a_window_before_the_look_back_is_refused_for_good(sandbox: Sandbox) -> None:
    client = feed(sandbox)
    edge = NOON - LOOK_BACK

    with pytest.raises(RequestRefusedError) as refused:
        list(client.pages(edge - timedelta(seconds=1), edge + MINUTE))

    assert refused.value.facts["api_code"] == "2004"
    assert len(list(client.pages(edge, edge + MINUTE))) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOON, NOON),
        (NOON, START),
        (NOON, NOON + timedelta(milliseconds=900)),
        (NOON.replace(tzinfo=None), NOON + MINUTE),
    ],
)
def test_a_window_that_is_none_is_refused_before_any_call(
    sandbox: Sandbox, start: datetime, end: datetime
) -> None:
    sandbox.fail("taobao", status=500)

    with pytest.raises(ValueError, match="window"):
        feed(sandbox).pages(start, end)

    assert sandbox.server.world.faults.pending() == 1


def test_more_than_a_hundred_pages_ask_for_halves(sandbox: Sandbox) -> None:
    sandbox.put_rows(rows(10_001, step=timedelta(seconds=1)))
    reading = feed(sandbox).pages(START, NOON)

    pages = [next(reading) for _ in range(100)]
    with pytest.raises(WindowTooFullError):
        next(reading)

    assert sum(len(page.snapshots) for page in pages) == 10_000


def test_exactly_a_hundred_pages_are_read(sandbox: Sandbox) -> None:
    sandbox.put_rows(rows(10_000, step=timedelta(seconds=1)))

    assert sum(len(page.snapshots) for page in feed(sandbox).pages(START, NOON)) == 10_000


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seconds=st.lists(st.integers(0, 600), max_size=60),
    cuts=st.lists(st.integers(1, 599), max_size=4, unique=True).map(sorted),
)
def test_any_cutting_of_a_time_into_windows_reads_every_row_once(
    sandbox: Sandbox, seconds: list[int], cuts: list[int]
) -> None:
    sandbox.tell("DELETE", "")
    put = [row(number, START + timedelta(seconds=second)) for number, second in enumerate(seconds)]
    sandbox.put_rows(put)
    ends = [0, *cuts, 601]
    client = feed(sandbox)

    read = [
        line
        for first, last in pairwise(ends)
        for line in lines(
            client.pages(START + timedelta(seconds=first), START + timedelta(seconds=last))
        )
    ]

    assert sorted(read) == sorted(ids(put))
