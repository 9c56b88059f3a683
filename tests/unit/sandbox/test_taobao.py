"""The stand-in's gateway and feed on the wire, asked without the client's code."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from huixue.kernel.calendar import SHANGHAI
from infra.sandbox.server import TAOBAO_APP_KEY
from infra.sandbox.taobao import canonical_string, expected_sign
from tests.unit.sandbox.running import NOON, Sandbox, secret_of, signature_vectors

SECRET = secret_of(f"taobao:{TAOBAO_APP_KEY}")


def printed(minutes_before_noon: float) -> str:
    instant = NOON - timedelta(minutes=minutes_before_noon)
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


QUESTION = {
    "method": "taobao.tbk.order.details.get",
    "app_key": TAOBAO_APP_KEY,
    "timestamp": printed(0),
    "format": "json",
    "v": "2.0",
    "sign_method": "hmac-sha256",
    "query_type": "4",
    "start_time": printed(180),
    "end_time": printed(0),
    "page_size": "10",
    "page_no": "1",
}


def post(sandbox: Sandbox, fields: dict[str, str]) -> bytes:
    reply = sandbox.pool.request_encode_body(
        "POST", sandbox.url("/taobao/router/rest"), fields=fields, encode_multipart=False
    )
    assert reply.status == 200
    return reply.data


def ask(sandbox: Sandbox, **changes: str | None) -> dict[str, Any]:
    """Signed as it stands after the changes, unless they hold a sign; None leaves a field out."""
    fields = {name: value for name, value in (QUESTION | changes).items() if value is not None}
    if "sign" not in changes:
        method = fields.get("sign_method", "md5")
        fields["sign"] = (
            expected_sign(SECRET, fields) if method in ("md5", "hmac", "hmac-sha256") else "X"
        )
    answer = json.loads(post(sandbox, fields))
    assert isinstance(answer, dict)
    return answer


def put(sandbox: Sandbox, count: int) -> list[str]:
    rows: list[dict[str, object]] = [
        {
            "trade_id": str(10**18 + number),
            "trade_parent_id": str(10**18 + number),
            "tk_status": 12,
            "modified_time": printed(170 - number),
        }
        for number in range(count)
    ]
    sandbox.put_rows(rows)
    return [str(row["trade_id"]) for row in rows]


def data(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(answer["tbk_order_details_get_response"]["data"])


def read(answer: dict[str, Any]) -> list[str]:
    return [str(row["trade_id"]) for row in data(answer)["results"].get("publisher_order_dto", [])]


def code(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["error_response"]["code"], answer["error_response"]["sub_code"]


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256", None])
def test_all_three_signatures_are_taken_and_md5_is_the_default(
    sandbox: Sandbox, method: str | None
) -> None:
    assert "tbk_order_details_get_response" in ask(sandbox, sign_method=method)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sign": None}, 24),
        ({"sign": "0" * 64}, 25),
        ({"sign_method": "sha1"}, 25),
        ({"app_key": None}, 28),
        ({"app_key": "1"}, 29),
        ({"timestamp": None}, 30),
        ({"timestamp": "now"}, 31),
        ({"timestamp": printed(10.1)}, 31),
        ({"timestamp": printed(-10.1)}, 31),
        ({"method": None}, 21),
        ({"method": "taobao.item.get"}, 22),
        ({"v": None}, 32),
        ({"v": "1.0"}, 33),
        ({"start_time": None}, 40),
    ],
)
def test_the_gateway_refuses_what_the_real_one_does(
    sandbox: Sandbox, changes: dict[str, str | None], expected: int
) -> None:
    assert code(ask(sandbox, **changes))[0] == expected


def test_a_clock_ten_minutes_off_is_taken(sandbox: Sandbox) -> None:
    assert "error_response" not in ask(sandbox, timestamp=printed(10))
    assert "error_response" not in ask(sandbox, timestamp=printed(-10))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start_time": "yesterday"}, 2000),
        ({"end_time": "2026-02-30 00:00:00"}, 2000),
        ({"start_time": printed(0)}, 2001),
        ({"start_time": printed(-1), "end_time": printed(-2)}, 2002),
        ({"start_time": printed(90 * 1440 + 1), "end_time": printed(90 * 1440 - 1)}, 2004),
        ({"start_time": printed(180.1)}, 2007),
        ({"page_size": "101"}, 1001),
        ({"page_size": "0"}, 1001),
        ({"page_no": "101"}, 1001),
        ({"query_type": "5"}, 1001),
        ({"jump_type": "2"}, 1005),
        ({"tk_status": "99"}, 1006),
        ({"page_no": "2"}, 1008),
        ({"page_no": "2", "position_index": "2"}, 1008),
    ],
)
def test_the_feed_refuses_what_the_real_one_does(
    sandbox: Sandbox, changes: dict[str, str | None], expected: int
) -> None:
    assert code(ask(sandbox, **changes)) == (15, str(expected))


def test_a_changed_parameter_does_not_fit_the_signature_and_the_canonical_string_is_logged(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sign = expected_sign(SECRET, QUESTION)
    changed = QUESTION | {"page_size": "50"}

    with caplog.at_level(logging.WARNING):
        answer = ask(sandbox, page_size="50", sign=sign)

    assert code(answer) == (25, "isv.invalid-signature")
    assert canonical_string(changed) in caplog.text
    assert SECRET not in caplog.text


def test_the_worked_negative_case_answers_as_written(sandbox: Sandbox) -> None:
    sign = str(signature_vectors()["top.tbk_order_details.hmac-sha256"]["expected"])

    error = ask(sandbox, page_size="50", sign=sign)["error_response"]

    assert error | {"request_id": ""} == {
        "code": 25,
        "msg": "Invalid signature",
        "sub_code": "isv.invalid-signature",
        "request_id": "",
    }


def test_anything_but_post_is_refused(sandbox: Sandbox) -> None:
    reply = sandbox.pool.request("GET", sandbox.url("/taobao/router/rest?format=json"))

    assert code(json.loads(reply.data))[0] == 9


def test_pages_go_forwards_and_backwards_by_position(sandbox: Sandbox) -> None:
    trade_ids = put(sandbox, 25)

    first = ask(sandbox)
    second = ask(sandbox, page_no="2", position_index=data(first)["position_index"])
    third = ask(sandbox, page_no="3", position_index=data(second)["position_index"])
    back = ask(sandbox, page_no="2", position_index=data(third)["position_index"], jump_type="-1")

    assert [*read(first), *read(second), *read(third)] == trade_ids
    assert read(back) == read(second)
    assert [(data(page)["has_pre"], data(page)["has_next"]) for page in (first, second, third)] == [
        (False, True),
        (True, True),
        (True, False),
    ]


def test_a_row_that_leaves_the_window_shifts_nobody(sandbox: Sandbox) -> None:
    trade_ids = put(sandbox, 25)
    first = ask(sandbox)
    sandbox.put_rows([{"trade_id": trade_ids[2], "tk_status": 14}])

    second = ask(sandbox, page_no="2", position_index=data(first)["position_index"])

    assert read(second) == trade_ids[10:20]


def test_an_empty_list_is_missing_altogether(sandbox: Sandbox) -> None:
    answer = data(ask(sandbox))

    assert answer == {
        "results": {},
        "has_pre": False,
        "has_next": False,
        "page_no": 1,
        "page_size": 10,
    }


def test_ids_are_sometimes_numbers_and_sometimes_text(sandbox: Sandbox) -> None:
    put(sandbox, 10)

    rows = data(ask(sandbox))["results"]["publisher_order_dto"]

    assert {type(row["trade_id"]) for row in rows} == {int, str}


def test_simplified_answers_have_neither_root_nor_wrapper(sandbox: Sandbox) -> None:
    trade_ids = put(sandbox, 2)

    answer = ask(sandbox, simplify="true")

    assert set(answer) == {"data", "request_id"}
    assert [str(row["trade_id"]) for row in answer["data"]["results"]] == trade_ids
    assert "error_response" in ask(sandbox, simplify="true", page_no="0")


def test_xml_is_the_default_and_holds_the_same(sandbox: Sandbox) -> None:
    trade_ids = put(sandbox, 3)
    sandbox.put_rows(
        [{"trade_id": trade_ids[0], "item_title": "<&>\u0001", "modified_time": printed(170)}]
    )
    fields = {name: value for name, value in QUESTION.items() if name != "format"}

    root = ET.fromstring(post(sandbox, fields | {"sign": expected_sign(SECRET, fields)}))
    refused = ET.fromstring(post(sandbox, {"method": "x"}))

    assert root.tag == "tbk_order_details_get_response"
    assert [each.text for each in root.iter("trade_id")] == trade_ids
    assert root.findtext("data/has_next") == "false"
    assert next(root.iter("item_title")).text == "<&>"
    assert (refused.tag, refused.findtext("code")) == ("error_response", "28")


def test_rows_can_be_asked_for_by_state(sandbox: Sandbox) -> None:
    trade_ids = put(sandbox, 4)
    sandbox.put_rows([{"trade_id": trade_ids[1], "tk_status": 14, "modified_time": printed(100)}])

    assert read(ask(sandbox, tk_status="14")) == [trade_ids[1]]


def test_a_day_of_promotion_takes_twenty_minutes_and_not_a_second_more(sandbox: Sandbox) -> None:
    sandbox.tell("POST", "/taobao/promotion-days", ["2026-03-02"])

    assert code(ask(sandbox, start_time=printed(20 + 1 / 60)))[1] == "2007"
    assert "error_response" not in ask(sandbox, start_time=printed(20))


def test_the_evening_before_a_promotion_is_an_ordinary_one(sandbox: Sandbox) -> None:
    sandbox.tell("POST", "/taobao/promotion-days", ["2026-03-02"])

    answer = ask(sandbox, start_time="2026-03-01 21:00:00", end_time="2026-03-02 00:00:00")

    assert "error_response" not in answer
