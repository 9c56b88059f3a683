from __future__ import annotations

import hashlib

import pytest

from huixue.edge.api import Answer
from huixue.edge.requests import Request
from huixue.edge.served_document import DOCUMENT, openapi_answer


def asked(if_none_match: str | None = None) -> Answer:
    headers = {} if if_none_match is None else {"if-none-match": if_none_match}
    return openapi_answer(Request({"headers": headers}))


def test_the_committed_bytes_are_served_under_their_digest() -> None:
    found = asked()

    content = DOCUMENT.read_bytes()
    assert (found.status, found.body) == (200, content)
    assert found.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@pytest.mark.parametrize("form", ["{}", "W/{}", "*", ' "a" , {}'])
def test_a_client_that_has_them_gets_nothing_again(form: str) -> None:
    etag = asked().headers["etag"]

    found = asked(form.format(etag))

    assert (found.status, found.body, found.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("said", ["", '"a"', "**", "W/"])
def test_a_client_that_has_others_gets_them(said: str) -> None:
    assert asked(said).status == 200
