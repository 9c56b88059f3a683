"""Every code that can be raised has an HTTP answer or is deliberately ours alone."""

from __future__ import annotations

import ast
import json
from typing import get_args

import msgspec
import pytest

from huixue.check_ins.marking import MakeUpNotAllowedError, Why
from huixue.edge.import_files import UploadGoneError
from huixue.edge.problems import STATUS, TITLES, FieldsInvalidError, headers_of, problem_of
from huixue.edge.routes import ROUTES
from huixue.edge.sentences import MAKE_UP
from huixue.edge.session_tokens import UnauthenticatedError
from huixue.kernel.errors import (
    HuixueError,
    MemberErasedError,
    MismatchError,
    NotFoundError,
    UnavailableError,
)
from huixue.platforms.taobao.affiliate_errors import ThrottledError, TokenExpiredError
from huixue.programme.model import ProgrammeChangedError
from tests.house.checkout import RUNTIME_CODE, sources, syntax_of
from tests.house.rules.documents import error_codes

OURS_ALONE = {
    "RULE": "the base of refusals, never raised itself",
    "MESSAGE_MALFORMED": "of queues",
    "MEMBER_ERASED": "to HTTP she is nobody: answered as UNAUTHENTICATED",
    "CASE_DECIDED": "of deciding cases, which operators do",
    "VERDICT_REFUSED": "of deciding cases, which operators do",
    "SEASON_CHANGED": "of publishing and changing streams, which operators do",
    "SEASON_TOO_LARGE": "of publishing, which operators do",
    "UPLOAD_GONE": "of imports: kept in the import's record for the operator",
}
"""Codes that no member is answered with, beside those named by their modules below."""
INTERNAL_MODULES = {
    "check_ins/marking": "without rules members are told that no season is published (check_in_desk)",
    "check_ins/ports": "of publishing, which operators do",
    "check_ins/sheets": "a stored account is broken: a fault of ours, which an operator mends",
    "check_ins/versions": "of publishing, which operators do",
    "dynamodb": "conditions that callers decide again",
    "platforms": "of feeds and files, which only queues and schedules read",
    "orders/feeds": "of feeds",
    "orders/imports": "of imports",
    "orders/ports": "a lost race inside a use case, decided again there",
    "points": "a lost race inside a use case, decided again there",
    "programme": "of publishing, which operators do",
    "seasons/changing": "of streams and slots, which operators change",
    "seasons/standing": "of publishing, which operators do",
    "members": "of merging and levels, which no route asks for",
}


def all_codes() -> list[tuple[str, str]]:
    """(code, module) of every error class of the layer."""
    modules: dict[str, ast.Module] = {
        path.relative_to(RUNTIME_CODE).with_suffix("").as_posix(): syntax_of(path)
        for path in sources(RUNTIME_CODE)
    }
    return [(code, where.split(" ")[0]) for code, where in error_codes(modules)]


@pytest.mark.parametrize(("code", "module"), all_codes())
def test_a_code_has_a_status_or_a_reason_to_have_none(code: str, module: str) -> None:
    internal = code in OURS_ALONE or any(
        module == each or module.startswith(f"{each}/") for each in INTERNAL_MODULES
    )

    assert code in STATUS or internal, f"{module} raises {code}: give it a status and sentences"


def test_every_status_has_its_code_somewhere() -> None:
    raised = {code for code, _ in all_codes()}

    assert set(STATUS) - raised == {"FORBIDDEN"}  # kept for operators' calls to come


def test_every_status_has_its_title() -> None:
    assert set(STATUS.values()) <= set(TITLES)


def test_every_refusal_a_route_names_has_a_status() -> None:
    assert {code for route in ROUTES for code in route.refusals} <= set(STATUS)


def test_a_problem_is_complete() -> None:
    problem = problem_of(NotFoundError("secret words"), request_id="r", english=True)

    assert json.loads(msgspec.json.encode(problem)) == {
        "type": "urn:huixue:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
        "code": "NOT_FOUND",
        "request_id": "r",
    }


def test_bad_fields_are_all_told_in_the_askers_language() -> None:
    error = FieldsInvalidError([("/a", "REQUIRED"), ("?limit", "INVALID")])

    problem = problem_of(error, request_id="r", english=False)

    assert [(each.pointer, each.code, each.detail) for each in problem.errors] == [
        ("/a", "REQUIRED", "缺少这一项"),
        ("?limit", "INVALID", "这一项不正确"),
    ]


def test_a_mismatch_names_its_field() -> None:
    problem = problem_of(MismatchError("x", field="account"), request_id="r", english=False)

    assert (problem.status, problem.field) == (409, "account")


def test_a_code_without_a_status_is_our_fault_and_says_nothing() -> None:
    class _OursAloneError(HuixueError):
        code = "A_SECRET_OF_OURS"

    problem = problem_of(_OursAloneError("more secrets"), request_id="r", english=True)

    assert (problem.status, problem.code) == (500, "INTERNAL")
    assert "secret" not in str(problem).lower()


def test_a_kind_of_a_known_error_is_answered_like_it() -> None:
    for error, status, code in (
        (ThrottledError("x"), 503, "UNAVAILABLE"),
        (TokenExpiredError("x"), 503, "MISCONFIGURED"),
        (UploadGoneError("x"), 404, "NOT_FOUND"),
        (ProgrammeChangedError("x"), 500, "INTERNAL"),
    ):
        problem = problem_of(error, request_id="r", english=False)
        assert (problem.status, problem.code) == (status, code)


@pytest.mark.parametrize("code", STATUS)
def test_who_should_come_back_is_told_when_and_who_must_sign_in_how(code: str) -> None:
    error = HuixueError("x")
    error.code = code

    headers = headers_of(error, STATUS[code])

    assert ("retry-after" in headers) == (STATUS[code] in (429, 503))
    assert ("www-authenticate" in headers) == (STATUS[code] == 401)


def test_how_long_to_wait_is_the_errors_word() -> None:
    assert headers_of(UnavailableError("x", retry_after_s=5), 503)["retry-after"] == "5"


def test_who_was_erased_is_told_to_sign_in_and_no_more() -> None:
    problem = problem_of(MemberErasedError("she was erased"), request_id="r", english=False)

    assert (problem.status, problem.code) == (401, "UNAUTHENTICATED")
    assert headers_of(MemberErasedError("x"), problem.status)["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("why", get_args(Why))
def test_why_a_day_cannot_be_made_up_for_is_told_in_a_sentence_of_its_own(why: Why) -> None:
    error = MakeUpNotAllowedError(why)

    found = problem_of(error, request_id="r", english=False)

    assert (found.status, found.code, found.why) == (422, "MAKE_UP_NOT_ALLOWED", why)
    assert found.detail == MAKE_UP[why][0]
    assert problem_of(error, request_id="r", english=True).detail == MAKE_UP[why][1]


def test_why_a_session_is_refused_is_told_to_nobody() -> None:
    found = problem_of(UnauthenticatedError("expired"), request_id="r", english=True)

    assert found.why is None
