"""Syncs and tries of the Orders table: what is written reads back, and tries stay within one write unit."""

from __future__ import annotations

from datetime import datetime

import pytest

from huixue.dynamodb.items import encoded
from huixue.kernel.ids import MemberId
from huixue.orders import records, sync_records
from huixue.orders.model import OrderSync, Tries
from tests.bench.sizes import WRITE_UNIT_BYTES, item_bytes
from tests.unit.orders.test_records import through_dynamodb
from tests.unit.orders.world import HER, HER_ACCOUNT, NOW, REF


@pytest.mark.parametrize("finished_at", [None, NOW])
def test_a_sync_reads_back_and_is_in_no_index(finished_at: datetime | None) -> None:
    sync = OrderSync(
        sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao",
        account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=17880, requested_at=NOW, run=3,
        status="failed", lines_found=4, lines_credited=1, lines_pending=2, lines_skipped=1,
        reason="PROOF_FAILED", finished_at=finished_at,
    )  # fmt: skip

    item = through_dynamodb(sync_records.sync_item(sync))

    assert sync_records.sync_from(item) == sync
    assert "account_ref" not in item
    assert records.is_sync(item)


def test_tries_read_back_and_start_empty() -> None:
    tries = Tries(member_id=HER, numbers={"c": 1}, proofs={"s#1": 2}, version=4)

    assert sync_records.tries_from(HER, through_dynamodb(sync_records.tries_item(tries))) == tries
    assert sync_records.tries_from(HER, None) == Tries(member_id=HER)


def test_a_full_budget_of_tries_costs_one_write_unit() -> None:
    tries = Tries(
        member_id=MemberId("mem_" + "x" * 26),
        numbers={f"clm_{index:026}": 1_795_147_200 for index in range(10)},
        proofs={f"syn_{index:026}#1": 1_795_147_200 for index in range(5)},
        version=1000,
    )

    assert item_bytes(encoded(sync_records.tries_item(tries))) <= WRITE_UNIT_BYTES
