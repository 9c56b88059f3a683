"""Account syncs: one confirmed order proves an account, and every order of its window becomes hers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from huixue.kernel.calendar import business_date, start_of_day, to_epoch_s
from huixue.kernel.errors import ContentionError, TooManyTriesError
from huixue.kernel.events import OrderSyncRequested
from huixue.kernel.ids import KeyedHash, MemberId
from huixue.orders.claims import checked_number
from huixue.orders.model import OrderSync, Tries, sync_id_of
from huixue.orders.ports import (
    ClaimBook,
    Lineage,
    Metrics,
    OrderChangedError,
    OrderPool,
    Outbox,
    Rules,
    SyncBook,
)

MAX_FAILED_PROOFS = 5
"""Proofs that did not succeed, per business day (OC-E1)."""
FREE_PROOFS = 2
"""Slips of the finger: from the third failure on, each waits twice as long as the one before."""
FIRST_LOCK_S = 60
RESTART_AFTER = timedelta(seconds=60)
"""The same request after this looks again; before, it shows what was found."""
MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSync:
    member_id: MemberId
    programme_id: str
    platform: str
    account: str
    order_number: str
    paid_amount_fen: int


class Started(NamedTuple):
    sync: OrderSync
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDesk:
    pool: OrderPool
    book: ClaimBook
    syncs: SyncBook
    rules: Rules
    outbox: Outbox
    lineage: Lineage
    metrics: Metrics
    now: Callable[[], datetime]


def start(command: StartSync, *, desk: SyncDesk, hashes: KeyedHash) -> Started:
    """Takes a sync, or finds the same one. Never looks into the pool. Repeatable: the same request shows the same
    sync, and once that has ended for a while it looks again. Raises RuleError or TooManyTriesError."""
    number = checked_number(
        command.platform, command.programme_id, command.order_number, desk.rules
    )
    asked = _sync_of(command, number, hashes, desk.now())
    sync = asked
    for attempt in range(MAX_ROUNDS):
        earlier, tries = desk.syncs.sync_and_tries(asked.member_id, asked.sync_id)
        if attempt > 0 and earlier == sync:  # our own write, whose reply was lost
            desk.outbox.sync([message_of_sync(sync)])
            return Started(sync=sync, is_new=sync.run == 1)
        if earlier is not None and not _may_restart(earlier, asked.requested_at):
            if earlier.status == "running":  # whoever saved it may have died before the message
                desk.outbox.sync([message_of_sync(earlier)])
            return Started(sync=earlier, is_new=False)
        run = earlier.run + 1 if earlier is not None else 1
        sync = replace(asked, run=run)
        try:
            _count_proof(sync, tries, desk)
            expected = earlier.run if earlier is not None else None
            desk.syncs.save_sync(sync, expected_run=expected)
        except OrderChangedError:
            continue
        desk.outbox.sync([message_of_sync(sync)])
        return Started(sync=sync, is_new=earlier is None)
    raise ContentionError("too many syncs of one member at once", member_id=asked.member_id)


def _sync_of(command: StartSync, number: str, hashes: KeyedHash, now: datetime) -> OrderSync:
    order_ref = hashes.order_ref(command.platform, number)
    account_ref = hashes.account_ref(command.platform, command.account)
    return OrderSync(
        sync_id=sync_id_of(
            command.member_id, command.platform, account_ref, order_ref, command.paid_amount_fen
        ),
        member_id=command.member_id,
        programme_id=command.programme_id,
        platform=command.platform,
        account_ref=account_ref,
        order_ref=order_ref,
        paid_amount_fen=command.paid_amount_fen,
        requested_at=now,
        run=1,
    )


def _may_restart(sync: OrderSync, now: datetime) -> bool:
    """An ended sync that is a minute old, or one that has been running for so long that its message is lost."""
    since = sync.finished_at if sync.finished_at is not None else sync.requested_at
    return now - since >= RESTART_AFTER


def _count_proof(sync: OrderSync, tries: Tries, desk: SyncDesk) -> None:
    now = sync.requested_at
    today_s = to_epoch_s(start_of_day(business_date(now)))
    proofs = {key: at for key, at in tries.proofs.items() if at >= today_s}
    key = proof_key(sync)
    if key not in proofs:
        wait_s = _lock_s(sorted(proofs.values()), now)
        if wait_s > 0:
            desk.metrics.count("ProofThrottled")
            raise TooManyTriesError("too many proofs that did not hold", retry_after_s=wait_s)
    proofs = {**proofs, key: to_epoch_s(now)}
    desk.book.save_tries(replace(tries, proofs=proofs))


def _lock_s(failures: Sequence[int], now: datetime) -> int:
    """Seconds until the next proof may be tried, given today's failures."""
    if len(failures) >= MAX_FAILED_PROOFS:
        tomorrow = start_of_day(business_date(now) + timedelta(days=1))
        return to_epoch_s(tomorrow) - to_epoch_s(now)
    if len(failures) <= FREE_PROOFS:
        return 0
    lock_s: int = FIRST_LOCK_S * 2 ** (len(failures) - FREE_PROOFS - 1)
    return max(0, failures[-1] + lock_s - to_epoch_s(now))


def proof_key(sync: OrderSync) -> str:
    return f"{sync.sync_id}#{sync.run}"


def is_try_of(sync_id: str, key: str) -> bool:
    """Whether a counted proof is a run of this sync."""
    return key.startswith(f"{sync_id}#")


def message_of_sync(sync: OrderSync) -> OrderSyncRequested:
    return OrderSyncRequested(
        member_id=sync.member_id, sync_id=sync.sync_id, correlation_id=sync.sync_id
    )
