"""The audit through its handlers, on orders that were claimed, synced, transferred and merged: a line that counts for
two stops the one who does not own it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from huixue.edge import bootstrap, clients, dispute_desk, ledger_jobs
from huixue.edge.dispute_desk import decide
from huixue.edge.messages import encoded
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.orders.appeals import find_case
from huixue.points.audit_runs import Progress, audit_segment, planned
from huixue.points.model import Frozen
from huixue.points.use_cases import settle
from tests.functions.http import call
from tests.functions.membership import signed_in
from tests.functions.orders import bring, failed, number, order, pump, sqs_event
from tests.functions.stage import Stage
from tests.unit.members.signing_in import door_of, identity

NUMBERS = count(700)
RUNS = count(1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def stage(shared_stage: Stage) -> Stage:
    return shared_stage


def audited(stage: Stage) -> int:
    """All segments; how many violations there are."""
    run = f"now-lines-{next(RUNS)}"
    bodies = [encoded(each) for each in planned(run)]
    assert failed(stage.invoke("audit_ledger", sqs_event(bodies))) == []
    done: list[Progress] = ledger_jobs.audit_book().runs(run, run)
    assert sum(each.left_out for each in done) == 0
    return sum(each.violations for each in done)


def claimed(stage: Stage, member: str, order_number: str) -> str:
    body = {"platform": "taobao", "order_number": order_number}
    claim_id = call(stage, "submit_order", token=stage.token(member), body=body).body["claim_id"]
    pump(stage)
    return str(claim_id)


def ref_of(order_number: str) -> str:
    return clients.keyed_hash().order_ref("taobao", order_number)


def forged(member: str, order_number: str) -> None:
    """The lines of an order credited to somebody else as well, every entry as it should be."""

    def hers(order_refs: Sequence[str]) -> list[LineQuote]:
        said = bootstrap.quotes(order_refs)
        return [replace(each, owner=MemberId(member)) for each in said]

    settle(MemberId(member), [ref_of(order_number)], quotes=hers, desk=bootstrap.ledger_desk())


def given_up(member: str, order_number: str) -> None:
    """Told of the order as it is, the ledger gives up what is not hers; and an operator lifts the freeze."""
    bootstrap.settle_orders(MemberId(member), [ref_of(order_number)])
    bootstrap.ledger().freeze(MemberId(member), None)


def frozen(member: str) -> Frozen | None:
    return bootstrap.ledger().account(MemberId(member)).frozen


def balance(member: str) -> int:
    return bootstrap.ledger().account(MemberId(member)).balance


def test_a_line_in_two_ledgers_stops_whoever_does_not_own_it_and_says_so(stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    bring([order(wanted)])
    claimed(stage, "mem_true", wanted)
    claimed(stage, "mem_false", wanted)
    assert audited(stage) == 0

    forged("mem_false", wanted)

    assert (balance("mem_true"), balance("mem_false")) == (178, 178)
    assert audited(stage) == 1
    stopped = frozen("mem_false")
    assert stopped is not None
    assert stopped.reason == "audit"
    assert frozen("mem_true") is None
    (told,) = [each for each in stage.log_lines() if each.get("member_id") == "mem_false"][-1:]
    assert told["message"] == "ledger violation, redemptions frozen"
    assert " is of an order of hers: 178 points and 0 pending of an order that is not" in str(told)
    given_up("mem_false", wanted)
    assert audited(stage) == 0


def test_an_order_that_came_by_transfer_is_its_new_owners(stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    bring([order(wanted)])
    claimed(stage, "mem_gives", wanted)
    handed_over(case_of(stage, "mem_gets", wanted))

    assert (balance("mem_gives"), balance("mem_gets")) == (0, 178)
    assert audited(stage) == 0


def case_of(stage: Stage, member: str, order_number: str) -> str:
    claim_id = claimed(stage, member, order_number)
    answer = call(
        stage, "appeal_order", token=stage.token(member), path={"claim_id": claim_id},
        body={"message": "这是我自己下的单"},
    )  # fmt: skip
    return str(answer.body["case_id"])


def handed_over(case_id: str) -> None:
    case = find_case(case_id, member_id=None, cases=dispute_desk.cases(), limit=100)
    decide(case, "transfer", "op-1", "付款记录属于你", desk=dispute_desk.dispute_desk())


def test_a_transfer_between_ledger_and_orders_is_no_violation(stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    bring([order(wanted)])
    claimed(stage, "mem_had", wanted)
    case_id = case_of(stage, "mem_has", wanted)
    desk = ledger_jobs.audit_desk()
    transfers = [case_id]
    answers: list[tuple[str, bool]] = []

    def owned(member_ids: Sequence[MemberId], hints: Mapping[str, str]) -> set[str]:
        if "mem_had" in member_ids and transfers:
            handed_over(transfers.pop())
        found = set(desk.owned_lines(member_ids, hints))
        answers.append((member_ids[0], found == hints.keys()))
        return found

    done = [
        audit_segment(each, desk=replace(desk, owned_lines=owned), until=FAR)
        for each in planned(f"now-lines-{next(RUNS)}")
    ]

    assert sum(each.violations for each in done if each is not None) == 0
    assert answers.count(("mem_had", False)) == 1  # seen once, and not again
    assert frozen("mem_had") is None
    assert balance("mem_has") == 178


def test_members_who_turn_out_to_be_one_hold_the_orders_of_both(stage: Stage) -> None:
    old, new, foreign = (number(next(NUMBERS)) for _ in range(3))
    bring([order(each) for each in (old, new, foreign)])
    first, second = signed_in("o-first-of-lines"), signed_in("o-second-of-lines", app_id="wx2")
    claimed(stage, first, old)
    claimed(stage, second, new)
    claimed(stage, "mem_third", foreign)
    merged = door_of(bootstrap.members())
    merged.ledger = bootstrap.MergingLedger(programme_id="demo")
    merged.sign_in(identity("o-first-of-lines", "u-lines"))
    survivor = merged.sign_in(identity("o-second-of-lines", "u-lines", app_id="wx2")).member_id

    assert balance(survivor) == 2 * 178
    assert audited(stage) == 0

    forged(survivor, foreign)
    assert audited(stage) == 1
    assert frozen(survivor) is not None
    assert frozen("mem_third") is None
    given_up(survivor, foreign)


def test_a_synced_order_without_its_claim_is_found_by_the_account(stage: Stage) -> None:
    """The sync died between the order's owner and its claim, and something else credited the order."""
    wanted = number(next(NUMBERS))
    bring([order(wanted, account="account_of_lines")])
    body = {
        "platform": "taobao", "account": "account_of_lines", "order_number": wanted,
        "paid_amount_fen": 17_880,
    }  # fmt: skip
    call(stage, "start_order_sync", token=stage.token("mem_syncs"), body=body)
    pump(stage)
    (claim,) = bootstrap.orders().claims_of(MemberId("mem_syncs"))
    key = {"pk": {"S": "M#mem_syncs"}, "sk": {"S": f"C#{claim.claim_id}"}}
    stage.dynamodb.delete_item(TableName=stage.tables.orders, Key=key)

    assert balance("mem_syncs") == 178
    assert audited(stage) == 0


def test_an_erased_member_is_not_asked_for_orders_that_are_hers_no_more(stage: Stage) -> None:
    wanted = number(next(NUMBERS))
    bring([order(wanted)])
    claim_id = claimed(stage, "mem_erased_lines", wanted)
    bootstrap.ledger().erase(MemberId("mem_erased_lines"), datetime.now(UTC))
    key = {"pk": {"S": "M#mem_erased_lines"}, "sk": {"S": f"C#{claim_id}"}}
    stage.dynamodb.delete_item(TableName=stage.tables.orders, Key=key)

    assert audited(stage) == 0
    assert balance("mem_erased_lines") == 178
