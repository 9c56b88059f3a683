"""What proves an account, and what a failed proof tells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import MemberId
from huixue.orders.claims import SubmitClaim, submit
from huixue.orders.matcher import match
from huixue.orders.model import Line, Order
from huixue.orders.sync_runs import is_proof
from tests.unit.orders.syncing import asked, ended, shelf
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    OTHER,
    REF,
    World,
    a_sync_command,
    an_order,
    line,
    number,
    ownership,
    pooled,
    row,
)


def is_owned_by(order: Order, member_id: str) -> bool:
    return order.ownership is not None and order.ownership.member_id == member_id


WRONG: dict[str, Order | None] = {
    "absent": None,
    "a stub": replace(an_order(), sources={}, first_source=None),
    "another account": an_order(line(account="别人")),
    "masked": an_order(line(account=None)),
    "one fen more": an_order(line("confirmed", 17881)),
    "net of its refund": an_order(line("confirmed", 17880 + 100, 100)),
    "paid": an_order(line("paid")),
    "shipped": an_order(line("shipped")),
    "unpaid": an_order(line("unpaid", 17880)),
    "closed": an_order(line("closed")),
    "unknown": an_order(line("unknown")),
    "half confirmed": an_order(line("confirmed", 10000), line("paid", 7880)),
    "claimed by another": replace(an_order(), ownership=ownership(OTHER)),
    "claimed by her": replace(an_order(), ownership=ownership(HER)),
    "proven by another": replace(an_order(), ownership=ownership(OTHER, proven=True)),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_proof_with_one_thing_wrong_fails_like_an_order_that_does_not_exist(case: str) -> None:
    seen = []
    for order in (None, WRONG[case]):
        world = World()
        if order is not None:
            world.put(order)
        done = ended(world)
        seen.append((done, world.journal.calls, world.store.bindings, world.store.claim_rows))
        assert world.metrics.counts == {"ProofFailed": 1}

    assert seen[0] == seen[1]
    assert (seen[1][0].status, seen[1][0].reason) == ("failed", "PROOF_FAILED")
    assert seen[1][0].lines_found == 0
    assert seen[1][2] == {}


def test_the_amount_is_gross_with_freight_over_all_lines() -> None:
    of = [line("confirmed", 10000, 10000, freight_fen=800), line("closed", 7880)]
    world = World()
    world.put(an_order(*of))

    assert ended(world).status == "done"


@pytest.mark.parametrize("who", [HER, OTHER])
def test_an_order_claimed_by_its_number_never_proves_an_account(who: MemberId) -> None:
    world = World()
    world.put(an_order())
    taken = submit(claim_of(world, who), desk=world.claims, hashes=HASHES).claim
    match(world.sent_claims()[0], desk=world.claims)
    assert is_owned_by(world.store.by_ref[REF], taken.member_id)

    done = ended(world)

    assert done.reason == "PROOF_FAILED"
    assert world.store.bindings == {}


def claim_of(world: World, member_id: MemberId) -> SubmitClaim:
    return world.command(member_id=member_id)


def test_an_account_that_is_somebodys_is_told_only_to_who_proved_it() -> None:
    world = World()
    shelf(world)
    assert ended(world, a_sync_command(member_id=OTHER)).status == "done"
    another = HASHES.order_ref("taobao", number(5555))
    world.put(replace(an_order(), order_ref=another))

    proven = ended(world, a_sync_command(number=number(5555)))
    guessed = ended(world, a_sync_command(number=number(5555), paid_amount_fen=1))

    assert (proven.status, proven.reason) == ("failed", "ACCOUNT_BOUND_ELSEWHERE")
    assert (guessed.status, guessed.reason) == ("failed", "PROOF_FAILED")
    assert world.store.bindings == {HER_ACCOUNT: OTHER}
    assert world.store.by_ref[another].ownership is None
    assert len(world.store.tries_rows[HER].proofs) == 2


def test_an_account_bound_to_a_member_merged_into_her_is_hers() -> None:
    world = World()
    world.put(an_order())
    world.store.bindings[HER_ACCOUNT] = OTHER
    world.merged_ids[HER] = (HER, OTHER)

    assert ended(world).status == "done"


LINES = st.builds(
    line,
    st.sampled_from(["unpaid", "paid", "shipped", "confirmed", "closed", "unknown"]),
    st.sampled_from([0, 8940, 17880]),
    account=st.sampled_from(["小满1990", None]),
)


@given(st.lists(LINES, min_size=1, max_size=3), st.booleans())
def test_only_confirmed_orders_of_the_very_account_and_amount_prove(
    of: list[Line], by_affiliate: bool
) -> None:
    order = an_order(*of)
    if by_affiliate:
        order = pooled([row(line("confirmed", 1, account=None), source="affiliate")], order)
    sync = asked(World())

    if is_proof(order, sync, [HER]):
        open_lines = [each for each in of if each.state != "closed"]
        assert open_lines
        assert all(each.state in {"confirmed", "paid", "shipped"} for each in open_lines)
        assert by_affiliate or all(each.state == "confirmed" for each in open_lines)
        assert sum(each.paid_fen or 0 for each in of if each.state != "unpaid") == 17880
        assert any(each.account_ref == HER_ACCOUNT for each in of)


def void(_: object) -> None:
    """For calls that are made for what they do."""


def test_the_amount_is_what_the_source_that_prints_the_account_says() -> None:
    """An affiliate row that came first knows neither the account nor the freight the buyer paid."""
    world = World()
    export = line(paid_fen=18880, freight_fen=1000)
    affiliate = line(paid_fen=17880, account=None)
    world.put(pooled([row(affiliate, source="affiliate", key="sub"), row(export)]))

    right = ended(world, a_sync_command(paid_amount_fen=18880))
    wrong = ended(world, a_sync_command(paid_amount_fen=17880))

    assert (right.status, wrong.status, wrong.reason) == ("done", "failed", "PROOF_FAILED")
