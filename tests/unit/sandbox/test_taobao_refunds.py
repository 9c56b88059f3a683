"""The stand-in's refunds on the wire, asked without the client's code, and the route that puts them there."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from infra.sandbox.server import TAOBAO_APP_KEY
from infra.sandbox.taobao import expected_sign
from tests.unit.sandbox.running import Sandbox
from tests.unit.sandbox.test_taobao import SECRET, code, post, printed

OPTION: dict[str, object] = {
    "query_type": 5,
    "start_time": printed(180),
    "end_time": printed(0),
    "page_size": 10,
    "page_no": 1,
    "order_scene": 1,
    "member_type": 4,
    "jump_type": 1,
}
LINE = str(10**18 + 1)
ORDER: dict[str, object] = {
    "trade_id": LINE, "trade_parent_id": str(10**18), "tk_status": 14, "item_title": "贴纸",
    "tk_create_time": printed(1000), "tk_earning_time": printed(900), "pay_price": "19.90",
}  # fmt: skip
REFUND: dict[str, object] = {
    "refund_suit_id": "501", "tb_trade_id": LINE, "refund_status": 4, "refund_fee": "5.00",
    "tk_refund_time": printed(60), "modified_time": printed(60),
}  # fmt: skip


def fields_of(option: object, **changes: str | None) -> dict[str, str]:
    fields: dict[str, str | None] = {
        "method": "taobao.tbk.order.refund.get",
        "app_key": TAOBAO_APP_KEY,
        "timestamp": printed(0),
        "format": "json",
        "v": "2.0",
        "sign_method": "hmac-sha256",
        "publisher_refund_order_query_option": json.dumps(option),
    }
    kept = {name: value for name, value in (fields | changes).items() if value is not None}
    return kept if "sign" in kept else kept | {"sign": expected_sign(SECRET, kept)}


def ask(sandbox: Sandbox, fields: dict[str, str | None] | None = None, /, **option: object) -> Any:
    asked = {name: value for name, value in (OPTION | option).items() if value is not None}
    return json.loads(post(sandbox, fields_of(asked, **(fields or {}))))


def data(answer: Any) -> dict[str, Any]:
    return dict(answer["tbk_order_refund_get_response"]["data"])


def read(answer: Any) -> list[str]:
    rows = data(answer)["result"].get("publisher_refund_order_d_t_o", [])
    return [str(each["refund_suit_id"]) for each in rows]


def put(sandbox: Sandbox, count: int) -> list[str]:
    sandbox.put_rows([ORDER])
    rows = [
        REFUND | {"refund_suit_id": str(500 + at), "modified_time": printed(170 - at)}
        for at in range(count)
    ]
    sandbox.put_refunds(rows)
    return [str(each["refund_suit_id"]) for each in rows]


def test_a_refund_takes_from_its_order_what_it_does_not_say(sandbox: Sandbox) -> None:
    sandbox.put_rows([ORDER])
    sandbox.put_refunds([REFUND])

    assert sandbox.tell("GET", "/taobao/refunds") == [
        REFUND
        | {
            "tb_trade_parent_id": str(10**18),
            "item_title": "贴纸",
            "tb_trade_create_time": printed(1000),
            "earning_time": printed(900),
            "tb_trade_finish_price": "19.90",
        }
    ]


def test_a_refund_given_again_changes_what_it_names_and_its_time(sandbox: Sandbox) -> None:
    put(sandbox, 1)

    sandbox.put_refunds([{"refund_suit_id": 500, "refund_status": 2}])

    (known,) = sandbox.server.world.refunds.all()
    assert (known["refund_status"], known["refund_fee"]) == (2, "5.00")
    assert known["modified_time"] == printed(0)


def test_a_refund_may_come_before_its_order(sandbox: Sandbox) -> None:
    sandbox.put_refunds([REFUND | {"tb_trade_parent_id": str(10**18)}])

    assert read(ask(sandbox)) == ["501"]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (REFUND, "tb_trade_parent_id"),
        ({"refund_suit_id": "9"}, "refund_status"),
        ({"refund_status": 2}, "refund_suit_id"),
        (REFUND | {"tb_trade_id": "x"}, "tb_trade_id"),
        (REFUND | {"buyer_nick": "alice"}, "buyer_nick"),
        (REFUND | {"tk_refund_time": "today"}, "tk_refund_time"),
    ],
)
def test_what_is_no_refund_is_refused_with_what_was_expected_and_changes_nothing(
    sandbox: Sandbox, row: dict[str, object], named: str
) -> None:
    known = REFUND | {"refund_suit_id": "1", "tb_trade_parent_id": "2"}

    status, answer = sandbox.call("POST", "/taobao/refunds", [known, row])

    assert status == 400
    assert "row 1" in str(answer)
    assert named in str(answer)
    assert sandbox.tell("GET", "/taobao/refunds") == []


def test_one_call_forgets_refunds_too(sandbox: Sandbox) -> None:
    put(sandbox, 1)

    sandbox.tell("DELETE", "")

    assert sandbox.tell("GET", "/taobao/refunds") == []


def test_pages_go_forwards_and_backwards_by_position(sandbox: Sandbox) -> None:
    known = put(sandbox, 25)

    first = ask(sandbox)
    second = ask(sandbox, page_no=2, position_index=data(first)["position_index"])
    third = ask(sandbox, page_no=3, position_index=data(second)["position_index"])
    back = ask(sandbox, page_no=2, position_index=data(third)["position_index"], jump_type=-1)

    assert [*read(first), *read(second), *read(third)] == known
    assert read(back) == read(second)
    assert [data(page)["has_next"] for page in (first, second, third)] == [True, True, False]


def test_the_answer_says_its_code_and_an_empty_list_is_missing(sandbox: Sandbox) -> None:
    answer = ask(sandbox)["tbk_order_refund_get_response"]

    assert answer["result_code"] == 200
    assert answer["data"] == {
        "result": {}, "has_pre": False, "has_next": False, "page_no": 1, "page_size": 10,
        "pre_page": 0, "next_page": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query_type", "found"), [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5")]
)
def test_each_query_type_looks_at_its_own_time(
    sandbox: Sandbox, query_type: int, found: str
) -> None:
    columns = (
        "tk_refund_time", "earning_time", "tk_refund_suit_time", "tb_trade_create_time",
        "modified_time",
    )  # fmt: skip
    away = dict.fromkeys(columns, printed(5000))
    sandbox.put_refunds([
        REFUND | away | {"refund_suit_id": str(at), "tb_trade_parent_id": "1", name: printed(10)}
        for at, name in enumerate(columns, start=1)
    ])  # fmt: skip

    assert read(ask(sandbox, query_type=query_type)) == [found]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sign": None}, None),
        ({"sign": "0" * 64}, 25),
        ({"app_key": "1"}, 29),
        ({"timestamp": printed(11)}, 31),
        ({"v": "1.0"}, 33),
        ({"publisher_refund_order_query_option": None}, 40),
        ({"publisher_refund_order_query_option": "{"}, 41),
        ({"publisher_refund_order_query_option": "[]"}, 41),
        ({"publisher_refund_order_query_option": '{"query_type": [5]}'}, 41),
        ({"publisher_refund_order_query_option": "[" * 100_000}, 41),
    ],
)
def test_the_gateway_refuses_what_the_real_one_does(
    sandbox: Sandbox, changes: dict[str, str | None], expected: int | None
) -> None:
    answer = ask(sandbox, changes)

    if expected is None:
        assert "error_response" not in answer
    else:
        assert code(answer)[0] == expected


def test_a_changed_question_does_not_fit_the_signature(sandbox: Sandbox) -> None:
    sign = fields_of(OPTION)["sign"]

    assert code(ask(sandbox, {"sign": sign}, page_size=50)) == (25, "isv.invalid-signature")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start_time": "yesterday"}, 2000),
        ({"start_time": printed(0)}, 2001),
        ({"start_time": printed(-1), "end_time": printed(-2)}, 2002),
        ({"start_time": printed(90 * 1440 + 1), "end_time": printed(90 * 1440 - 1)}, 2004),
        ({"start_time": printed(180.1)}, 2007),
        ({"page_size": 101}, 1001),
        ({"page_no": 101}, 1001),
        ({"query_type": 6}, 1001),
        ({"order_scene": 2}, 1001),
        ({"member_type": 3}, 1001),
        ({"jump_type": 2}, 1005),
        ({"page_no": 2}, 1008),
    ],
)
def test_the_feed_refuses_what_it_does_not_take(
    sandbox: Sandbox, changes: dict[str, object], expected: int
) -> None:
    assert code(ask(sandbox, **changes)) == (15, str(expected))


@pytest.mark.parametrize("name", ["start_time", "end_time"])
def test_a_missing_time_is_an_error_of_the_interface_itself(sandbox: Sandbox, name: str) -> None:
    answer = ask(sandbox, **{name: None})["tbk_order_refund_get_response"]

    assert (answer["biz_error_code"], "data" in answer) == (101, False)


def test_orders_and_refunds_are_two_interfaces(sandbox: Sandbox) -> None:
    put(sandbox, 1)
    orders = fields_of(
        OPTION, method="taobao.tbk.order.details.get", query_type="4",
        start_time=printed(170), end_time=printed(-1),
    )  # fmt: skip

    answer = json.loads(post(sandbox, orders))

    rows = answer["tbk_order_details_get_response"]["data"]["results"]["publisher_order_dto"]
    assert [str(each["trade_id"]) for each in rows] == [LINE]


def test_xml_and_simplified_answers_hold_the_same(sandbox: Sandbox) -> None:
    known = put(sandbox, 2)

    root = ET.fromstring(post(sandbox, fields_of(OPTION, format=None)))
    simple = ask(sandbox, {"simplify": "true"})

    assert root.tag == "tbk_order_refund_get_response"
    assert [each.text for each in root.iter("refund_suit_id")] == known
    assert [each["refund_suit_id"] for each in simple["data"]["result"]] == known
