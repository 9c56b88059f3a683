from __future__ import annotations

import pytest

from tests.functions.http import asked, assert_problem, event_of, request
from tests.functions.stage import Stage


def test_an_unknown_route_is_a_problem_document(shared_stage: Stage) -> None:
    found = asked(shared_stage, "answer_unknown_route", event_of("answer_unknown_route/accepted"))

    assert_problem(found, 404, "ROUTE_NOT_FOUND")
    assert found.body["request_id"] == "JKJaXmPLvHcESHA="


def test_in_english_where_asked(shared_stage: Stage) -> None:
    event = request("answer_unknown_route", headers={"Accept-Language": "EN-us"})

    found = asked(shared_stage, "answer_unknown_route", event)

    assert_problem(found, 404, "ROUTE_NOT_FOUND", english=True)


@pytest.mark.parametrize("path", ["/", "", None, "/v1/\ud800", "/" + "x" * 9000, "/v1/orders/"])
def test_whatever_the_path_is(shared_stage: Stage, path: str | None) -> None:
    event = request("answer_unknown_route") | {"rawPath": path}

    assert_problem(asked(shared_stage, "answer_unknown_route", event), 404, "ROUTE_NOT_FOUND")
