"""Bans on real tables: the record and the freeze are one write, and the record outlives the freeze."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.ids import LineId
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban
from huixue.points.model import Account
from huixue.points.ports import LedgerChangedError, LedgerDesk
from huixue.points.store import LedgerStore
from huixue.points.use_cases import settle
from tests.engines.tables import TableNames
from tests.unit.points.fakes import ANNA, BERTA, NOW, POLICY, quote

BAN = Ban(
    member_id=ANNA, since=NOW, until=NOW + timedelta(days=30), paid=5, refunded=4, preview="p1"
)

exact = pytest.mark.exact_engines


@pytest.fixture
def ledger(dynamodb: Any, tables: TableNames) -> LedgerStore:
    return LedgerStore(Database(dynamodb), tables.points)


@pytest.fixture
def bans(dynamodb: Any, tables: TableNames, ledger: LedgerStore) -> BanStore:
    return BanStore(Database(dynamodb), tables.points, ledger.posting)


@pytest.fixture
def anna(ledger: LedgerStore) -> Account:
    desk = LedgerDesk(
        ledger=ledger, policy_of=lambda _: POLICY, now=lambda: NOW, pause=lambda _: None
    )
    credit = quote(LineId("lin_1"), "due", 10)
    settle(ANNA, ["o1"], quotes=lambda _: [credit], desk=desk)
    return ledger.standing(ANNA, []).account


@exact
def test_a_ban_stops_the_account_and_is_remembered_when_that_is_lifted(
    bans: BanStore, ledger: LedgerStore, anna: Account
) -> None:
    bans.impose(anna, BAN)
    banned = ledger.standing(ANNA, []).account
    ledger.freeze(ANNA, None)

    assert banned == replace(anna, frozen=BAN.frozen, version=anna.version + 1)
    assert ledger.standing(ANNA, []).account.frozen is None
    assert bans.newest([ANNA]) == BAN


@exact
def test_an_account_that_changed_since_it_was_read_is_not_banned_and_nothing_is_remembered(
    bans: BanStore, ledger: LedgerStore, anna: Account
) -> None:
    ledger.freeze(ANNA, None)
    before = ledger.standing(ANNA, []).account

    with pytest.raises(LedgerChangedError):
        bans.impose(anna, BAN)

    assert ledger.standing(ANNA, []).account == before
    assert bans.newest([ANNA]) is None


def test_the_newest_ban_of_all_her_ids_counts(
    bans: BanStore, ledger: LedgerStore, anna: Account
) -> None:
    assert bans.newest([ANNA, BERTA]) is None

    bans.impose(anna, BAN)
    later = replace(BAN, member_id=BERTA, since=NOW + timedelta(days=1))
    bans.impose(Account(member_id=BERTA), later)

    assert bans.newest([ANNA, BERTA]) == later
    assert bans.newest([ANNA]) == BAN


def test_the_end_is_noted_once_and_never_for_a_newer_ban(bans: BanStore, anna: Account) -> None:
    bans.impose(anna, BAN)
    first, second = NOW + timedelta(days=1), NOW + timedelta(days=2)

    bans.note_end(BAN, first)
    bans.note_end(BAN, second)
    bans.note_end(replace(BAN, since=NOW - timedelta(days=99)), second)

    assert bans.newest([ANNA]) == replace(BAN, lifted_at=first)
