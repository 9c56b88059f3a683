from __future__ import annotations

import pytest

from huixue.edge.requests import cursor_of
from tests.functions.http import asked, assert_problem, call, event_of, pointers
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage

MEMBER = "mem_of_five"


@pytest.fixture(scope="module")
def claim_ids(shared_stage: Stage) -> list[str]:
    """Five claims, oldest first; the first two have an order."""
    bring([order(number(1)), order(number(2), state="paid")])
    token = shared_stage.token(MEMBER)
    bodies = [{"platform": "taobao", "order_number": number(n)} for n in range(1, 6)]
    ids = [call(shared_stage, "submit_order", token=token, body=body).body for body in bodies]
    pump(shared_stage)
    return [each["claim_id"] for each in ids]


def pages(stage: Stage, limit: str) -> list[list[str]]:
    found, query = [], {"limit": limit}
    while True:
        page = call(stage, "list_orders", token=stage.token(MEMBER), query=query).body
        assert set(page) <= {"items", "next_cursor"}
        found.append([item["claim_id"] for item in page["items"]])
        if "next_cursor" not in page:
            return found
        query = {"limit": limit, "cursor": page["next_cursor"]}


def test_claims_come_newest_first(shared_stage: Stage, claim_ids: list[str]) -> None:
    event = event_of("list_orders/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token(MEMBER)}"

    found = asked(shared_stage, "list_orders", event)

    assert found.status == 200
    assert [item["claim_id"] for item in found.body["items"]] == claim_ids[::-1]
    statuses = [item["status"] for item in found.body["items"]]
    assert statuses == ["waiting", "waiting", "waiting", "pending", "credited"]
    assert "next_cursor" not in found.body


def test_one_claim_reads_the_same_in_the_list_and_alone(
    shared_stage: Stage, claim_ids: list[str]
) -> None:
    token = shared_stage.token(MEMBER)
    items = call(shared_stage, "list_orders", token=token, query={}).body["items"]

    alone = [
        call(shared_stage, "get_order", token=token, path={"claim_id": each}).body
        for each in claim_ids[::-1]
    ]

    waiting_again = {"next_check_at"}
    assert [strip(each, waiting_again) for each in alone] == [
        strip(each, waiting_again) for each in items
    ]


def strip(body: dict[str, object], names: set[str]) -> dict[str, object]:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    ("limit", "sizes"), [("1", [1] * 5), ("2", [2, 2, 1]), ("5", [5]), ("100", [5])]
)
def test_pages_leave_nothing_out_and_repeat_nothing(
    shared_stage: Stage, claim_ids: list[str], limit: str, sizes: list[int]
) -> None:
    found = pages(shared_stage, limit)

    assert [len(page) for page in found] == sizes
    assert [each for page in found for each in page] == claim_ids[::-1]


def test_twenty_claims_are_a_page_where_no_limit_is_named(shared_stage: Stage) -> None:
    bring([order(number(n)) for n in range(100, 125)])
    token = shared_stage.token("mem_of_many")
    for n in range(100, 125):
        body = {"platform": "taobao", "order_number": number(n)}
        assert call(shared_stage, "submit_order", token=token, body=body).status == 202
        pump(shared_stage)

    event = event_of("list_orders/accepted")
    event["headers"]["authorization"] = f"Bearer {token}"
    del event["queryStringParameters"]
    found = asked(shared_stage, "list_orders", event)

    assert len(found.body["items"]) == 20
    assert found.body["next_cursor"]


def test_a_cursor_to_no_claim_of_hers_is_refused_instead_of_starting_over(
    shared_stage: Stage, claim_ids: list[str]
) -> None:
    for place in (claim_ids[0], "clm_none", "line#lin_x#0001"):
        query = {"cursor": str(cursor_of(place))}

        found = call(shared_stage, "list_orders", token=shared_stage.token("mem_x"), query=query)

        assert_problem(found, 400, "CURSOR_INVALID")


def test_a_limit_out_of_bounds_is_named(shared_stage: Stage) -> None:
    event = event_of("list_orders/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    found = asked(shared_stage, "list_orders", event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["?limit"]
