from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from huixue.edge import bootstrap, clients, dispute_desk
from huixue.edge.dispute_desk import decide
from huixue.kernel.ids import MemberId
from huixue.members.model import VerifiedLevel
from huixue.orders.appeals import find_case
from tests.functions.http import Answered, asked, assert_problem, call, event_of, pointers
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage

MESSAGE = "这是我自己下的单，请核对付款记录"


def claimed(stage: Stage, member: str, order_number: str) -> str:
    body = {"platform": "taobao", "order_number": order_number}
    claim_id = call(stage, "submit_order", token=stage.token(member), body=body).body["claim_id"]
    pump(stage)
    return str(claim_id)


def appeal(stage: Stage, member: str, claim_id: str, message: str = MESSAGE) -> Answered:
    return call(
        stage, "appeal_order", token=stage.token(member), path={"claim_id": claim_id},
        body={"message": message},
    )  # fmt: skip


def test_an_appeal_opens_a_case_and_again_finds_it(shared_stage: Stage) -> None:
    claim_id = claimed(shared_stage, "mem_a", number(1))

    first = appeal(shared_stage, "mem_a", claim_id)
    again = appeal(shared_stage, "mem_a", claim_id)

    assert (first.status, again.status) == (202, 200)
    assert first.body["status"] == "open"
    assert first.body["claim_id"] == claim_id
    assert first.body["case_id"].startswith("cas_")
    assert again.headers["idempotency-hit"] == "true"
    assert again.body == first.body


def test_other_words_are_a_mismatch_that_names_the_field(shared_stage: Stage) -> None:
    claim_id = claimed(shared_stage, "mem_b", number(1))
    appeal(shared_stage, "mem_b", claim_id)

    found = appeal(shared_stage, "mem_b", claim_id, "别的话")

    assert_problem(found, 409, "IDEMPOTENCY_MISMATCH")
    assert found.body["field"] == "message"


def test_a_credited_claim_is_no_case(shared_stage: Stage) -> None:
    bring([order(number(2))])
    claim_id = claimed(shared_stage, "mem_c", number(2))

    assert_problem(appeal(shared_stage, "mem_c", claim_id), 422, "NOT_APPEALABLE")


def test_a_verdict_shows_on_both_claims_and_in_both_ledgers(shared_stage: Stage) -> None:
    bring([order(number(3))])
    had, hers = claimed(shared_stage, "mem_d", number(3)), claimed(shared_stage, "mem_e", number(3))
    case_id = appeal(shared_stage, "mem_e", hers).body["case_id"]

    case = find_case(case_id, member_id=None, cases=dispute_desk.cases(), limit=100)
    decide(case, "transfer", "op-1", "付款记录属于你", desk=dispute_desk.dispute_desk())

    left = call(
        shared_stage, "get_order", token=shared_stage.token("mem_d"), path={"claim_id": had}
    )
    got = call(
        shared_stage, "get_order", token=shared_stage.token("mem_e"), path={"claim_id": hers}
    )
    assert (left.body["status"], left.body["reason"]) == ("rejected", "OWNED_BY_OTHER")
    assert (got.body["status"], got.body["lines"][0]["points"]) == ("credited", 178)
    assert [each["scene"] for each in entries(shared_stage, "mem_d")] == [
        "transfer_out",
        "order_accrual",
    ]
    (transfer,) = entries(shared_stage, "mem_e")
    assert (transfer["scene"], transfer["points"]) == ("transfer_in", 178)
    assert "case_id" not in transfer["source"]
    shown = appeal(shared_stage, "mem_e", hers).body
    assert (shown["status"], shown["note"]) == ("transferred", "付款记录属于你")
    assert "op-1" not in str(shown)
    assert got.body["appeal"] == shown
    assert "appeal" not in left.body


def entries(stage: Stage, member: str) -> list[dict[str, Any]]:
    found = call(stage, "list_entries", token=stage.token(member), query={})
    return list(found.body["items"])


def test_the_accepted_event_is_answered_for_a_claim_of_hers_alone(shared_stage: Stage) -> None:
    event = event_of("appeal_order/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token('mem_f')}"
    assert_problem(asked(shared_stage, "appeal_order", event), 404, "NOT_FOUND")

    event["pathParameters"]["claim_id"] = claimed(shared_stage, "mem_f", number(9))
    assert asked(shared_stage, "appeal_order", event).status == 202


def test_blank_words_are_none(shared_stage: Stage) -> None:
    event = event_of("appeal_order/refused")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token('mem_a')}"

    found = asked(shared_stage, "appeal_order", event)

    assert_problem(found, 400, "FIELDS_INVALID")
    assert pointers(found) == ["/message"]


@pytest.mark.parametrize(("length", "status"), [(500, 202), (501, 400)])
def test_five_hundred_characters_are_taken(shared_stage: Stage, length: int, status: int) -> None:
    claim_id = claimed(shared_stage, f"mem_{length}", number(1))

    assert appeal(shared_stage, f"mem_{length}", claim_id, "字" * length).status == status


def test_the_terms_of_the_new_owner_have_her_verified_level(shared_stage: Stage) -> None:
    """A level the pinned version rewards; one it does not know multiplies nothing."""
    bring([order(number(20))])
    claimed(shared_stage, "mem_g", number(20))
    ref = clients.keyed_hash().order_ref("taobao", number(20))
    owner = bootstrap.orders().orders([ref])[ref].ownership
    assert owner is not None
    _, programme = bootstrap.programmes().current("demo")
    rewarded = next(
        level
        for room in programme.rooms
        if room.room_id == owner.terms.room_id
        for platform in room.platforms
        for level in platform.levels
        if level.multiplier_percent != 100
    )
    for member, level in (("mem_h", rewarded.level), ("mem_i", "no such level")):
        verified = VerifiedLevel(
            member_id=MemberId(member), room_id=owner.terms.room_id, level=level,
            source="operator", set_by="op", set_at=datetime.now(UTC),
        )  # fmt: skip
        bootstrap.members().put_level(verified)
    terms_of = dispute_desk.pinned_terms(bootstrap.programmes, bootstrap.members)

    hers, others = (terms_of(owner.terms, MemberId(each)) for each in ("mem_h", "mem_i"))

    assert (hers.level, hers.multiplier_percent) == (rewarded.level, rewarded.multiplier_percent)
    assert others == owner.terms
