"""Every field of every route, wrong in every way: the 4xx of the contract, nothing written, nothing sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.requests import MAX_BODY_BYTES
from tests.functions.http import (
    ROUTE_OF,
    WITH_BODY,
    Answered,
    asked,
    assert_problem,
    call,
    pointers,
    request,
)
from tests.functions.orders import number
from tests.functions.stage import Stage
from tests.unit.sandbox.running import UNTIMED

GOOD: dict[str, dict[str, Any]] = {
    "sign_in": {"code": "sandbox-alice-1", "programme_id": "demo"},
    "submit_order": {
        "platform": "taobao", "order_number": number(1), "account": "a_buyer", "room_level": "gold",
    },
    "start_order_sync": {
        "platform": "taobao", "account": "a_buyer", "order_number": number(1),
        "paid_amount_fen": 17_880,
    },
}  # fmt: skip
OPTIONAL = {
    ("sign_in", "programme_id"),
    ("submit_order", "account"),
    ("submit_order", "room_level"),
}
NO_TEXT = (7, -1, 10**30, 7.5, True, [], ["taobao"], {}, {"a": 1}, "a\0b")
NO_AMOUNT = ("17880", 1.5, 1.0, True, -1, 10**10 + 1, 10**30, [], {}, "")
MAY_BE_EMPTY = {
    "platform",
    "order_number",
}  # texts, but none of the platform's: a rule says no, 422
FIELDS = [(function, field) for function, body in GOOD.items() for field in body]
SPOILT_BODIES: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": ("", 400, "BODY_MALFORMED"),
    "no JSON": ("platform=taobao", 400, "BODY_MALFORMED"),
    "half of it": ('{"platform":"tao', 400, "BODY_MALFORMED"),
    "two of them": ("{}{}", 400, "BODY_MALFORMED"),
    "null": ("null", 400, "BODY_MALFORMED"),
    "a list": ("[]", 400, "BODY_MALFORMED"),
    "a text": ('"taobao"', 400, "BODY_MALFORMED"),
    "a number": ("7", 400, "BODY_MALFORMED"),
    "no number": ('{"platform":NaN}', 400, "BODY_MALFORMED"),
    "a number beyond all": ('{"platform":1e999}', 400, "BODY_MALFORMED"),
    "a number of 9000 digits": ('{"platform":' + "9" * 9000 + "}", 400, "BODY_MALFORMED"),
    "a lone surrogate": ('{"platform":"\\ud800"}', 400, "BODY_MALFORMED"),
    "a lone surrogate as a name": ('{"\\udc00":1}', 400, "BODY_MALFORMED"),
    "half a character": ('{"platform":"\ud800"}', 400, "BODY_MALFORMED"),
    "no UTF-8": (b'{"platform":"\xff\xfe"}', 400, "BODY_MALFORMED"),
    "GBK": ('{"platform":"淘宝"}'.encode("gbk"), 400, "BODY_MALFORMED"),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400, "BODY_MALFORMED"),
    "deeply nested": ("[" * 100_000, 400, "BODY_MALFORMED"),
    "deeply nested in a field": ('{"platform":' + "[" * 50_000 + "]" * 50_000 + "}", 400, "BODY_MALFORMED"),
    "300 KB": (json.dumps({"platform": "x" * 300 * 1024}), 413, "BODY_TOO_LARGE"),
    "300 KB of base64": (b"{" + b" " * 300 * 1024 + b"}", 413, "BODY_TOO_LARGE"),
    "100,000 characters of 3 bytes": ('{"a":"' + "淘" * 100_000 + '"}', 413, "BODY_TOO_LARGE"),
}  # fmt: skip


def _refused(stage: Stage, function: str, event: dict[str, Any]) -> Answered:
    """The answer, having made sure that nothing was read, written or sent for it."""
    before = stage.contents()
    stage.calls.clear()
    found = asked(stage, function, event)
    assert 400 <= found.status < 500
    assert [each for each in stage.calls if not each.startswith("secret")] == []
    assert stage.contents() == before
    return found


def _request(stage: Stage, function: str, **changes: Any) -> dict[str, Any]:
    token = stage.token() if ROUTE_OF[function].needs_session else None
    return request(function, token=token, **changes)


@pytest.mark.parametrize(("function", "field"), FIELDS)
def test_a_field_of_the_wrong_type_or_size_is_named(
    shared_stage: Stage, function: str, field: str
) -> None:
    bad: list[Any] = list(NO_AMOUNT if field == "paid_amount_fen" else NO_TEXT)
    bad += [] if (function, field) in OPTIONAL else [None]
    bad += [] if field in MAY_BE_EMPTY else [""]
    bad += ["x" * (257 if field == "code" else 65)]
    for value in bad:
        event = _request(shared_stage, function, body=GOOD[function] | {field: value})

        found = _refused(shared_stage, function, event)

        assert_problem(found, 400, "FIELDS_INVALID")
        assert pointers(found) == [f"/{field}"], value
        assert found.body["errors"][0]["code"] == "INVALID"


@pytest.mark.parametrize(("function", "field"), sorted({*FIELDS} - OPTIONAL))
def test_a_missing_field_is_named(shared_stage: Stage, function: str, field: str) -> None:
    body = {name: value for name, value in GOOD[function].items() if name != field}

    found = _refused(shared_stage, function, _request(shared_stage, function, body=body))

    assert_problem(found, 400, "FIELDS_INVALID")
    assert found.body["errors"] == [
        {"pointer": f"/{field}", "code": "REQUIRED", "detail": "缺少这一项"}
    ]


@pytest.mark.parametrize("function", WITH_BODY)
def test_all_bad_fields_are_named_at_once_in_the_asked_language(
    shared_stage: Stage, function: str
) -> None:
    body = dict.fromkeys(GOOD[function], [])
    headers = {"accept-language": "en-GB,en;q=0.9,zh;q=0.1"}

    event = _request(shared_stage, function, body=body, headers=headers)
    found = _refused(shared_stage, function, event)

    assert_problem(found, 400, "FIELDS_INVALID", english=True)
    assert pointers(found) == [f"/{field}" for field in GOOD[function]]
    assert {error["detail"] for error in found.body["errors"]} == {"is not valid"}


@pytest.mark.parametrize("function", WITH_BODY)
@pytest.mark.parametrize("kind", SPOILT_BODIES)
def test_a_body_that_is_no_object_is_refused(shared_stage: Stage, function: str, kind: str) -> None:
    raw, status, code = SPOILT_BODIES[kind]

    found = _refused(shared_stage, function, _request(shared_stage, function, raw=raw))

    assert_problem(found, status, code)


@pytest.mark.parametrize("function", WITH_BODY)
def test_a_request_without_a_body_is_refused(shared_stage: Stage, function: str) -> None:
    event = _request(shared_stage, function)
    del event["body"]

    assert_problem(_refused(shared_stage, function, event), 400, "BODY_MALFORMED")


@pytest.mark.parametrize("function", WITH_BODY)
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", "", ";"],
)
def test_another_content_type_is_refused(
    shared_stage: Stage, function: str, content_type: str
) -> None:
    headers = {"content-type": content_type}
    event = _request(shared_stage, function, body=GOOD[function], headers=headers)

    assert_problem(_refused(shared_stage, function, event), 415, "BODY_NOT_JSON")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=utf-8"},
        {"content-type": "Application/JSON ;charset=UTF-8"},
        {"content-type": None, "Content-Type": "application/json"},
        {"content-type": None},
    ],
)
def test_json_with_a_charset_in_any_case_and_base64_is_taken(
    shared_stage: Stage, headers: dict[str, str | None]
) -> None:
    raw = json.dumps({"platform": "nowhere", "order_number": "1", "unknown": {"a": [1]}}).encode()
    event = _request(shared_stage, "submit_order", raw=raw, headers=headers)

    assert_problem(asked(shared_stage, "submit_order", event), 422, "PLATFORM_NOT_OFFERED")


def test_base64_that_is_none_is_refused(shared_stage: Stage) -> None:
    event = _request(shared_stage, "submit_order", raw="é" * 5)
    event["isBase64Encoded"] = True

    found = _refused(shared_stage, "submit_order", event)

    assert_problem(found, 400, "BODY_MALFORMED")


def test_exactly_256_kb_is_read_and_a_byte_more_is_not(shared_stage: Stage) -> None:
    fits = "{" + " " * (MAX_BODY_BYTES - 2) + "}"

    read = _refused(shared_stage, "submit_order", _request(shared_stage, "submit_order", raw=fits))
    more = _request(shared_stage, "submit_order", raw=fits + " ")

    assert_problem(read, 400, "FIELDS_INVALID")
    assert_problem(_refused(shared_stage, "submit_order", more), 413, "BODY_TOO_LARGE")


def test_of_a_name_said_twice_the_last_one_counts(shared_stage: Stage) -> None:
    raw = '{"platform":7,"platform":"nowhere","order_number":"1"}'

    found = call(shared_stage, "submit_order", token=shared_stage.token(), raw=raw)

    assert_problem(found, 422, "PLATFORM_NOT_OFFERED")


@pytest.mark.parametrize("function", ["submit_order", "start_order_sync"])
@pytest.mark.parametrize("platform", ["", "nowhere", "Taobao", "taobao ", "jd", "../demo", "淘宝"])
def test_a_platform_the_programme_does_not_offer_is_a_rule(
    shared_stage: Stage, function: str, platform: str
) -> None:
    before = shared_stage.contents()
    event = _request(shared_stage, function, body=GOOD[function] | {"platform": platform})

    found = asked(shared_stage, function, event)

    assert_problem(found, 422, "PLATFORM_NOT_OFFERED")
    assert shared_stage.contents() == before


@pytest.mark.parametrize("function", ["submit_order", "start_order_sync"])
@pytest.mark.parametrize("text", ["", " ", "1" * 14, "1" * 21, "1" * 64, "1" * 15 + "x", "-" * 16])
def test_a_number_the_platform_never_writes_is_a_rule(
    shared_stage: Stage, function: str, text: str
) -> None:
    before = shared_stage.contents()
    event = _request(shared_stage, function, body=GOOD[function] | {"order_number": text})

    found = asked(shared_stage, function, event)

    assert_problem(found, 422, "ORDER_NUMBER_FORMAT")
    assert shared_stage.contents() == before


@pytest.mark.parametrize("name", ["nowhere", "DEMO", "demo/main", "P#demo", "../demo", "演示", " "])
def test_a_programme_that_is_not_there_is_not_found(shared_stage: Stage, name: str) -> None:
    body = {"code": "sandbox-alice-1", "programme_id": name}
    before = shared_stage.contents()

    found = call(shared_stage, "sign_in", body=body)

    assert_problem(found, 404, "PROGRAMME_NOT_FOUND")
    assert shared_stage.contents() == before


@pytest.mark.parametrize("function", ["list_orders", "list_entries"])
@pytest.mark.parametrize(
    "limit",
    ["", "0", "101", "-1", "+1", "1.0", "1e1", " 1", "x", "1,2", "９", "٣", "0000000015", "9" * 99,
     "0000000019999", "1_0", "\ud800"],
)  # fmt: skip
def test_a_limit_out_of_bounds_is_named(shared_stage: Stage, function: str, limit: str) -> None:
    event = _request(shared_stage, function, query={"limit": limit})

    found = _refused(shared_stage, function, event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["?limit"]


@pytest.mark.parametrize("function", ["get_order", "get_order_sync"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "clm_" + "a" * 26, "x" * 129, "x" * 9000, "\0", "\ud800", "订单", "../../etc",
     "C#1", "' OR 1=1"],
)  # fmt: skip
def test_an_id_that_is_none_reads_like_one_that_is_not_there(
    shared_stage: Stage, function: str, text: str
) -> None:
    name = "claim_id" if function == "get_order" else "sync_id"
    before = shared_stage.contents()
    event = _request(shared_stage, function, path={name: text})

    assert_problem(asked(shared_stage, function, event), 404, "NOT_FOUND")
    assert shared_stage.contents() == before


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
NAMES = st.sampled_from(sorted({field for _, field in FIELDS}))


@pytest.mark.parametrize("function", WITH_BODY)
@UNTIMED
@given(body=ANYTHING | st.dictionaries(NAMES, ANYTHING | st.just("taobao") | st.just("demo")))
def test_whatever_json_comes_it_is_never_our_fault(
    shared_stage: Stage, function: str, body: object
) -> None:
    found = asked(shared_stage, function, _request(shared_stage, function, raw=json.dumps(body)))

    assert found.status in (400, 401, 404, 422), found.text


@pytest.mark.parametrize("function", WITH_BODY)
@UNTIMED
@given(raw=st.binary(max_size=200))
def test_whatever_bytes_come_it_is_never_our_fault(
    shared_stage: Stage, function: str, raw: bytes
) -> None:
    found = asked(shared_stage, function, _request(shared_stage, function, raw=raw))

    assert found.status in (400, 401, 404, 422), found.text
