"""`huixue tag` and `huixue member`: an operator's word about a member, and all there is to read of her."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huixue.members.editing import edit_profile
from huixue.members.profiles import Decision, ProfileEdit
from tests.engines.tables import TableNames
from tests.unit.ops.ledger_stage import ANNA, LedgerStage
from tests.unit.ops.operating import operated

CONSENT = Decision(purpose="skin_type", granted=True)


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return LedgerStage(operated(dynamodb, tables))


def says(at: LedgerStage, edit: ProfileEdit) -> None:
    edit_profile(ANNA, edit, datetime.now(UTC), store=at.doors.members)


def values(shown: Any, group: str) -> list[tuple[str, str]]:
    return [(row["value"], row["source"]) for row in shown["tags"].get(group, [])]


def test_an_operators_word_goes_before_hers_and_both_stay_readable(at: LedgerStage) -> None:
    says(at, ProfileEdit(nickname="小美", region="上海"))

    set_ = at.told("tag", ANNA, "region", "北京", "--operator", "zoe")
    says(at, ProfileEdit(region="广东"))
    shown = at.told("member", ANNA)

    assert [(row["value"], row["set_by"]) for row in set_["tags"]] == [("北京", "zoe")]
    assert values(shown, "region") == [("北京", "operator")]
    assert shown["profile"] == {"nickname": "小美", "region": "广东"}
    history = [(row["source"], row["former"], row["value"]) for row in shown["tag_history"]]
    assert history == [
        ("self", None, "上海"), ("operator", None, "北京"), ("self", "上海", "广东"),
    ]  # fmt: skip
    for words in ("小美", "北京", "history of tags"):
        assert words in at.said("member", ANNA)


def test_a_tag_ends_after_its_last_day_or_when_it_is_taken_away(at: LedgerStage) -> None:
    for value in ("lipstick", "toner"):
        at.told("tag", ANNA, "interests", value, "--expires", "2099-12-31")

    gone = at.told("tag", ANNA, "interests", "toner", "--remove")
    again = at.said("tag", ANNA, "interests", "toner", "--remove", "--operator", "zoe")

    (left,) = gone["tags"]
    assert (left["value"], left["expires_at"]) == ("lipstick", "2099-12-31T16:00:00.000000Z")
    assert "interests is lipstick (operator, by" in again
    assert "is nothing" in at.said("tag", ANNA, "interests", "lipstick", "--remove")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mem_nobody", "region", "上海"), "MEMBER_NOT_FOUND"),
        ((ANNA, "shoe_size", "38"), "TAG_REFUSED"),
        ((ANNA, "skin_type", "green"), "dry"),
        ((ANNA, "skin_type", "dry"), "CONSENT_REQUIRED"),
        ((ANNA, "region", "上海", "--expires", "2020-01-01"), "is over"),
        ((ANNA, "region", "上海", "--expires", "soon"), "is no day"),
        ((ANNA, "region", "上海", "--expires", "9999-12-31"), "is no day"),
        ((ANNA, "region", "上海", "--operator", ""), "OPERATOR_INVALID"),
    ],
)
def test_what_cannot_be_said_changes_nothing_and_tells_what_to_do(
    at: LedgerStage, arguments: tuple[str, ...], said: str
) -> None:
    before = at.doors.member(ANNA)

    refused = at.said("tag", *arguments, code=1)

    assert said in refused
    assert at.doors.member(ANNA) == before


def test_with_her_consent_an_operator_may_say_her_skin_type_and_it_goes_with_the_consent(
    at: LedgerStage,
) -> None:
    says(at, ProfileEdit(decisions=(CONSENT,)))
    at.told("tag", ANNA, "skin_type", "dry")

    says(at, ProfileEdit(decisions=(Decision(purpose="skin_type", granted=False),)))
    shown = at.told("member", ANNA)

    assert values(shown, "skin_type") == []
    assert "dry" not in str(shown)
    assert [row["granted"] for row in shown["consent_history"]] == [True, False]
