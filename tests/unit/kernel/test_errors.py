"""Refusals: a stable code each, facts that are safe to show."""

from __future__ import annotations

import inspect
import re

import pytest

from huixue.kernel import errors
from huixue.kernel.errors import (
    ContentionError,
    HuixueError,
    RuleError,
    TooManyTriesError,
    UnavailableError,
)

KINDS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HuixueError)
]


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(set(codes)) == len(codes) > 5
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", code) for code in codes)


def test_a_refusal_carries_its_message_and_its_facts() -> None:
    error = RuleError("not here", platform="jd")

    assert (error.message, str(error), dict(error.facts)) == (
        "not here",
        "not here",
        {"platform": "jd"},
    )


def test_too_many_tries_say_when_to_come_back() -> None:
    error = TooManyTriesError("later", retry_after_s=90, scope="proofs")

    assert error.retry_after_s == 90
    assert error.facts == {"retry_after_s": 90, "scope": "proofs"}


@pytest.mark.parametrize("kind", [UnavailableError, ContentionError])
def test_what_may_be_tried_again_says_when(kind: type[UnavailableError]) -> None:
    assert kind("busy").retry_after_s == 1
    assert kind("busy", retry_after_s=5).retry_after_s == 5
    assert isinstance(kind("busy"), UnavailableError)
