"""What the ledger holds for a line of somebody who merged: counted over all accounts she ever had, wherever the line
has been meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.points.store import LedgerStore
from huixue.points.transfers import planned
from huixue.points.use_cases import settle
from tests.engines.tables import TableNames
from tests.stores.ledgers import assert_sound, merge
from tests.unit.points.fakes import ANNA, BERTA, NOW, POLICY, Pool, desk_of, quote

pytestmark = pytest.mark.exact_engines
XENIA = MemberId("mem_xenia")
LINE = "lin_much_travelled"


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def ledger(database: Database, tables: TableNames) -> LedgerStore:
    return LedgerStore(database, tables.points)


def settled(ledger: LedgerStore, said: LineQuote) -> None:
    pool = Pool()
    pool.say(said)
    settle(said.owner, ["o1"], quotes=pool, desk=desk_of(ledger))


def transferred(
    database: Database, ledger: LedgerStore, giver: MemberId, getter: MemberId
) -> LineQuote:
    said = quote(LINE, "due", 100, owner=getter)
    plan = planned(
        [said], ledger.standing(giver, [LINE]), ledger.standing(getter, [LINE]), policy=POLICY,
        now=NOW, shared_of=lambda _: {}, source={},
    )  # fmt: skip
    database.transact([
        write
        for step in (plan.giving, plan.getting)
        for write in ledger.posting(step.before, step.after, step.entries)
    ])  # fmt: skip
    return said


def test_a_line_that_goes_and_comes_back_to_a_merged_member_is_credited_once(
    database: Database, ledger: LedgerStore
) -> None:
    settled(ledger, quote(LINE, "due", 100, owner=ANNA))
    merge(database, ledger, ANNA, BERTA)
    transferred(database, ledger, ANNA, XENIA)
    back = transferred(database, ledger, XENIA, BERTA)

    for _ in range(3):
        settled(ledger, back)

    assert [ledger.account(each).balance for each in (ANNA, BERTA, XENIA)] == [0, 100, 0]
    held = ledger.standing(BERTA, [LINE]).postings[LINE]
    assert (held.count, held.points) == (3, 100)
    for member_id in (ANNA, BERTA, XENIA):
        assert_sound(ledger, member_id)


def test_both_ids_of_a_merged_member_tell_the_same_of_a_line(
    database: Database, ledger: LedgerStore
) -> None:
    settled(ledger, quote(LINE, "due", 100, owner=ANNA))
    merge(database, ledger, ANNA, BERTA)
    settled(ledger, quote(LINE, "due", 40, owner=ANNA))

    by_old, by_new = (ledger.standing(each, [LINE, "lin_other"]) for each in (ANNA, BERTA))

    assert by_old == by_new
    assert (by_new.postings[LINE].points, by_new.postings["lin_other"].count) == (40, 0)
