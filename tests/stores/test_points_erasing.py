"""Erasing a member's account on real tables: marked once, whatever races, and nothing personal beside it stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import ContentionError, MemberErasedError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points import moving
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban
from huixue.points.model import Account, Frozen
from huixue.points.notices import Notice
from huixue.points.ports import LedgerDesk
from huixue.points.run_store import NoticeStore
from huixue.points.store import MAX_MERGERS, LedgerStore
from huixue.points.use_cases import balance
from tests.engines.tables import TableNames
from tests.stores.ledgers import assert_sound, at_once, credit, merge, patient_desk
from tests.unit.dynamodb.answers import Answer, ScriptedClient, refused
from tests.unit.points.fakes import ANNA, BERTA, MAIN, NOW, POLICY, desk_of

exact = pytest.mark.exact_engines
BAN = Ban(
    member_id=ANNA, since=NOW, until=NOW + timedelta(days=30), paid=5, refunded=4, preview="p1"
)


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def ledger(database: Database, tables: TableNames) -> LedgerStore:
    return LedgerStore(database, tables.points)


@pytest.fixture
def desk(ledger: LedgerStore) -> LedgerDesk:
    return patient_desk(ledger)


@exact
def test_an_account_is_marked_and_nothing_else_of_it_changes(ledger: LedgerStore) -> None:
    credit(ledger, 1, 2)
    ledger.freeze(ANNA, Frozen(reason="audit", since=NOW))
    before, entries = ledger.whole(ANNA)

    ledger.erase(ANNA, NOW)

    after, same = ledger.whole(ANNA)
    assert after == replace(before, erased_at=NOW, version=before.version + 1)
    assert same == entries
    assert_sound(ledger)


@exact
def test_who_had_no_account_gets_an_empty_one_that_later_postings_meet(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    ledger.erase(ANNA, NOW)

    assert ledger.account(ANNA) == Account(member_id=ANNA, version=1, erased_at=NOW)
    assert balance(ANNA, desk=desk).balance == 0
    with pytest.raises(MemberErasedError):
        moving.grant(ANNA, MAIN, "g", 10, {}, desk=desk)
    assert credit(ledger, 1) == []
    assert ledger.whole(ANNA)[1] == []


@exact
@pytest.mark.parametrize("prepared", [lambda _: None, credit])
def test_again_changes_nothing_and_the_first_instant_stays(
    ledger: LedgerStore, prepared: Callable[[LedgerStore], object]
) -> None:
    prepared(ledger)
    ledger.erase(ANNA, NOW)
    before = ledger.account(ANNA)

    ledger.erase(ANNA, NOW + timedelta(days=1))

    assert ledger.account(ANNA) == before


@exact
def test_a_posting_decided_before_the_erasure_is_not_made_after_it(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    for hers, lines in ((ANNA, (1,)), (BERTA, ())):
        if lines:
            credit(ledger, *lines, member_id=hers)
        erased: list[bool] = []

        def policy_of(
            programme_id: str, hers: MemberId = hers, erased: list[bool] = erased
        ) -> LedgerPolicy:
            if not erased:
                erased.append(True)
                ledger.erase(hers, NOW)
            return replace(POLICY, programme_id=programme_id)

        slow = replace(desk, policy_of=policy_of)
        with pytest.raises(MemberErasedError):
            moving.grant(hers, MAIN, "late", 10, {}, desk=slow)

        assert ledger.account(hers).balance == 10 * len(lines)


@exact
def test_erasures_and_postings_at_once_end_erased_and_sound(
    ledger: LedgerStore, desk: LedgerDesk
) -> None:
    for turn in range(4):
        hers = MemberId(f"mem_e{turn}")

        def granting(number: int, hers: MemberId = hers) -> Callable[[], object]:
            def grant() -> object:
                try:
                    return moving.grant(hers, MAIN, f"g{number}", 10, {}, desk=desk)
                except MemberErasedError as late:
                    return late

            return grant

        def erasing(hers: MemberId = hers) -> None:
            ledger.erase(hers, NOW)

        results = at_once([granting(1), erasing, granting(2), erasing, granting(3)])

        account = assert_sound(ledger, hers)
        made = [each for each in results if isinstance(each, moving.Moved)]
        assert account.erased_at == NOW
        assert account.balance == 10 * len(made)


@exact
def test_every_account_of_a_lineage_is_marked_by_itself(
    ledger: LedgerStore, database: Database, desk: LedgerDesk
) -> None:
    credit(ledger, 1)
    credit(ledger, 2, member_id=BERTA)
    merge(database, ledger, ANNA, BERTA)

    ledger.erase(ANNA, NOW)
    assert ledger.account(BERTA).erased_at is None
    ledger.erase(BERTA, NOW)

    assert (ledger.account(ANNA).merged_into, ledger.account(ANNA).erased_at) == (BERTA, NOW)
    with pytest.raises(MemberErasedError):
        moving.grant(ANNA, MAIN, "g", 10, {}, desk=desk)
    assert assert_sound(ledger, BERTA).balance == 20


@exact
def test_what_is_personal_beside_the_ledger_is_named_and_nothing_else(
    ledger: LedgerStore, database: Database, tables: TableNames
) -> None:
    credit(ledger, 1, 2)
    credit(ledger, 3, member_id=BERTA)
    notices = NoticeStore(database, tables.points)
    for days in (30, 7):
        notices.record(notice(days))
    BanStore(database, tables.points, ledger.posting).impose(ledger.account(ANNA), BAN)

    keys = ledger.personal_keys(ANNA)
    database.remove(tables.points, keys)

    assert sorted(keys) == [(ANNA, "BAN"), (ANNA, "N#2026-12-31#30"), (ANNA, "N#2026-12-31#7")]
    assert ledger.personal_keys(ANNA) == []
    assert assert_sound(ledger).balance == 20
    assert ledger.personal_keys(BERTA) == []


def notice(days_before: int) -> Notice:
    return Notice(
        member_id=ANNA, expires_on=date(2026, 12, 31), days_before=days_before, points=1,
        created_at=NOW,
    )  # fmt: skip


@exact
def test_an_erased_account_is_not_banned_and_nothing_is_remembered(
    ledger: LedgerStore, database: Database, tables: TableNames
) -> None:
    credit(ledger, 1)
    ledger.erase(ANNA, NOW)
    bans = BanStore(database, tables.points, ledger.posting)

    with pytest.raises(MemberErasedError):
        bans.impose(ledger.account(ANNA), BAN)

    assert ledger.personal_keys(ANNA) == []


@exact
def test_what_is_due_by_itself_is_entered_for_her_too(ledger: LedgerStore) -> None:
    credit(ledger, 1)
    ledger.erase(ANNA, NOW)

    moving.enter_due(ANNA, desk=desk_of(ledger, clock=lambda: NOW + timedelta(days=900)))

    account = assert_sound(ledger)
    assert (account.balance, account.erased_at, account.due_at) == (0, NOW, None)


def test_who_loses_every_round_says_so() -> None:
    nothing: Answer = {"Responses": {"points": []}}
    lost = refused("ConditionalCheckFailedException")
    client = ScriptedClient(*[nothing, lost] * MAX_MERGERS)

    with pytest.raises(ContentionError):
        LedgerStore(Database(client), "points").erase(ANNA, NOW)
