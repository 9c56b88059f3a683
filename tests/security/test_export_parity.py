"""The export holds everything that is stored about a member, or this file says why it does not (PR-E2).

Two ways to notice what is new: the attributes of a member's items as the product writes them, and the fields of what
they are made of. Values are looked for in the part of the export that is named for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pytest

from huixue.dynamodb.items import decoded
from huixue.members.consents import ConsentChange
from huixue.members.model import Member, VerifiedLevel
from huixue.members.tags import TagChange
from huixue.orders.disputes import Case
from huixue.orders.model import Claim, OrderSync, Tries
from huixue.points.bans import Ban
from huixue.points.model import Account, Entry
from huixue.points.notices import Notice
from tests.functions.http import call
from tests.functions.stage import Stage
from tests.security.whole_member import (
    FREEZE_APPEAL,
    NICKNAME,
    OTHER_OPENID,
    SHEET,
    WholeMember,
    stage_with_wechat,
    whole_member,
)

KEY = "a key of ours, made of what is exported"
HASH = "a keyed hash: nobody can read it, and the same number or account was hers to begin with"
ONE_PROGRAMME = "said once, in the profile"
INDEX = "a place in an index of ours"
COUNTER = "counts writes, so that none is lost"
OPERATOR = "which operator it was"
KEYS = {"pk": KEY, "sk": KEY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    section: str
    exported: frozenset[str]
    left_out: Mapping[str, str]
    model: type | None
    renamed: Mapping[str, str] = ()  # type: ignore[assignment]  # an empty mapping, frozen
    """Field of the model → attribute of the item, or why there is none."""

    def names(self) -> set[str]:
        return {*self.exported, *self.left_out}


def kind(
    section: str, exported: str, left_out: Mapping[str, str], model: type | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Kind:  # fmt: skip
    return Kind(
        section=section, exported=frozenset(exported.split()), left_out={**KEYS, **left_out},
        model=model, renamed=renamed or {},
    )  # fmt: skip


KINDS: Mapping[str, Kind] = {
    "MEMBER": kind(
        "profile",
        "member_id programme_id openids unionid created_at profile group_nickname tags consents"
        " merged_from merged_into",
        {
            "identity_refs": HASH, "revision": COUNTER, "profile_revision": COUNTER,
            "to_forget": "what of her history is being forgotten this moment",
            "erased_at": "of a tombstone: who has one can ask for nothing",
            "set_by": OPERATOR,
        },
        Member,
    ),
    "IDENTITY": kind("profile", "member_id", {}),
    "LEVEL": kind("profile", "room_id level source set_at", {"member_id": KEY, "set_by": OPERATOR}, VerifiedLevel),
    "T": kind(
        "profile", "group source value former confidence expires_at at",
        {"by": OPERATOR, "revision": COUNTER, "number": COUNTER}, TagChange,
    ),
    "K": kind("profile", "purpose room_id granted at", {"revision": COUNTER}, ConsentChange),
    "C": kind(
        "claims",
        "platform order_hint claimed_at room_level rejected_reason next_check_at claim_id member_id",
        {
            "programme_id": ONE_PROGRAMME, "order_ref": HASH, "account_ref_said": HASH,
            "submission": "the id of the request that made it", "due_shard": INDEX,
        },
        Claim, {"account_ref": "account_ref_said"},
    ),
    "S": kind(
        "syncs",
        "platform paid_amount_fen run status lines_found lines_credited lines_pending"
        " lines_skipped reason requested_at finished_at sync_id",
        {
            "programme_id": ONE_PROGRAMME, "order_ref": HASH, "account_ref_said": HASH,
            "member_id": KEY,
        },
        OrderSync, {"account_ref": "account_ref_said"},
    ),
    "B": kind("bound_accounts", "", {}),
    "BINDING": kind("bound_accounts", "sync_id bound_at", {"member_id": KEY}),
    "A": kind(
        "cases", "case_id claim_id message created_at status note decided_at",
        {
            "programme_id": ONE_PROGRAMME, "frozen_since": "in `points`, while it stands",
            "decided_by": OPERATOR, "due_shard": INDEX, "next_check_at": INDEX, "member_id": KEY,
        },
        Case,
    ),
    "TRIES": kind("tries", "numbers proofs", {"version": COUNTER, "member_id": KEY}, Tries),
    "ACCOUNT": kind(
        "points",
        "member_id programme_id balance pending held lifetime lots holds qualifying standing caps"
        " in_debt_since frozen due_at version entry_count merged_into merged_from",
        {
            "due_shard": INDEX, "recent": "keys of the newest entries, which are there themselves",
            "check_in_sheet": "the newest entry that changed it says it",
            "erased_at": "of an erased member: she can ask for nothing",
        },
        Account,
    ),
    "E": kind(
        "entries",
        "number scene points pending held lots balance_after earned qualifying caps bonus capped"
        " written_off lot repays check_in_sheet business_date effective_at recorded_at explanation"
        " source_key member_id",
        {
            "previous": "keys of the entries before it, which are there themselves",
            "source": "its parts are looked at one by one: SOURCE",
        },
        Entry,
    ),
    "N": kind("notices", "expires_on days_before points created_at state", {"member_id": KEY}, Notice),
    "BAN": kind(
        "bans", "since until paid refunded lifted_at",
        {"preview": "the dry run that announced it", "member_id": KEY}, Ban,
    ),
}  # fmt: skip
SOURCE = {"kind", "line_id", "platform", "order_hint", "member_id", "hold_id", "adjustment_id"}
SOURCE_LEFT_OUT = {
    "points": "a number of the entry itself",
    "until": "the hold's, which is in `points` while it is open",
    "holds": "what came along with a merger, each an entry of its own",
    "for": "what a shop said of its redemption",
    "member_note": "in the sentence `note`, word for word",
    "reason": "in the sentence `note`, as a sentence",
    "by": OPERATOR,
    "internal_note": "operators' words among themselves",
    "corrects": "the key of an entry, for operators",
}
WITH_KEYS = {"openids", "lots", "holds", "qualifying", "caps", "numbers", "proofs"}
"""Maps whose keys are said too, not only named by us."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with stage_with_wechat() as running:
        yield running


