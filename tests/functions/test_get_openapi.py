from __future__ import annotations

import json

import pytest

from huixue.edge.openapi import text
from tests.functions.http import asked, call, event_of
from tests.functions.stage import Stage


def test_the_document_is_served_as_generated_for_anybody_and_may_be_kept(
    shared_stage: Stage,
) -> None:
    shared_stage.calls.clear()

    found = asked(shared_stage, "get_openapi", event_of("get_openapi/accepted"))

    assert found.status == 200
    assert found.body == json.loads(text())
    assert found.headers["content-type"] == "application/json"
    assert found.headers["cache-control"] == "public, max-age=300"
    assert shared_stage.calls == []


def test_who_has_any_document_may_ask_with_a_star(shared_stage: Stage) -> None:
    found = asked(shared_stage, "get_openapi", event_of("get_openapi/accepted_unchanged"))

    assert (found.status, found.text) == (304, "")


@pytest.mark.parametrize("form", ["{}", "W/{}", '"old", {}', '"old",W/{} , "older"'])
def test_who_has_this_document_gets_304(shared_stage: Stage, form: str) -> None:
    etag = call(shared_stage, "get_openapi").headers["etag"]

    found = call(shared_stage, "get_openapi", headers={"If-None-Match": form.format(etag)})

    assert (found.status, found.text, found.headers["etag"]) == (304, "", etag)


@pytest.mark.parametrize("said", ["", '"old"', "W/", "x" * 9000])
def test_who_has_another_one_gets_it(shared_stage: Stage, said: str) -> None:
    assert call(shared_stage, "get_openapi", headers={"if-none-match": said}).status == 200
