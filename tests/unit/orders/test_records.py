"""Items of the Orders table: what is written reads back, and an ordinary order stays within one write unit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.dynamodb.items import decoded, encoded
from huixue.kernel.ids import AccountRef, ClaimId, MemberId, OrderRef, random_id
from huixue.kernel.snapshots import STATE_RANK, OrderSnapshot, Source
from huixue.kernel.terms import CampaignTerms
from huixue.orders import records
from huixue.orders.merging import joined, merged, stamped
from huixue.orders.model import Claim, Line, Order, PoolRow, Reason, Row
from huixue.orders.pool import pool_row
from tests.bench.sizes import WRITE_UNIT_BYTES, item_bytes
from tests.unit.orders.world import (
    HASHES,
    HER_ACCOUNT,
    NOW,
    NUMBER,
    REF,
    TERMS,
    a_claim,
    an_order,
    line,
    number,
    ownership,
    pooled,
    refund,
    row,
)

INSTANTS = st.none() | st.integers(-(10**14), 10**14).map(
    lambda elapsed_us: NOW + timedelta(microseconds=elapsed_us)
)
NUMBERS = st.none() | st.integers(0, 10_000_000_000)
PART = OrderRef("taobao:k1:part-of-it")
CAMPAIGN = CampaignTerms(
    campaign_id="double-eleven", kind="multiply", value=200, starts_at=NOW,
    ends_at=NOW + timedelta(days=1, microseconds=1),
)  # fmt: skip
TEXTS = st.none() | st.text(max_size=8)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    def one() -> Line:
        said = Line(
            state=draw(st.sampled_from(list(STATE_RANK))), printed_state=draw(TEXTS),
            paid_fen=draw(NUMBERS), refunded_fen=draw(NUMBERS), freight_fen=draw(NUMBERS),
            account_ref=draw(st.sampled_from([None, HER_ACCOUNT, AccountRef("b")])),
            room=draw(st.sampled_from([None, "demo/main"])), created_at=draw(INSTANTS),
            paid_at=draw(INSTANTS), confirmed_at=draw(INSTANTS), title=draw(TEXTS),
            quantity=draw(NUMBERS), trade_type=draw(st.sampled_from([None, "gift", "normal"])),
        )  # fmt: skip
        return stamped(said, draw(st.integers(0, 2_000_000_000_000)))

    return joined(one(), one())


@st.composite
def orders(draw: st.DrawFn) -> Order:
    sources: list[Source] = ["export", "affiliate"]
    rows: list[Row] = [
        row(draw(lines()), source=source, key=key, part=draw(st.sampled_from([None, PART])))
        for source in sources
        for key in draw(st.lists(st.sampled_from(["l1", "l2"]), unique=True, max_size=2))
    ]
    rows += [refund(fen, f"r{fen}", key="l1") for fen in draw(st.sets(st.integers(0, 9)))]
    stub = Order(
        order_ref=REF, platform="taobao", order_hint="2600…34",
        waiting=draw(st.dictionaries(st.text(min_size=1, max_size=4), st.text(max_size=4))),
        expires_at_epoch_s=draw(st.none() | st.integers(0, 2**31)), revision=draw(st.integers(1, 9)),
    )  # fmt: skip
    order = pooled(rows, stub)
    level = draw(st.none() | st.text(max_size=4))
    terms = replace(
        TERMS, level=level, release_after_days=draw(st.integers(0, 3)),
        credited_types=draw(st.sampled_from([(), ("gift", "virtual")])),
        campaigns=draw(st.sampled_from([(), (CAMPAIGN, replace(CAMPAIGN, kind="fixed"))])),
        zone_name=draw(st.sampled_from(["Asia/Shanghai", "Asia/Tokyo"])),
    )  # fmt: skip
    return replace(
        order, ownership=draw(st.sampled_from([None, ownership(terms=terms)])),
        release_at=draw(INSTANTS), alias_of=draw(st.sampled_from([None, PART])),
    )  # fmt: skip


def through_dynamodb(item: dict[str, Any]) -> dict[str, Any]:
    return decoded(encoded(item))


@given(orders())
def test_an_order_reads_back_as_it_was_written(order: Order) -> None:
    assert records.order_from(through_dynamodb(records.order_item(order))) == order


@given(orders(), lines())
def test_a_row_joins_into_a_stored_order_as_into_the_one_in_memory(order: Order, of: Line) -> None:
    stored = records.order_from(through_dynamodb(records.order_item(order)))

    assert merged(stored, row(of)) == merged(order, row(of))


@pytest.mark.parametrize("reason", [None, "OUT_OF_WINDOW"])
@pytest.mark.parametrize("due", [None, NOW + timedelta(minutes=5, microseconds=1)])
def test_a_claim_reads_back_and_is_in_the_index_exactly_while_it_waits(
    reason: Reason | None, due: datetime | None
) -> None:
    claim = replace(
        a_claim(account_ref=HER_ACCOUNT), room_level="gold", rejected_reason=reason,
        next_check_at=due,
    )  # fmt: skip

    item = through_dynamodb(records.claim_item(claim))

    assert records.claim_from(item) == claim
    assert ("due_shard" in item) == ("next_check_at" in item) == (due is not None)
    assert records.is_claim(item)
    assert not records.is_order(item)


def test_only_an_order_with_a_plain_account_is_in_the_index_of_accounts() -> None:
    plain = records.order_item(an_order())
    masked = records.order_item(an_order(line(account=None)))
    unpaid = records.order_item(an_order(line("unpaid", 0, paid_at=None)))

    assert (plain["account_ref"], plain["paid_at"]) == (HER_ACCOUNT, "2026-11-10T04:00:00.000000Z")
    assert not {"account_ref", "paid_at"} & set(masked)
    assert unpaid["paid_at"] == "2026-11-09T04:00:00.000000Z"  # when it was made


def test_a_missing_field_takes_no_room() -> None:
    item = records.order_item(an_order(line(account=None, room=None)))

    assert None not in item.values()
    assert None not in item["sources"]["export"]["order"].values()


def test_an_order_is_in_the_due_index_exactly_while_it_waits_for_a_release() -> None:
    waits = records.order_item(replace(an_order(), release_at=NOW))
    done = records.order_item(an_order())

    assert waits["next_check_at"] == "2026-11-20T04:00:00.000000Z"
    assert waits["due_shard"] in records.release_shards()
    assert not {"next_check_at", "due_shard", "refunds", "alias_of", "release_at"} & set(done)


def test_an_alias_is_not_found_by_its_account() -> None:
    item = records.order_item(replace(an_order(), alias_of=PART))

    assert not {"account_ref", "paid_at"} & set(item)


@pytest.mark.parametrize("part", [None, PART])
def test_a_row_of_a_chunk_reads_back_from_json(part: OrderRef | None) -> None:
    planned = row(line("closed", 1, 1, trade_type="gift"), key="l1", part=part)

    assert records.row_from(json.loads(json.dumps(records.row_record(planned)))) == planned


def test_a_refund_is_no_row_of_a_chunk() -> None:
    with pytest.raises(TypeError):
        records.row_record(refund(1))


def test_claims_are_spread_over_the_shards_that_are_read() -> None:
    shards = {records.due_shard(f"clm_{index}") for index in range(200)}

    assert shards == set(records.due_shards())


def real_rows(lines_of_order: int, source: Source) -> Sequence[PoolRow]:
    """Rows as parsers make them: 19-digit numbers, a title of 60 Chinese characters, every field."""
    return [
        pool_row(
            OrderSnapshot(
                platform="taobao", source=source, order_number=NUMBER,
                sub_order_number=None if lines_of_order == 1 else number(index),
                as_of=NOW, state="confirmed", paid_fen=1234567, freight_fen=1200,
                refunded_fen=234567, account="小满1990", created_at=NOW, paid_at=NOW,
                confirmed_at=NOW, title="面" * 60, quantity=12,
            ),
            room="demo/main",
            hashes=HASHES,
        )
        for index in range(lines_of_order)
    ]  # fmt: skip


def owned(rows: Sequence[PoolRow]) -> Order:
    member_id = MemberId(random_id("mem", bytes(range(20))))
    terms = replace(TERMS, level="diamond", rule="main-taobao-1x", multiplier_percent=150)
    owner = replace(ownership(member_id, terms=terms), via="clm_" + "x" * 26)
    return replace(pooled(rows), ownership=owner, revision=12)


def test_an_owned_order_of_an_export_costs_one_write_unit() -> None:
    order = owned(real_rows(1, "export"))
    owner = order.ownership
    assert owner is not None
    terms = replace(owner.terms, release_after_days=7)
    order = replace(order, release_at=NOW, ownership=replace(owner, terms=terms))

    assert item_bytes(encoded(records.order_item(order))) <= WRITE_UNIT_BYTES


def test_a_claim_costs_one_write_unit_with_everything_it_can_hold() -> None:
    claim = Claim(
        claim_id=ClaimId("clm_" + "x" * 26), member_id=MemberId("mem_" + "x" * 26),
        programme_id="p" * 40, platform="wechat_shop", order_ref=OrderRef("o" * 60),
        order_hint="2600…34", account_ref=HER_ACCOUNT, room_level="钻" * 64, claimed_at=NOW,
        submission="r" * 40, rejected_reason="ACCOUNT_BOUND_ELSEWHERE", next_check_at=NOW,
    )  # fmt: skip

    assert item_bytes(encoded(records.claim_item(claim))) <= WRITE_UNIT_BYTES
