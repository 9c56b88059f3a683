"""Requests in parts; every route with every bad field is in tests/security/test_bad_input.py."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.problems import FieldsInvalidError
from huixue.edge.requests import (
    BodyMalformedError,
    BodyNotJsonError,
    BodyTooLargeError,
    Request,
    cursor_content,
    cursor_of,
)
from huixue.edge.wire import OrderRequest, OrderSyncRequest
from huixue.kernel.errors import CursorInvalidError, NotFoundError
from tests.unit.sandbox.running import UNTIMED

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=256)


def body_of(content: object, **more: Any) -> Request:
    return Request({"body": json.dumps(content), **more})


def refused_fields(content: object, kind: type[Any] = OrderRequest) -> list[tuple[str, str]]:
    with pytest.raises(FieldsInvalidError) as refused:
        body_of(content).body(kind)
    return list(refused.value.fields)


@UNTIMED
@given(place=VISIBLE)
def test_a_cursor_comes_back_as_it_went(place: str) -> None:
    cursor = cursor_of(place)

    assert cursor is not None
    assert cursor_content(cursor) == place
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_last_page_has_no_cursor() -> None:
    assert cursor_of(None) is None


@UNTIMED
@given(text=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_says_to_be_a_cursor_is_one_or_refused(text: str) -> None:
    try:
        place = cursor_content(text)
    except CursorInvalidError:
        return
    assert 1 <= len(place) <= 256


@pytest.mark.parametrize("depth", [500, 5_000, 100_000])
def test_a_cursor_nested_beyond_all_reason_is_refused(depth: int) -> None:
    text = base64.urlsafe_b64encode(b"[" * depth).decode()

    with pytest.raises(CursorInvalidError):
        cursor_content(text)


@pytest.mark.parametrize("content", ["\ud800", "\0", "a b", "订", "", "x" * 257, 1, None, ["a"]])
def test_a_cursor_to_no_place_of_ours_is_refused(content: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps([1, content]).encode()).decode()

    with pytest.raises(CursorInvalidError):
        cursor_content(text)


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("20", 20), ("100", 100), ("007", 7)])
def test_a_limit_is_one_to_a_hundred(text: str, limit: int) -> None:
    assert Request({"queryStringParameters": {"limit": text}}).limit() == limit


@UNTIMED
@given(text=st.text() | st.integers().map(str))
def test_whatever_says_to_be_a_limit_is_one_or_refused(text: str) -> None:
    try:
        limit = Request({"queryStringParameters": {"limit": text}}).limit()
    except FieldsInvalidError:
        return
    assert 1 <= limit <= 100


@pytest.mark.parametrize("event", [{}, {"queryStringParameters": None}])
def test_without_a_query_the_default_holds(event: dict[str, Any]) -> None:
    assert (Request(event).limit(), Request(event).cursor()) == (20, None)


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("en", True), ("en-US,en;q=0.9", True), (" EN", True), ("zh-CN,en;q=0.9", False),
        ("", False), ("*", False), ("fr", False), (None, False),
    ],
)  # fmt: skip
def test_english_is_for_those_who_ask_for_it_first(said: str | None, english: bool) -> None:
    headers = {} if said is None else {"Accept-Language": said}

    assert Request({"headers": headers}).wants_english is english


@pytest.mark.parametrize("path", ["/v1/x/" + "1" * 19, "/v1/x/13800000000", "/" + "1" * 9999])
def test_a_path_is_logged_without_long_numbers(path: str) -> None:
    route = Request({"rawPath": path}).route

    assert "111111" not in route
    assert "1380000" not in route
    assert len(route) <= 200


@pytest.mark.parametrize("text", [None, "", " ", "x" * 129, "\0", "\ud800", "订", "a b"])
def test_what_cannot_be_an_id_is_not_found(text: str | None) -> None:
    with pytest.raises(NotFoundError):
        Request({"pathParameters": {"claim_id": text}}).path_id("claim_id")


def test_an_id_is_taken_as_it_stands() -> None:
    assert Request({"pathParameters": {"claim_id": "clm_x"}}).path_id("claim_id") == "clm_x"


def test_missing_and_bad_fields_are_named_together() -> None:
    assert refused_fields({"platform": 7, "account": ""}) == [
        ("/platform", "INVALID"),
        ("/order_number", "REQUIRED"),
        ("/account", "INVALID"),
    ]
    assert refused_fields({}, OrderSyncRequest) == [
        ("/platform", "REQUIRED"),
        ("/account", "REQUIRED"),
        ("/order_number", "REQUIRED"),
        ("/paid_amount_fen", "REQUIRED"),
    ]


def test_fields_nobody_knows_are_passed_over() -> None:
    content = {"platform": "taobao", "order_number": "1", "new": {"deep": [None]}, "": 1}

    assert body_of(content).body(OrderRequest) == OrderRequest(platform="taobao", order_number="1")


@pytest.mark.parametrize("amount", [0, 1, 10**10])
def test_amounts_reach_from_nothing_to_a_hundred_million_yuan(amount: int) -> None:
    content = {"platform": "p", "account": "a", "order_number": "1", "paid_amount_fen": amount}

    assert body_of(content).body(OrderSyncRequest).paid_amount_fen == amount


@UNTIMED
@given(raw=st.binary(max_size=300), encoded=st.booleans())
def test_whatever_bytes_come_they_are_a_body_or_refused(raw: bytes, encoded: bool) -> None:
    text = base64.b64encode(raw).decode() if encoded else raw.decode("latin-1")

    with pytest.raises((BodyMalformedError, FieldsInvalidError)):
        Request({"body": text, "isBase64Encoded": encoded}).body(OrderRequest)


def test_size_is_looked_at_first_and_the_type_before_the_content() -> None:
    huge = {"body": "x" * 300_000, "headers": {"content-type": "text/plain"}}

    with pytest.raises(BodyTooLargeError):
        Request(huge).body(OrderRequest)
    with pytest.raises(BodyNotJsonError):
        Request({"body": "{", "headers": {"content-type": "text/plain"}}).body(OrderRequest)


def test_characters_beyond_the_first_plane_are_one_character_each() -> None:
    content = {"platform": "p", "order_number": "1", "account": "😀" * 64}

    assert body_of(content).body(OrderRequest).account == "😀" * 64
    longer = content | {"account": "😀" * 65}
    assert refused_fields(longer) == [("/account", "INVALID")]


def test_a_day_of_the_path_is_a_day_of_the_calendar() -> None:
    assert Request({"pathParameters": {"date": "2028-02-29"}}).path_date("date") == date(
        2028, 2, 29
    )


@pytest.mark.parametrize(
    "text", ["2027-02-29", "2028-2-29", "20280229", "", "2028-02-29x", "0000-01-01"]
)
def test_another_text_is_no_day(text: str) -> None:
    with pytest.raises(FieldsInvalidError) as error:
        Request({"pathParameters": {"date": text}}).path_date("date")

    assert error.value.fields == [("{date}", "INVALID")]
