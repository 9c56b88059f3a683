"""The job that enters what happened to accounts by themselves: expiries, timeouts, turns of tiers, notices.

It only writes what is true already (every posting and every read counts what is due by the clock), so it may come
late, twice, or several at once. Each run finds the shards of the index `DueAccounts` that hold something due and
sends one message for each; a worker walks its shard. The index is the cursor: an account that was looked after moves
on to its next instant, so whoever walks again finds only what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from huixue.kernel.calendar import to_text
from huixue.kernel.errors import ContentionError, UnavailableError
from huixue.kernel.events import AccountsDue
from huixue.kernel.ids import MemberId
from huixue.points.due import due_at, next_due
from huixue.points.model import Account
from huixue.points.notices import Notice, due_notices
from huixue.points.ports import Ledger, LedgerChangedError, Now, Pause, PolicyOf
from huixue.points.posting import posted

MAX_ROUNDS = 8
"""Attempts against others who post to the same account; beyond it the next run looks again."""
PAGE = 100

DuePlace = tuple[datetime, str]
"""The instant and the member of a mark: the place of an account in its shard."""


class DueAccounts(Protocol):
    """The index of accounts by the instant at which somebody should look at them; eventually consistent."""

    def shards(self) -> Sequence[str]: ...

    def due(
        self, shard: str, *, by: datetime, after: DuePlace | None, limit: int
    ) -> Sequence[DuePlace]:
        """At most `limit`, earliest first, behind the place `after`; fewer only where there are no more."""
        ...

    def move(self, account: Account, due_at: datetime | None) -> None:
        """When somebody should look at the account next, and nothing else of it. Raises LedgerChangedError where
        the account is no longer as it was read."""
        ...


class NoticeBook(Protocol):
    def record(self, notice: Notice) -> bool:
        """False where this notice was recorded before: that one stays as it is."""
        ...


class ExpiryOutbox(Protocol):
    def expire(self, messages: Sequence[AccountsDue]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDesk:
    index: DueAccounts
    outbox: ExpiryOutbox
    now: Now


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryDesk:
    index: DueAccounts
    ledger: Ledger
    notices: NoticeBook
    outbox: ExpiryOutbox
    policy_of: PolicyOf
    now: Now
    pause: Pause
    failed: Callable[[str, Exception], None]
    """Told of each account that could not be looked after, and why; the walk goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What was done for accounts."""

    accounts: int = 0
    entries: int = 0
    expired_points: int = 0
    notices: int = 0
    failed: int = 0
    is_done: bool = True
    """False: the rest of the shard goes on in another message."""


def start_expiry(*, desk: StartDesk) -> int:
    """Sends one message for each shard that holds something due; returns how many. May be repeated.

    A look at every shard is 64 × 0.5 RCU, a tenth of the price of 64 messages and the invocations they cause."""
    now = desk.now()
    busy = [
        shard for shard in desk.index.shards() if desk.index.due(shard, by=now, after=None, limit=1)
    ]
    run = f"expiry-{to_text(now)}"
    desk.outbox.expire([AccountsDue(shard=shard, due_by=now, correlation_id=run) for shard in busy])
    return len(busy)


def expire(message: AccountsDue, *, desk: ExpiryDesk, until: datetime) -> Tended:
    """Looks after the accounts of a shard, one by one, until all are done or `until` has come; then the rest goes
    on in a message of its own. May be repeated and run several times at once.

    One account that fails never stops the others. Raises UnavailableError where the database does not answer: the
    message comes again."""
    done, after = Tended(), message.after
    while True:
        page = desk.index.due(message.shard, by=message.due_by, after=after, limit=PAGE)
        for place in page:
            done, after = _with(done, _tended(MemberId(place[1]), desk)), place
            if desk.now() >= until:
                desk.outbox.expire([replace(message, after=after)])
                return replace(done, is_done=False)
        if len(page) < PAGE:
            return done


def _tended(member_id: MemberId, desk: ExpiryDesk) -> Tended:
    try:
        return tend(member_id, desk=desk)
    except Exception as error:
        if isinstance(error, UnavailableError) and not isinstance(error, ContentionError):
            raise
        desk.failed(member_id, error)
        return Tended(failed=1)


def tend(member_id: MemberId, *, desk: ExpiryDesk) -> Tended:
    """Records the notices of one account that are due, enters what happened to it by itself, and says when to look
    again. In this order: who dies in between leaves the account due. Raises ContentionError."""
    notices = 0
    for lost in range(MAX_ROUNDS):
        now = desk.now()
        account = desk.ledger.seat(member_id, []).account
        if account.due_at is None or account.due_at > now:
            return Tended(notices=notices)  # looked after, or merged: the index is a moment behind
        policy = desk.policy_of(account.programme_id)
        after, entries = posted(account, [], policy=policy, now=now)
        due = due_notices(after, policy, since=account.due_at, now=now)
        notices += sum(desk.notices.record(each) for each in due)
        next_look = due_at(after, policy, now)
        try:
            if entries:
                after = replace(after, due_at=next_look)
                desk.ledger.post(account, after, entries, policy=policy, shared={})
            else:
                desk.index.move(account, next_look)
        except LedgerChangedError:
            desk.pause(lost)
            continue
        gone = sum(-each.points for each in entries if each.scene == "expiry")
        return Tended(accounts=1, entries=len(entries), expired_points=gone, notices=notices)
    raise ContentionError("the member's ledger kept changing", member_id=member_id)


def looked_at_late(account: Account, policy_of: PolicyOf, now: datetime) -> datetime | None:
    """The instant at which somebody should look at an account that says no instant, or a later one (after a change
    of the programme, or a mended row); `account.due_at` itself where that is early enough."""
    if account.merged_into is not None:
        return None
    policy = policy_of(account.programme_id)
    event = next_due(account, policy, now)
    needed = event.at if event is not None else due_at(account, policy, now)
    says = account.due_at
    return says if needed is None or (says is not None and says <= max(needed, now)) else needed


def _with(one: Tended, other: Tended) -> Tended:
    return Tended(
        accounts=one.accounts + other.accounts,
        entries=one.entries + other.entries,
        expired_points=one.expired_points + other.expired_points,
        notices=one.notices + other.notices,
        failed=one.failed + other.failed,
    )
