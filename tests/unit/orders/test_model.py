"""Values of the order pool: derived ids, and what an order says as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from huixue.orders.model import (
    LINE_STATUS_ORDER,
    STATEMENTS,
    ClaimStatus,
    Line,
    LineStatus,
    claim_id_of,
    sync_id_of,
)
from tests.unit.orders.world import (
    HASHES,
    HER_ACCOUNT,
    NOW,
    REF,
    an_order,
    line,
    number,
    pooled,
    row,
)


def test_every_field_of_a_line_belongs_to_exactly_one_statement() -> None:
    fields = [each for said in STATEMENTS.values() for each in said]

    assert sorted(fields) == sorted(set(Line.__dataclass_fields__) - {"as_of_ms"})


def test_every_status_has_its_place_and_waiting_is_for_claims_alone() -> None:
    lines = set(get_args(LineStatus))

    assert set(LINE_STATUS_ORDER) == lines
    assert len(LINE_STATUS_ORDER) == len(lines)
    assert "waiting" not in lines
    assert "waiting" in str(ClaimStatus)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_a_claim_id_belongs_to_one_member_and_one_order(
    one: tuple[str, str], two: tuple[str, str]
) -> None:
    assert (claim_id_of(*one) == claim_id_of(*two)) == (one == two)


def test_a_sync_id_changes_with_each_of_its_facts() -> None:
    facts = {"member_id": "m", "platform": "taobao", "account_ref": "a", "order_ref": "o"}

    ids = {sync_id_of(**facts, paid_amount_fen=100), sync_id_of(**facts, paid_amount_fen=101)}
    ids |= {sync_id_of(**{**facts, name: "x"}, paid_amount_fen=100) for name in facts}

    assert len(ids) == 6


def test_a_line_id_is_of_its_order_and_key_alone() -> None:
    order = an_order()
    richer = pooled([row(line("closed", at=NOW + timedelta(days=1)))], order)
    other = an_order(ref=HASHES.order_ref("taobao", number(9999)))

    assert order.line_id("order") == richer.line_id("order")
    assert len({order.line_id("order"), order.line_id("l1"), other.line_id("order")}) == 3
    assert order.line_id("order").startswith("lin_")
    assert order.order_ref == REF


def test_an_order_was_paid_and_made_when_its_first_line_was() -> None:
    early = NOW - timedelta(days=3)
    order = pooled(
        [
            row(line(paid_at=NOW, account=None), source="affiliate"),
            row(line(paid_at=early), key="l1"),
            row(line(paid_at=None), key="l2"),
        ]
    )

    assert order.paid_at == early
    assert order.created_at == NOW - timedelta(days=11)
    assert order.account_ref == HER_ACCOUNT
    assert an_order(line(paid_at=None, account=None)).paid_at is None
    assert an_order(line(paid_at=None, account=None)).account_ref is None
