"""Every field of every route, wrong in every way: the 4xx of the contract, nothing written, nothing sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.http import WITH_BODY, asked, assert_problem, call, pointers
from tests.functions.stage import Stage
from tests.security.refusing import FIELDS, GOOD, LONGEST, OPTIONAL, refused, request_of

NO_TEXT: tuple[object, ...] = (7, -1, 10**30, 7.5, True, [], ["taobao"], {}, {"a": 1}, "a\0b")
NO_AMOUNT: tuple[object, ...] = ("17880", 1.5, 1.0, True, -1, 10**10 + 1, 10**30, [], {}, "")
MAY_BE_EMPTY = {
    "platform",
    "order_number",
}  # texts, but none of the platform's: a rule says no, 422


@pytest.mark.parametrize(("function", "field"), FIELDS)
def test_a_field_of_the_wrong_type_or_size_is_named(
    shared_stage: Stage, function: str, field: str
) -> None:
    bad: list[Any] = list(NO_AMOUNT if field == "paid_amount_fen" else NO_TEXT)
    bad += [] if (function, field) in OPTIONAL else [None]
    bad += [] if field in MAY_BE_EMPTY else [""]
    bad += ["x" * (LONGEST.get(field, 64) + 1)]
    bad += [" ", "\u3000\n"] if field == "message" else []
    for value in bad:
        event = request_of(shared_stage, function, body=GOOD[function] | {field: value})

        found = refused(shared_stage, function, event)

        assert_problem(found, 400, "FIELDS_INVALID")
        assert pointers(found) == [f"/{field}"], value
        assert found.body["errors"][0]["code"] == "INVALID"


@pytest.mark.parametrize(("function", "field"), sorted({*FIELDS} - OPTIONAL))
def test_a_missing_field_is_named(shared_stage: Stage, function: str, field: str) -> None:
    body = {name: value for name, value in GOOD[function].items() if name != field}

    found = refused(shared_stage, function, request_of(shared_stage, function, body=body))

    assert_problem(found, 400, "FIELDS_INVALID")
    assert found.body["errors"] == [
        {"pointer": f"/{field}", "code": "REQUIRED", "detail": "缺少这一项"}
    ]


@pytest.mark.parametrize("function", WITH_BODY)
def test_all_bad_fields_are_named_at_once_in_the_asked_language(
    shared_stage: Stage, function: str
) -> None:
    body: dict[str, list[str]] = {field: [] for field in GOOD[function]}
    headers = {"accept-language": "en-GB,en;q=0.9,zh;q=0.1"}

    event = request_of(shared_stage, function, body=body, headers=headers)
    found = refused(shared_stage, function, event)

    assert_problem(found, 400, "FIELDS_INVALID", english=True)
    assert pointers(found) == [f"/{field}" for field in GOOD[function]]
    assert {error["detail"] for error in found.body["errors"]} == {"is not valid"}


@pytest.mark.parametrize("function", ["submit_order", "start_order_sync"])
@pytest.mark.parametrize("platform", ["", "nowhere", "Taobao", "taobao ", "jd", "../demo", "淘宝"])
def test_a_platform_the_programme_does_not_offer_is_a_rule(
    shared_stage: Stage, function: str, platform: str
) -> None:
    before = shared_stage.contents()
    event = request_of(shared_stage, function, body=GOOD[function] | {"platform": platform})

    found = asked(shared_stage, function, event)

    assert_problem(found, 422, "PLATFORM_NOT_OFFERED")
    assert shared_stage.contents() == before


@pytest.mark.parametrize("function", ["submit_order", "start_order_sync"])
@pytest.mark.parametrize("text", ["", " ", "1" * 14, "1" * 21, "1" * 64, "1" * 15 + "x", "-" * 16])
def test_a_number_the_platform_never_writes_is_a_rule(
    shared_stage: Stage, function: str, text: str
) -> None:
    before = shared_stage.contents()
    event = request_of(shared_stage, function, body=GOOD[function] | {"order_number": text})

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
    event = request_of(shared_stage, function, query={"limit": limit})

    found = refused(shared_stage, function, event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["?limit"]


@pytest.mark.parametrize("function", ["get_order", "get_order_sync", "appeal_order"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "clm_" + "a" * 26, "x" * 129, "x" * 9000, "\0", "\ud800", "订单", "../../etc",
     "C#1", "' OR 1=1"],
)  # fmt: skip
def test_an_id_that_is_none_reads_like_one_that_is_not_there(
    shared_stage: Stage, function: str, text: str
) -> None:
    name = "sync_id" if function == "get_order_sync" else "claim_id"
    before = shared_stage.contents()
    body = GOOD.get(function)
    event = request_of(shared_stage, function, path={name: text}, body=body)

    assert_problem(asked(shared_stage, function, event), 404, "NOT_FOUND")
    assert shared_stage.contents() == before
