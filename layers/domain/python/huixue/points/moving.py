"""Movements on one account: spend, give back, hold, capture, release, adjust, grant, enter what is due.

The idempotency contract of all of them (LG-M3): the key of the entry is the key of the request. The same request
again gets the entry it made the first time, for ever; another request under the same key is a MismatchError that
names the field. They may be repeated, run at once, and die anywhere; a lost reply is found done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from huixue.kernel.calendar import business_date
from huixue.kernel.errors import ContentionError, MismatchError, NotFoundError, RuleError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points import movements
from huixue.points.changes import Change
from huixue.points.model import Account, Entry
from huixue.points.movements import HoldResolvedError, Request
from huixue.points.ports import LedgerChangedError, LedgerDesk, Seat
from huixue.points.posting import as_of, must_not_be_erased, posted

MAX_ROUNDS = 12
ADDED = frozenset({
    "kind", "spend_id", "hold_id", "adjustment_id", "grant_id", "return_id", "taken", "from_lots",
    "approved_by", "streak", "rewards", "price", "made_up", "run_from", "title",
})  # fmt: skip
"""What stands in an entry's source beside the request; a request that leaves out anything else is another one."""
Plan = Callable[[Seat, LedgerPolicy, datetime], Change]
"""The change that is wished for, given the account as of now. Raises what forbids it."""
PlanMany = Callable[[Seat, LedgerPolicy, datetime], Sequence[Change]]
"""Several changes that are one movement, at least one; the first has the movement's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    entry: Entry
    account: Account
    """As of now, with the entry in it."""
    repeated: bool
    """The entry was there already: nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A movement of several entries, made in one transaction."""

    entries: Sequence[Entry]
    """In the order of their changes; of one that is repeated the first alone, which is its record."""
    account: Account
    """As of now, with the entries in it."""
    repeated: bool
    """They were there already: nothing was written."""


def spend(
    member_id: MemberId, programme_id: str, spend_id: str, points: int, request: Request,
    *, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    """Raises InsufficientPointsError, InDebtError, AccountFrozenError, MismatchError."""
    change = movements.spend(spend_id, points, request)

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        del policy
        movements.may_redeem(seat.account, now)
        return change

    return moved(member_id, programme_id, change.source_key, change.source, plan, desk=desk)


def open_hold(
    member_id: MemberId, programme_id: str, hold_id: str, points: int, until: datetime,
    request: Request, *, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    """Sets points aside until they are captured, released, or `until` has come. Raises as `spend` does, and
    TooManyHoldsError."""
    change = movements.hold(hold_id, points, until, request)

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        del policy
        if until <= now:
            raise RuleError("a hold ends in the future")
        movements.may_hold(seat.account, now)
        return change

    return moved(member_id, programme_id, change.source_key, change.source, plan, desk=desk)


def capture(
    member_id: MemberId, programme_id: str, hold_id: str, points: int, request: Request,
    *, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    """Spends `points` of a hold and gives the rest back. Raises NotFoundError, HoldResolvedError, MismatchError."""
    return _resolve(member_id, programme_id, hold_id, points, "capture", request, desk)


def release(
    member_id: MemberId, programme_id: str, hold_id: str, request: Request, *, desk: LedgerDesk
) -> Moved:
    """Gives a hold back to its lots. Raises NotFoundError, HoldResolvedError, MismatchError."""
    return _resolve(member_id, programme_id, hold_id, 0, "release", request, desk)


def _resolve(
    member_id: MemberId, programme_id: str, hold_id: str, points: int,
    scene: Literal["capture", "release"], request: Request, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    key = f"resolve#{hold_id}"

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        del policy, now
        if hold_id not in seat.account.holds and f"hold#{hold_id}" in seat.entries:
            raise HoldResolvedError("the hold timed out", resolution="hold_timeout")
        return movements.resolution(seat.account, hold_id, points, scene, request)

    asked = {"captured": points, **request}
    return moved(
        member_id, programme_id, key, asked, plan, desk=desk, scene=scene,
        also=(f"hold#{hold_id}",),
    )  # fmt: skip


def give_back(
    member_id: MemberId, programme_id: str, spend_key: str, return_id: str, points: int,
    request: Request, *, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    """Points of the spend `spend#…` (or of the capture `resolve#…`) back to the lots they came from. Raises
    NotFoundError, ReturnTooLargeError, MismatchError."""
    returns = movements.return_prefix(spend_key)
    key = f"{returns}{return_id}"

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        del policy, now
        spent = seat.entries.get(spend_key)
        if spent is None:
            raise NotFoundError("there is no such spend")
        earlier = desk.ledger.entries_beginning(seat.account, returns)
        return movements.spend_return(spent, earlier, return_id, points, request)

    asked = {"points": points, **request}
    return moved(member_id, programme_id, key, asked, plan, desk=desk, also=(spend_key,))


def adjust(
    member_id: MemberId, programme_id: str, adjustment_id: str, points: int, request: Request,
    *, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    """A manual correction with its reason and notes in `request`. Raises MismatchError."""

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        del seat
        today = business_date(now, policy.zone)
        return movements.adjustment(adjustment_id, points, today, policy, request)

    key, asked = f"adjust#{adjustment_id}", {"points": points, **request}
    return moved(member_id, programme_id, key, asked, plan, desk=desk)


def grant(
    member_id: MemberId, programme_id: str, grant_id: str, points: int, request: Request,
    *, desk: LedgerDesk,
) -> Moved:  # fmt: skip
    """Points of a bulk grant, as far as caps allow. Raises MismatchError."""

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Change:
        del seat
        today = business_date(now, policy.zone)
        return movements.grant(grant_id, points, today, policy, request)

    key, asked = f"grant#{grant_id}", {"points": points, **request}
    return moved(member_id, programme_id, key, asked, plan, desk=desk)


def enter_due(member_id: MemberId, *, desk: LedgerDesk) -> list[Entry]:
    """Enters what happened to the account by itself (expiries, timeouts, the turn of a tier's period). May be
    repeated; returns what it entered."""
    for lost in range(MAX_ROUNDS):
        account = desk.ledger.seat(member_id, []).account
        policy = desk.policy_of(account.programme_id)
        after, entries = posted(account, [], policy=policy, now=desk.now())
        if not entries:
            return []
        try:
            desk.ledger.post(account, after, entries, policy=policy, shared={})
        except LedgerChangedError:
            desk.pause(lost)
            continue
        return entries
    raise ContentionError("the member's ledger kept changing", member_id=member_id)


def moved(
    member_id: MemberId, programme_id: str, key: str, asked: Mapping[str, object], plan: Plan,
    *, desk: LedgerDesk, scene: str | None = None, also: tuple[str, ...] = (),
) -> Moved:  # fmt: skip
    """Enters what `plan` wishes under `key`, once for ever. `asked` are the fields that make the request what it
    is; `also` are keys of entries the plan looks at. Raises MismatchError, MemberErasedError, ContentionError."""

    def plan_one(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
        return [plan(seat, policy, now)]

    done = entered(member_id, programme_id, key, asked, plan_one, desk=desk, scene=scene, also=also)
    return Moved(entry=done.entries[0], account=done.account, repeated=done.repeated)


def entered(
    member_id: MemberId, programme_id: str, key: str, asked: Mapping[str, object],
    plan_many: PlanMany,
    *, desk: LedgerDesk, scene: str | None = None, also: tuple[str, ...] = (),
) -> Entered:  # fmt: skip
    """`moved` for several changes that are one movement: all of them in one transaction, or none. The key of the
    first is the guard for all. May be repeated, run at once and die anywhere."""
    for lost in range(MAX_ROUNDS):
        seat = desk.ledger.seat(member_id, [key, *also])
        now = desk.now()
        policy = desk.policy_of(seat.account.programme_id or programme_id)
        found = seat.entries.get(key)
        if found is not None:
            _same_request(found, asked, scene)
            account = as_of(seat.account, policy, now)
            return Entered(entries=[found], account=account, repeated=True)
        must_not_be_erased(seat.account)
        present = as_of(seat.account, policy, now)
        changes = plan_many(Seat(account=present, entries=seat.entries), policy, now)
        day = changes[0].business_date or business_date(now, policy.zone)  # one for all of them
        shared = desk.ledger.shared_caps(policy, seat.account.member_id, day)
        after, entries = posted(seat.account, changes, policy=policy, now=now, shared=shared)
        try:
            desk.ledger.post(seat.account, after, entries, policy=policy, shared=shared)
        except LedgerChangedError:
            desk.pause(lost)
            continue
        made = {each.source_key: each for each in entries}
        wished = [made[change.source_key] for change in changes]
        return Entered(entries=wished, account=after, repeated=False)
    raise ContentionError("the member's ledger kept changing", member_id=member_id)


def _same_request(entry: Entry, asked: Mapping[str, object], scene: str | None) -> None:
    if scene is not None and entry.scene != scene:
        raise HoldResolvedError("the hold was resolved otherwise", resolution=entry.scene)
    for field, value in asked.items():
        if entry.source.get(field) != value:
            raise MismatchError("the same key with another request", field=field)
    left_out = [name for name in entry.source if name not in {*asked, *ADDED}]
    if left_out:
        raise MismatchError("the same key with another request", field=left_out[0])
