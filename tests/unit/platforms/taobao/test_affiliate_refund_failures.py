"""What the client of refunds makes of failures and of answers that are none."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

import pytest

from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from huixue.platforms.taobao.affiliate_errors import (
    RequestRefusedError,
    ThrottledError,
    TokenExpiredError,
    WindowTooLongError,
)
from infra.sandbox.server import TAOBAO_APP_KEY
from tests.unit.platforms.taobao.feeding import (
    SECRET,
    START,
    refund_ids,
    refund_rows,
    refunds,
)
from tests.unit.sandbox.running import NOON, Sandbox


def numbers(put: list[dict[str, object]]) -> list[str]:
    return [str(each["refund_suit_id"]) for each in put]


@pytest.mark.parametrize(
    ("app_key", "secret"), [(TAOBAO_APP_KEY, "wrong"), ("1", SECRET), ("", SECRET)]
)
def test_wrong_credentials_are_the_operators_business(
    sandbox: Sandbox, app_key: str, secret: str
) -> None:
    with pytest.raises(MisconfiguredError):
        next(refunds(sandbox, app_key=app_key, secret=secret).pages(START, NOON))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"errcode": 7}, ThrottledError),
        ({"errcode": 3000}, ThrottledError),
        ({"errcode": 3001}, UnavailableError),
        ({"errcode": 15}, UnavailableError),
        ({"errcode": 27}, TokenExpiredError),
        ({"errcode": 11}, MisconfiguredError),
        ({"errcode": 1001}, RequestRefusedError),
        ({"errcode": 2007}, WindowTooLongError),
        ({"status": 503}, UnavailableError),
        ({"status": 429}, ThrottledError),
        ({"cut": "before"}, UnavailableError),
        ({"cut": "after"}, UnavailableError),
    ],
)
def test_a_failure_on_the_way_has_a_kind_and_the_window_can_be_read_again(
    sandbox: Sandbox, fault: dict[str, object], kind: type[HuixueError]
) -> None:
    put = refund_rows(120)
    sandbox.put_refunds(put)
    client = refunds(sandbox)
    reading = client.pages(START, NOON)
    next(reading)
    sandbox.fail("taobao", **fault)

    with pytest.raises(HuixueError) as failed:
        next(reading)

    assert type(failed.value) is kind
    assert refund_ids(client.pages(START, NOON)) == numbers(put)


def answer(parts: Mapping[str, object]) -> str:
    return json.dumps({"tbk_order_refund_get_response": parts})


EMPTY: dict[str, object] = {"has_next": False}


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"biz_error_code": 101, "biz_error_desc": "开始时间不能为空"}, RequestRefusedError),
        ({"biz_error_code": "102", "data": EMPTY, "result_code": 200}, RequestRefusedError),
        ({"biz_error_code": 103, "biz_error_desc": "查询时间跨度过长"}, WindowTooLongError),
        ({"biz_error_code": 103, "biz_error_desc": "限流"}, ThrottledError),
        ({"biz_error_code": 999, "data": EMPTY}, UnavailableError),
        ({"biz_error_code": [], "data": EMPTY}, UnavailableError),
        ({"result_code": 500, "data": EMPTY}, UnavailableError),
        ({"result_code": True, "data": EMPTY}, UnavailableError),
        ({"result_code": 200}, UnavailableError),
    ],
)
def test_an_error_beside_the_data_is_an_error(
    sandbox: Sandbox, parts: dict[str, object], kind: type[HuixueError]
) -> None:
    sandbox.fail("taobao", body=answer(parts))

    with pytest.raises(HuixueError) as failed:
        list(refunds(sandbox).pages(START, NOON))

    assert type(failed.value) is kind
    assert "时间" not in f"{failed.value} {failed.value.facts}"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"has_next": "false"},
        {"has_next": True},
        {"has_next": False, "result": []},
        {"has_next": False, "result": {"publisher_refund_order_d_t_o": {}}},
        {"has_next": False, "result": {"some_new_name": [{}]}},
    ],
)
def test_an_answer_that_is_none_is_unavailable_and_never_an_empty_page(
    sandbox: Sandbox, data: object
) -> None:
    sandbox.fail("taobao", body=answer({"data": data, "result_code": 200}))

    with pytest.raises(UnavailableError):
        list(refunds(sandbox).pages(START, NOON))


@pytest.mark.parametrize("element", ["publisher_refund_order_d_t_o", "publisher_refund_order_dto"])
def test_either_name_of_the_element_is_read(sandbox: Sandbox, element: str) -> None:
    data = {"has_next": False, "result": {element: refund_rows(2)}}
    sandbox.fail("taobao", body=answer({"data": data}))

    assert refund_ids(refunds(sandbox).pages(START, NOON)) == numbers(refund_rows(2))


def test_rows_of_any_shape_are_told_one_by_one(sandbox: Sandbox) -> None:
    wrong: list[object] = [None, 7, "row", [], {}, {"refund_suit_id": {}}]
    data = {"has_next": False, "result": {"publisher_refund_order_d_t_o": wrong}}
    sandbox.fail("taobao", body=answer({"data": data}))

    (page,) = refunds(sandbox).pages(START, NOON)

    assert [error.line_number for error in page.errors] == [0, 1, 2, 3, 4, 5]


def test_paging_that_stands_still_is_given_up(sandbox: Sandbox) -> None:
    data = {"has_next": True, "position_index": "1_a|2_b"}
    sandbox.fail("taobao", body=answer({"data": data}), times=3)

    with pytest.raises(UnavailableError):
        list(refunds(sandbox).pages(START, NOON))

    assert sandbox.server.world.faults.pending() == 1


def test_secret_and_numbers_are_nowhere_to_be_read(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.put_refunds(refund_rows(2))
    client = refunds(sandbox)

    (page,) = client.pages(START, NOON)

    told = f"{client!r} {page!r} {caplog.text}"
    assert SECRET not in told
    assert "1876057285" not in told
    assert "7700000001" not in told
