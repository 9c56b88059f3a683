from __future__ import annotations

import re
from typing import get_args

import pytest

from huixue.edge.problems import STATUS
from huixue.edge.sentences import (
    FIELD_SENTENCES,
    REASONS,
    SENTENCES,
    field_sentence,
    reason_sentence,
    sentence,
)
from huixue.orders.model import Reason

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_code_that_is_answered_has_a_sentence_and_no_other() -> None:
    assert set(SENTENCES) == set(STATUS)


@pytest.mark.parametrize(("chinese", "english"), [*SENTENCES.values(), *FIELD_SENTENCES.values()])
def test_a_sentence_is_chinese_and_english(chinese: str, english: str) -> None:
    assert CHINESE.search(chinese)
    assert english.isascii()
    assert english.strip() == english != ""


def test_the_language_is_the_askers() -> None:
    assert sentence("NOT_FOUND", english=False) == "没有找到"
    assert sentence("NOT_FOUND", english=True) == "There is nothing here."
    assert field_sentence("REQUIRED", english=True) == "is missing"


def test_an_unknown_code_says_that_it_is_our_fault() -> None:
    assert sentence("WHATEVER", english=True) == SENTENCES["INTERNAL"][1]


def test_every_reason_of_a_claim_has_a_sentence_and_no_other() -> None:
    assert set(REASONS) == set(get_args(Reason))


@pytest.mark.parametrize(("chinese", "english"), REASONS.values())
def test_a_reason_reads_in_both_languages(chinese: str, english: str) -> None:
    assert CHINESE.search(chinese)
    assert english.isascii()


def test_no_reason_has_no_sentence() -> None:
    assert reason_sentence(None, english=False) is None
