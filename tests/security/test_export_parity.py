"""The export holds everything that is stored about a member, or this file says why it does not (PR-E2).

Two ways to notice what is new: the attributes of a member's items as the product writes them, and the fields of what
they are made of. Values are looked for in the part of the export that is named for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import msgspec
import pytest

from huixue.dynamodb.items import decoded
from huixue.edge import bootstrap
from huixue.edge.wire import EntrySource
from huixue.points.changes import Change
from huixue.points.posting import posted
from tests.functions.http import call
from tests.functions.stage import Stage
from tests.security.export_kinds import (
    IN_KEYS,
    KINDS,
    NEVER_HERE,
    SOURCE_LEFT_OUT,
    at_path,
    is_told,
    shown,
)
from tests.security.whole_member import (
    FREEZE_APPEAL,
    NICKNAME,
    OTHER_OPENID,
    WholeMember,
    stage_with_wechat,
    whole_member,
)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with stage_with_wechat() as running:
        yield running


@pytest.fixture(scope="module")
def her(stage: Stage) -> WholeMember:
    """With a sync and an entry in which every number is another, and none what it is by default."""
    her = whole_member(stage)
    book, ledger = bootstrap.orders(), bootstrap.ledger()
    sync = next(iter(book.syncs_of(her.member_id)))
    numbered = replace(
        sync, sync_id="syn_numbers", run=3, lines_found=11, lines_credited=5, lines_pending=4,
        lines_skipped=2,
    )  # fmt: skip
    book.save_sync(numbered, expected_run=None)
    before = ledger.standing(her.member_id, []).account
    change = Change(
        source_key="adjust#numbers", scene="adjustment", points=0, source={"kind": "adjustment"}
    )
    after, (entry,) = posted(
        before, [change], policy=bootstrap.policy_of("demo"), now=bootstrap.now()
    )
    numbers = replace(
        entry, pending=37, held=41, earned=13, written_off=17, bonus=19, capped=23, qualifying={"2026": 29},
        caps={"a limit": 31}, repays="an entry",
    )  # fmt: skip
    ledger.post(before, after, [numbers], policy=bootstrap.policy_of("demo"), shared={})
    return her


@pytest.fixture(scope="module")
def exported(stage: Stage, her: WholeMember) -> dict[str, Any]:
    answer = call(stage, "export_me", token=her.token)
    assert answer.status == 200, answer.text
    body = answer.body
    assert isinstance(body, dict)
    return body


def items_of(stage: Stage, her: WholeMember) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and content of everything that names her."""
    for table in (stage.tables.members, stage.tables.orders, stage.tables.points):
        for raw in stage.dynamodb.scan(TableName=table)["Items"]:
            item = decoded(raw)
            owner = str(item["pk"]).removeprefix("M#")
            if owner in {her.member_id, her.gone_id} or item.get("member_id") in {
                her.member_id,
                her.gone_id,
            }:
                yield str(item["sk"]).partition("#")[0], item


def test_every_kind_of_item_is_there_to_be_looked_at(stage: Stage, her: WholeMember) -> None:
    assert {found for found, _ in items_of(stage, her)} == set(KINDS)


def test_every_attribute_of_what_is_stored_is_known(stage: Stage, her: WholeMember) -> None:
    unknown = {
        f"{name}.{attribute}"
        for name, item in items_of(stage, her)
        for attribute in set(item) - KINDS[name].attributes()
    }

    assert unknown == set(), "exported? Else say here why not"


def test_every_item_is_told_value_by_value_in_one_row(
    stage: Stage, her: WholeMember, exported: dict[str, Any]
) -> None:
    untold = []
    for name, item in items_of(stage, her):
        found = at_path(exported, KINDS[name].rows)
        rows = found if isinstance(found, list) else [found]
        wanted = shown(name, item)
        if not any(is_told(row, wanted) for row in rows):
            untold.append((name, wanted))

    assert untold == []


def test_every_number_that_is_told_is_there_to_be_told(stage: Stage, her: WholeMember) -> None:
    """None of them only by what it is where nothing is stored."""
    seen: dict[str, set[str]] = {}
    for name, item in items_of(stage, her):
        seen.setdefault(name, set()).update(key for key, value in item.items() if value)

    for name in ("S", "E", "T", "C"):
        missing = set(KINDS[name].names) - seen[name] - IN_KEYS - NEVER_HERE
        assert missing == set(), name


def test_every_field_of_what_is_stored_has_its_place(stage: Stage) -> None:
    """Also of what this member happens not to have."""
    del stage
    unknown = set()
    for name, table in KINDS.items():
        if table.model is not None:
            names = {table.renamed.get(each.name, each.name) for each in fields(table.model)}
            unknown |= {f"{name}.{each}" for each in names - table.attributes()}

    assert unknown == set(), "exported? Else say here why not"


def test_every_part_of_an_entrys_source_is_exported_or_left_out_for_a_reason(
    stage: Stage, her: WholeMember
) -> None:
    parts = {part for name, item in items_of(stage, her) if name == "E" for part in item["source"]}
    told = {each.encode_name for each in msgspec.structs.fields(EntrySource)}

    assert parts - told - set(SOURCE_LEFT_OUT) == set()


def test_it_tells_her_in_her_own_words(exported: dict[str, Any]) -> None:
    profile = exported["profile"]
    assert profile["nickname"] == NICKNAME
    assert OTHER_OPENID in {each["openid"] for each in profile["openids"]}
    assert FREEZE_APPEAL in {each["message"] for each in exported["cases"]}
    assert [each["kind"] for each in exported["check_in_days"]] == ["made_up", "checked_in"]


def test_it_names_no_operator(exported: dict[str, Any]) -> None:
    assert "an operator" not in json.dumps(exported, ensure_ascii=False)
