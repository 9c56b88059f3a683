"""Many at once on one table, on the engines that are judges of races."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import ContentionError, TooManyTriesError
from huixue.kernel.ids import MemberId
from huixue.orders.claims import MAX_UNMATCHED_NUMBERS, ClaimDesk, message_of, submit
from huixue.orders.matcher import match
from huixue.orders.model import OrderSync
from huixue.orders.store import OrderStore
from tests.engines.tables import TableNames
from tests.unit.orders.fakes import FakeMetrics, FakeOutbox, FakeRules
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    REF,
    ROOM,
    TERMS,
    World,
    a_claim,
    an_order,
    number,
)

SYNC = OrderSync(
    sync_id="syn_1", member_id=HER, programme_id="demo", platform="taobao",
    account_ref=HER_ACCOUNT, order_ref=REF, paid_amount_fen=17880, requested_at=NOW, run=1,
)  # fmt: skip


@pytest.fixture
def store(dynamodb: Any, tables: TableNames) -> OrderStore:
    """On the engines that are judges of races."""
    return OrderStore(Database(dynamodb), tables.orders)


@dataclass(slots=True)
class Door:
    """The use cases on a real store."""

    store: OrderStore
    outbox: FakeOutbox
    metrics: FakeMetrics

    @property
    def desk(self) -> ClaimDesk:
        return ClaimDesk(
            pool=self.store, book=self.store, rules=FakeRules({ROOM: TERMS}), outbox=self.outbox,
            lineage=lambda member_id: (member_id,), metrics=self.metrics, now=lambda: NOW,
        )  # fmt: skip


@pytest.fixture
def door(store: OrderStore) -> Door:
    return Door(store=store, outbox=FakeOutbox(), metrics=FakeMetrics())


def at_once(call: Callable[[int], str], times: int) -> list[str]:
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(call, range(times)))


@pytest.mark.exact_engines
def test_fifty_different_numbers_of_one_member_at_once_never_pass_the_budget(door: Door) -> None:
    world = World()

    def claim(index: int) -> str:
        command = world.command(number(index))
        try:
            submit(command, desk=door.desk, hashes=HASHES)
        except (TooManyTriesError, ContentionError) as refusal:
            return type(refusal).__name__
        return "taken"

    answers = at_once(claim, 50)

    claims = list(door.store.claims_of(HER))
    assert answers.count("taken") == len(claims) <= MAX_UNMATCHED_NUMBERS
    assert set(answers) <= {"taken", "TooManyTriesError", "ContentionError"}
    _, tries = door.store.claim_and_tries(HER, "none")
    assert set(tries.numbers) == {claim.claim_id for claim in claims}
    assert len({message.correlation_id for message in door.outbox.sent}) == len(claims)


@pytest.mark.exact_engines
def test_fifty_members_claim_one_order_at_once_and_one_of_them_owns_it(door: Door) -> None:
    door.store.save(an_order())

    def claim(index: int) -> str:
        message = message_of(a_claim(MemberId(f"mem_{index}")))
        for _ in range(20):  # the queue brings it again
            try:
                return match(message, desk=door.desk)
            except ContentionError:
                continue
        return "never"

    outcomes = at_once(claim, 50)

    assert sorted(outcomes) == ["owned", *["waiting"] * 49]
    order = door.store.orders([REF])[REF]
    assert order.ownership is not None
    assert outcomes[int(order.ownership.member_id.removeprefix("mem_"))] == "owned"
    assert len(door.outbox.sent) == 1


@pytest.mark.exact_engines
def test_one_claim_sent_ten_times_at_once_is_one_claim(door: Door) -> None:
    world = World()
    commands = [world.command() for _ in range(10)]

    def claim(index: int) -> str:
        try:
            answer = submit(commands[index], desk=door.desk, hashes=HASHES)
        except ContentionError:
            return "later"
        return "new" if answer.is_new else "again"

    answers = at_once(claim, 10)

    assert answers.count("new") == len(list(door.store.claims_of(HER))) == 1


@pytest.mark.exact_engines
def test_twenty_members_bind_one_account_at_once_and_one_of_them_has_it(door: Door) -> None:
    members = [MemberId(f"mem_{index}") for index in range(20)]

    def bind(index: int) -> str:
        return str(door.store.bind(HER_ACCOUNT, [members[index]], SYNC))

    bound = at_once(bind, 20)

    assert bound.count("True") == 1
    assert at_once(bind, 20) == bound
