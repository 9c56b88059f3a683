"""Appeals at the operators' desk: listed, looked at, decided once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.ids import ClaimId, MemberId, ProgrammeId
from huixue.members.model import Member
from huixue.members.store import DynamoDbMembers
from huixue.orders.dispute_store import DisputeStore
from huixue.orders.disputes import Case, claim_case, freeze_case
from huixue.orders.model import Order
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban
from tests.engines.tables import TableNames
from tests.unit.ops.operating import NOW, Operated, operated
from tests.unit.ops.shop import Shop
from tests.unit.orders.world import TERMS, a_claim, line

A, B = MemberId("mem_a"), MemberId("mem_b")
WORDS = "这个订单是我的"


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    stage = operated(dynamodb, tables)
    members = DynamoDbMembers(stage.database, tables.members)
    for each in (A, B):
        members.create(
            Member(member_id=each, programme_id=ProgrammeId("demo"), openids={}, created_at=NOW)
        )
    return stage


@pytest.fixture
def shop(stage: Operated) -> Shop:
    return Shop(stage)


@pytest.fixture
def order(shop: Shop) -> Order:
    """A owns it; both claimed it."""
    terms = replace(TERMS, programme_version=1, rule="main/taobao")
    owned = shop.settled(line(), member=A, terms=terms)
    for member_id in (A, B):
        shop.stage.orders.add_claim(a_claim(member_id, ref=owned.order_ref))
    return owned


@pytest.fixture
def case(stage: Operated, order: Order) -> Case:
    claim = a_claim(B, ref=order.order_ref)
    return book(stage).open_case(claim_case(claim, WORDS, NOW))


def book(stage: Operated) -> DisputeStore:
    return DisputeStore(stage.database, stage.deployment.output("OrdersTableName"))


def bans(stage: Operated, shop: Shop) -> BanStore:
    table = stage.deployment.output("PointsTableName")
    return BanStore(stage.database, table, shop.ledger.posting)


def done(stage: Operated, *arguments: str) -> Any:
    found = stage.run(*arguments, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def decide(stage: Operated, case: Case, verdict: str, *more: str) -> Any:
    note = ("--note-member", "已核对", "--operator", "ann")
    return done(stage, "decide", case.case_id, verdict, *note, *more)


def test_no_case_is_no_error(stage: Operated) -> None:
    assert done(stage, "cases") == []
    assert "no case waits" in stage.run("cases").stdout


def test_open_cases_are_listed_with_what_they_are_about(stage: Operated, case: Case) -> None:
    [found], shown = done(stage, "cases"), stage.run("cases")

    assert (found["case_id"], found["about"], found["message"]) == (case.case_id, "a claim", WORDS)
    assert case.case_id in shown.stdout
    assert "huixue decide" in shown.stdout


def test_a_case_is_listed_with_its_whole_id_in_a_narrow_terminal(
    stage: Operated, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    assert case.case_id in stage.run("cases").stdout


def test_a_case_shows_both_sides_and_what_a_transfer_would_do_and_writes_nothing(
    stage: Operated, case: Case
) -> None:
    before = stage.everything()

    found, shown = done(stage, "case", case.case_id), stage.run("case", case.case_id)

    assert found["owner"]["member_id"] == A
    assert [each["paid_fen"] for each in found["order"]["lines"]] == [17880]
    assert found["her claim"]["account_is_the_buyers"] == "not said"
    assert found["a transfer would"]["take_points"] == 178
    assert found["a transfer would"]["give_points"] == 178
    assert WORDS in shown.stdout
    assert stage.everything() == before


def test_a_transfer_gives_the_order_and_its_points_to_her_once(
    stage: Operated, shop: Shop, case: Case, order: Order
) -> None:
    first = decide(stage, case, "transfer")
    again = decide(stage, case, "transfer", "--member", B)

    moved = stage.orders.orders([order.order_ref])[order.order_ref]
    assert moved.ownership is not None
    assert moved.ownership.member_id == B
    assert [shop.ledger.standing(each, []).account.balance for each in (A, B)] == [0, 178]
    assert (first["status"], first["decided_by"], first["note"]) == ("transferred", "ann", "已核对")
    assert again == first
    assert done(stage, "cases") == []
    assert stage.run("reconcile", "--wait", "0").exit_code == 0


def test_upheld_nothing_but_the_case_changes_and_no_other_verdict_follows(
    stage: Operated, shop: Shop, case: Case, order: Order
) -> None:
    decided = decide(stage, case, "uphold")
    other = stage.run("decide", case.case_id, "transfer", "--note-member", "好", "--member", B)

    assert decided["status"] == "upheld"
    assert stage.orders.orders([order.order_ref])[order.order_ref] == order
    assert shop.ledger.standing(A, []).account.balance == 178
    assert other.exit_code == 1
    assert "decided otherwise: upheld" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("perhaps", "--note-member", "好"), "no verdict"),
        (("uphold", "--note-member", "  "), "1 to"),
        (("uphold", "--note-member", "好" * 500), "1 to"),
        (("lift", "--note-member", "好"), "about a claim"),
    ],
)
def test_a_verdict_that_cannot_be_given_says_what_to_do(
    stage: Operated, case: Case, arguments: tuple[str, ...], said: str
) -> None:
    before = stage.everything()

    refused = stage.run("decide", case.case_id, *arguments)

    assert refused.exit_code == 1
    assert said in refused.stderr
    assert stage.everything() == before


def test_an_unknown_case_is_named_as_such(stage: Operated) -> None:
    refused = stage.run("case", "cas_none")

    assert refused.exit_code == 1
    assert "no such case" in refused.stderr


def test_a_lifted_ban_lets_her_redeem_and_is_remembered_as_over(
    stage: Operated, shop: Shop, order: Order
) -> None:
    now = datetime.now(UTC)
    ban = Ban(
        member_id=A, since=now, until=now + timedelta(days=30), paid=4, refunded=3, preview="p"
    )
    bans(stage, shop).impose(shop.ledger.standing(A, []).account, ban)
    case = book(stage).open_case(freeze_case(A, "demo", now, "我会改的", now))

    seen = done(stage, "case", case.case_id)
    decided = decide(stage, case, "lift")

    assert seen["account"]["frozen_for"] == "refunds"
    assert seen["account"]["is_that_of_the_case"]
    assert (seen["ban"]["paid_orders"], seen["ban"]["refunded_orders"]) == (4, 3)
    assert shop.ledger.standing(A, []).account.frozen is None
    over = bans(stage, shop).newest([A])
    assert over is not None
    assert over.lifted_at == datetime.fromisoformat(decided["decided_at"])


def test_a_claim_without_an_order_shows_that_there_is_none(stage: Operated) -> None:
    claim = replace(a_claim(B), claim_id=ClaimId("clm_lost"))
    stage.orders.add_claim(claim)
    case = book(stage).open_case(claim_case(claim, WORDS, NOW))

    assert done(stage, "case", case.case_id)["order"] == {"in the pool": "no"}