@pytest.fixture(scope="module")
def her(stage: Stage) -> WholeMember:
    return whole_member(stage)


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


def leaves(value: object, *, with_keys: bool = False) -> Iterator[object]:
    """What is said in it; instants as milliseconds, whatever their zone."""
    match value:
        case None | "":
            return
        case dict():
            for name, each in value.items():
                if with_keys:
                    yield from leaves(name)
                yield from leaves(each, with_keys=with_keys)
        case list() | tuple():
            for each in value:
                yield from leaves(each, with_keys=with_keys)
        case str():
            yield _instant(value) or value
        case _:
            yield value


def _instant(text: str) -> tuple[str, int] | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        return None
    return "at", round(found.astimezone(UTC).timestamp() * 1000)


def is_said(leaf: object, said: set[object]) -> bool:
    second = ("at", leaf * 1000) if isinstance(leaf, int) else None
    return leaf in said or second in said or (isinstance(leaf, int) and f"ent_{leaf}" in said)


def test_every_kind_of_item_is_there_to_be_looked_at(stage: Stage, her: WholeMember) -> None:
    assert {found for found, _ in items_of(stage, her)} == set(KINDS)


def test_every_attribute_is_exported_or_left_out_for_a_reason(
    stage: Stage, her: WholeMember, exported: dict[str, Any]
) -> None:
    unknown, missing = set(), set()
    for name, item in items_of(stage, her):
        table = KINDS[name]
        said = set(leaves(exported[table.section], with_keys=True))
        unknown |= {f"{name}.{attribute}" for attribute in set(item) - table.names()}
        for attribute in table.exported & set(item):
            found = set(leaves(item[attribute], with_keys=attribute in WITH_KEYS))
            if attribute == "tags":
                found = set(leaves(_without(item[attribute], "set_by")))
            missing |= {f"{name}.{attribute}: {leaf}" for leaf in found if not is_said(leaf, said)}

    assert unknown == set(), "exported? Else say here why not"
    assert missing == set()


def test_every_field_of_what_is_stored_has_its_place(stage: Stage) -> None:
    """Also of what this member happens not to have."""
    del stage
    unknown = set()
    for name, table in KINDS.items():
        if table.model is not None:
            names = {table.renamed.get(each.name, each.name) for each in fields(table.model)}
            unknown |= {f"{name}.{each}" for each in names - table.names()}

    assert unknown == set(), "exported? Else say here why not"


def test_every_part_of_an_entrys_source_is_exported_or_left_out_for_a_reason(
    stage: Stage, her: WholeMember
) -> None:
    parts = {part for name, item in items_of(stage, her) if name == "E" for part in item["source"]}

    assert parts - SOURCE - set(SOURCE_LEFT_OUT) == set()


def test_it_tells_her_in_her_own_words(exported: dict[str, Any]) -> None:
    profile = exported["profile"]
    assert profile["nickname"] == NICKNAME
    assert OTHER_OPENID in {each["openid"] for each in profile["openids"]}
    assert FREEZE_APPEAL in {each["message"] for each in exported["cases"]}
    assert SHEET in {each.get("check_in_sheet") for each in exported["entries"]}
    assert [each["kind"] for each in exported["check_in_days"]] == ["checked_in"]


def test_it_names_no_operator(exported: dict[str, Any]) -> None:
    assert "an operator" not in json.dumps(exported, ensure_ascii=False)


def _without(tags: Mapping[str, list[dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in tag.items() if key != name}
        for group in tags.values()
        for tag in group
    ]
