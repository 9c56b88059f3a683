"""Bodies that are none: not JSON, no object, too large, of another type; and whatever hypothesis thinks of."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.requests import MAX_BODY_BYTES
from tests.functions.http import MAY_HAVE_BODY, WITH_BODY, asked, assert_problem, call
from tests.functions.stage import Stage
from tests.security.refusing import FIELDS, GOOD, refused, request_of
from tests.unit.sandbox.running import UNTIMED

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


@pytest.mark.parametrize("function", WITH_BODY)
@pytest.mark.parametrize("kind", SPOILT_BODIES)
def test_a_body_that_is_no_object_is_refused(shared_stage: Stage, function: str, kind: str) -> None:
    raw, status, code = SPOILT_BODIES[kind]

    found = refused(shared_stage, function, request_of(shared_stage, function, raw=raw))

    assert_problem(found, status, code)


@pytest.mark.parametrize("function", MAY_HAVE_BODY)
@pytest.mark.parametrize("raw", ["{" + " " * MAX_BODY_BYTES + "}", b" " * (MAX_BODY_BYTES + 1)])
def test_no_route_takes_more_than_256_kb_whether_it_reads_a_body_or_not(
    shared_stage: Stage, function: str, raw: str | bytes
) -> None:
    found = refused(shared_stage, function, request_of(shared_stage, function, raw=raw))

    assert_problem(found, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("function", WITH_BODY)
def test_a_request_without_a_body_is_refused(shared_stage: Stage, function: str) -> None:
    event = request_of(shared_stage, function)
    del event["body"]

    assert_problem(refused(shared_stage, function, event), 400, "BODY_MALFORMED")


@pytest.mark.parametrize("function", WITH_BODY)
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", "", ";"],
)
def test_another_content_type_is_refused(
    shared_stage: Stage, function: str, content_type: str
) -> None:
    headers = {"content-type": content_type}
    event = request_of(shared_stage, function, body=GOOD[function], headers=headers)

    assert_problem(refused(shared_stage, function, event), 415, "BODY_NOT_JSON")


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
    event = request_of(shared_stage, "submit_order", raw=raw, headers=headers)

    assert_problem(asked(shared_stage, "submit_order", event), 422, "PLATFORM_NOT_OFFERED")


def test_base64_that_is_none_is_refused(shared_stage: Stage) -> None:
    event = request_of(shared_stage, "submit_order", raw="é" * 5)
    event["isBase64Encoded"] = True

    found = refused(shared_stage, "submit_order", event)

    assert_problem(found, 400, "BODY_MALFORMED")


def test_exactly_256_kb_is_read_and_a_byte_more_is_not(shared_stage: Stage) -> None:
    fits = "{" + " " * (MAX_BODY_BYTES - 2) + "}"

    read = refused(shared_stage, "submit_order", request_of(shared_stage, "submit_order", raw=fits))
    more = request_of(shared_stage, "submit_order", raw=fits + " ")

    assert_problem(read, 400, "FIELDS_INVALID")
    assert_problem(refused(shared_stage, "submit_order", more), 413, "BODY_TOO_LARGE")


def test_of_a_name_said_twice_the_last_one_counts(shared_stage: Stage) -> None:
    raw = '{"platform":7,"platform":"nowhere","order_number":"1"}'

    found = call(shared_stage, "submit_order", token=shared_stage.token(), raw=raw)

    assert_problem(found, 422, "PLATFORM_NOT_OFFERED")


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
    found = asked(shared_stage, function, request_of(shared_stage, function, raw=json.dumps(body)))

    assert found.status in (400, 401, 404, 422), found.text


@pytest.mark.parametrize("function", WITH_BODY)
@UNTIMED
@given(raw=st.binary(max_size=200))
def test_whatever_bytes_come_it_is_never_our_fault(
    shared_stage: Stage, function: str, raw: bytes
) -> None:
    found = asked(shared_stage, function, request_of(shared_stage, function, raw=raw))

    assert found.status in (400, 401, 404, 422), found.text
