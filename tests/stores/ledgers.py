"""Short words for ledgers on real tables."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import sleep

from huixue.dynamodb.database import Database
from huixue.kernel.errors import ContentionError, MismatchError, RuleError
from huixue.kernel.ids import LineId, MemberId, derived_id
from huixue.points.audit import violations
from huixue.points.model import Account, Entry
from huixue.points.ports import LedgerChangedError, LedgerDesk
from huixue.points.store import LedgerStore
from huixue.points.use_cases import list_entries, settle
from tests.unit.points.fakes import ANNA, NOW, POLICY, Clock, Pool, desk_of, quote, recomputed


def line_id(number: int) -> str:
    return LineId(derived_id("lin", str(number)))


def credit(ledger: LedgerStore, *lines: int, member_id: MemberId = ANNA) -> list[Entry]:
    """One posting with a credit of 10 points for each line."""
    pool = Pool()
    pool.say(*[quote(line_id(line), "due", 10, owner=member_id) for line in lines])
    return settle(member_id, ["o1"], quotes=pool, desk=desk_of(ledger))


def filled(ledger: LedgerStore, entries: int) -> None:
    for start in range(0, entries, 25):
        credit(ledger, *range(start, min(start + 25, entries)))


def listed(ledger: LedgerStore, *, limit: int) -> list[int]:
    numbers: list[int] = []
    start: str | None = None
    while True:
        page = list_entries(ANNA, limit=limit, start=start, ledger=ledger)
        numbers += [entry.number for entry in page.entries]
        start = page.next_place
        if start is None:
            return numbers


def merge(database: Database, ledger: LedgerStore, gone: MemberId, survivor: MemberId) -> None:
    database.transact(ledger.merge_writes(gone, survivor, lambda _: POLICY, NOW, max))


def assert_sound(ledger: LedgerStore, member: MemberId = ANNA) -> Account:
    account, entries = ledger.whole(member)
    assert violations(account, entries, recomputed, merged=ledger.merged_entries(entries)) == []
    assert account.balance == sum(entry.points for entry in entries)
    return account


def patient_desk(ledger: LedgerStore) -> LedgerDesk:
    """A desk whose movements step back for one another as those in production do."""
    random = Random(7)
    return desk_of(
        ledger, clock=Clock(), pause=lambda lost: sleep(random.uniform(0, 0.004 * 2**lost))
    )


def at_once(tasks: list[Callable[[], object]]) -> list[object]:
    """What each of them came to, a refusal too."""

    def done(task: Callable[[], object]) -> object:
        try:
            return task()
        except (RuleError, ContentionError, LedgerChangedError, MismatchError) as refusal:
            return refusal

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(done, tasks))
