"""What one member has in the Orders table: all of it found, all of it removed, nobody else's touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import to_epoch_s
from huixue.orders.belongings import BelongingsStore
from huixue.orders.dispute_store import DisputeStore
from huixue.orders.disputes import claim_case
from huixue.orders.model import Order, OrderSync, Tries, claim_id_of
from huixue.orders.ports import OrderChangedError
from huixue.orders.store import OrderStore
from huixue.orders.stubs import with_waiting
from tests.engines.tables import TableNames
from tests.unit.orders.world import HASHES, HER, HER_ACCOUNT, NOW, OTHER, REF, a_claim, an_order

STUB = HASHES.order_ref("taobao", "2" * 19)
LATER_EPOCH_S = to_epoch_s(NOW + timedelta(days=40))
SYNC = OrderSync(
    sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao", account_ref=HER_ACCOUNT,
    order_ref=REF, paid_amount_fen=1, requested_at=NOW, run=1,
)  # fmt: skip


@pytest.fixture
def orders(dynamodb: Any, tables: TableNames) -> OrderStore:
    return OrderStore(Database(dynamodb), tables.orders)


@pytest.fixture
def belongings(dynamodb: Any, tables: TableNames) -> BelongingsStore:
    return BelongingsStore(Database(dynamodb), tables.orders)


@pytest.fixture
def left(dynamodb: Any, tables: TableNames) -> Callable[[], set[tuple[str, str]]]:
    """Keys of whatever is in the table."""

    def keys() -> set[tuple[str, str]]:
        items = dynamodb.scan(TableName=tables.orders)["Items"]
        return {(item["pk"]["S"], item["sk"]["S"]) for item in items}

    return keys


def stub(**changes: Any) -> Order:
    """Of a number that nobody has brought yet."""
    return replace(Order(order_ref=STUB, platform="taobao", order_hint="2222…22"), **changes)


Left = Callable[[], set[tuple[str, str]]]


def test_all_that_is_hers_is_found_and_removed(
    orders: OrderStore, belongings: BelongingsStore, dynamodb: Any, tables: TableNames, left: Left
) -> None:
    claim = replace(a_claim(), claim_id=claim_id_of(HER, STUB), order_ref=STUB)
    orders.add_claim(claim)
    orders.save(stub(waiting={HER: claim.claim_id}, expires_at_epoch_s=LATER_EPOCH_S))
    orders.save_sync(SYNC, expected_run=None)
    orders.save_tries(Tries(member_id=HER, numbers={claim.claim_id: 1}))
    assert orders.bind(HER_ACCOUNT, [HER], SYNC)
    case = claim_case(claim, "请核对", NOW)
    DisputeStore(Database(dynamodb), tables.orders).open_case(case)

    found = belongings.of([HER])
    removed = belongings.remove([HER], NOW)

    assert (found.syncs, found.cases) == ([SYNC], [case])
    assert [each.sync_id for each in found.accounts] == ["syn_1"]
    assert found.tries[0].numbers == {claim.claim_id: 1}
    assert removed == {
        "claims": 1, "syncs": 1, "cases": 1, "tries": 1, "bindings": 1, "waiting_marks": 1,
    }  # fmt: skip
    assert left() == {(f"O#{STUB}", "ORDER")}
    assert belongings.remove([HER], NOW).total() == 0


def test_a_binding_without_its_sync_is_found_by_its_pointer(
    orders: OrderStore, belongings: BelongingsStore, left: Left
) -> None:
    orders.bind(HER_ACCOUNT, [HER], SYNC)

    assert belongings.remove([HER], NOW)["bindings"] == 1
    assert left() == set()


def test_a_binding_older_than_pointers_is_found_by_its_sync(
    orders: OrderStore, belongings: BelongingsStore, dynamodb: Any, tables: TableNames, left: Left
) -> None:
    orders.save_sync(SYNC, expected_run=None)
    orders.bind(HER_ACCOUNT, [HER], SYNC)
    pointer = {"pk": {"S": f"M#{HER}"}, "sk": {"S": f"B#demo#{HER_ACCOUNT}"}}
    dynamodb.delete_item(TableName=tables.orders, Key=pointer)

    assert belongings.remove([HER], NOW)["bindings"] == 1
    assert left() == set()


def test_somebody_elses_account_and_mark_stay(
    orders: OrderStore, belongings: BelongingsStore, left: Left
) -> None:
    """She tried to prove an account that is another's, and waits for an order as another does."""
    orders.bind(HER_ACCOUNT, [OTHER], replace(SYNC, member_id=OTHER))
    orders.save_sync(SYNC, expected_run=None)
    claim = replace(a_claim(), order_ref=STUB)
    orders.add_claim(claim)
    marks = {HER: claim.claim_id, OTHER: "clm_other"}
    orders.save(stub(waiting=marks))

    removed = belongings.remove([HER], NOW)

    assert removed["bindings"] == 0
    assert orders.orders([STUB])[STUB].waiting == {OTHER: "clm_other"}
    assert not [pk for pk, _ in left() if pk == f"M#{HER}"]
    assert orders.bind(HER_ACCOUNT, [OTHER], SYNC)


def test_of_a_stub_that_only_she_waited_for_an_empty_one_stays_for_a_day(
    orders: OrderStore, belongings: BelongingsStore
) -> None:
    """Gone at once, the next one of its number would begin with the revision that somebody has read."""
    claim = replace(a_claim(), order_ref=STUB)
    orders.add_claim(claim)
    orders.save(stub(waiting={HER: claim.claim_id}, expires_at_epoch_s=LATER_EPOCH_S))
    read_before = orders.orders([STUB])[STUB]

    belongings.remove([HER], NOW)

    emptied = orders.orders([STUB])[STUB]
    a_day_later = to_epoch_s(NOW + timedelta(days=1))
    assert emptied == stub(order_hint="", expires_at_epoch_s=a_day_later, revision=2)
    orders.save(with_waiting(emptied, replace(claim, member_id=OTHER), NOW + timedelta(days=30)))
    with pytest.raises(OrderChangedError):
        orders.save(replace(read_before, waiting={**read_before.waiting, "mem_late": "clm_late"}))
    assert orders.orders([STUB])[STUB].waiting == {OTHER: claim.claim_id}


def test_an_order_of_the_pool_stays_when_her_mark_goes(
    orders: OrderStore, belongings: BelongingsStore
) -> None:
    claim = a_claim()
    orders.add_claim(claim)
    orders.save(replace(an_order(), waiting={HER: claim.claim_id}))

    belongings.remove([HER], NOW)

    order = orders.orders([REF])[REF]
    assert order.waiting == {}
    assert order.first_source is not None


def test_the_mark_on_the_order_that_hers_is_a_part_of_goes_too(
    orders: OrderStore, belongings: BelongingsStore
) -> None:
    claim = replace(a_claim(), order_ref=STUB)
    orders.add_claim(claim)
    orders.save(stub(alias_of=REF))
    orders.save(replace(an_order(), waiting={HER: claim.claim_id}))

    assert belongings.remove([HER], NOW)["waiting_marks"] == 1
    assert orders.orders([REF])[REF].waiting == {}
    assert orders.orders([STUB])[STUB].alias_of == REF
