"""How changes turn one account into the next. Pure.

Whatever is due by itself is entered first, in order of time, each event at its own instant: so a job that comes late
changes nothing but when the entry was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from huixue.kernel.calendar import business_date
from huixue.kernel.errors import MemberErasedError, RuleError
from huixue.kernel.policies import Cap, LedgerPolicy
from huixue.points import caps, lots, tiers
from huixue.points.changes import Change
from huixue.points.due import due_at, next_due, tier_change
from huixue.points.model import RECENT_ENTRIES, Account, Entry, Frozen, Hold, TierStanding


class InsufficientPointsError(RuleError):
    """She has fewer points than this takes."""

    code = "INSUFFICIENT_POINTS"


@dataclass(slots=True)
class _Posting:
    """An account on its way from one version to the next."""

    account: Account
    policy: LedgerPolicy
    now: datetime
    shared: dict[str, caps.Piece]
    entries: list[Entry] = field(default_factory=list)


def posted(
    account: Account,
    changes: Sequence[Change],
    *,
    policy: LedgerPolicy,
    now: datetime,
    shared: caps.Shared | None = None,
) -> tuple[Account, list[Entry]]:
    """The account after whatever was due and the changes, and one entry for each, in their order; the same
    account and no entry where there is nothing to enter.

    Raises InsufficientPointsError where a debit that must be covered is not, MemberErasedError for any change of an
    erased member's account; then nothing counts."""
    if changes:
        must_not_be_erased(account)
    posting = _Posting(account, policy, now, dict(shared or {}))
    while (event := next_due(posting.account, policy, now)) is not None:
        _enter(posting, event.change, event.at)
    for change in changes:
        _enter(posting, change, now)
        _rise_or_fall(posting, change)
    if not posting.entries:
        return account, []
    after = replace(
        posting.account,
        version=account.version + 1,
        due_at=due_at(posting.account, policy, now, since=account.due_at),
        programme_id=account.programme_id or policy.programme_id,
    )
    return after, posting.entries


def must_not_be_erased(account: Account) -> None:
    """Raises MemberErasedError: her points may still expire, nothing else happens to them."""
    if account.erased_at is not None:
        raise MemberErasedError(
            f"she was erased on {account.erased_at:%Y-%m-%d}: nothing can be done for her",
            member_id=account.member_id,
        )


def as_of(account: Account, policy: LedgerPolicy, now: datetime) -> Account:
    """The account as it is at this instant, whether what is due has been entered or not."""
    return posted(account, [], policy=policy, now=now)[0]


def _rise_or_fall(posting: _Posting, change: Change) -> None:
    account, plan = posting.account, posting.policy.tiers
    if plan is None or change.leaves or change.scene == "tier":
        return
    day = business_date(posting.now, posting.policy.zone)
    standing = account.standing
    if change.merges is not None:
        standing = tiers.merged(plan, standing, change.merges.standing, day)
    after = tiers.after_points(plan, standing, account.qualifying, day)
    if _told(after) != _told(account.standing):
        _enter(posting, tier_change(account, after, plan), posting.now)


def _told(standing: TierStanding | None) -> tuple[str | None, str | None]:
    """What she would notice of a standing: a tier, and one that is hers whatever happens to her points."""
    return (None, None) if standing is None else (standing.tier, standing.floor)


def _enter(posting: _Posting, change: Change, at: datetime) -> None:
    policy, before = posting.policy, posting.account
    today = business_date(at, policy.zone)
    day = change.business_date or today
    change = _within_caps(posting, change, day)
    counted_on = change.counted_on or today
    moved, points, lost = _moved(before, change, policy, at)
    written_off = change.written_off + lost
    earned = points - written_off if change.earns is not None else 0
    entry = Entry(
        member_id=before.member_id,
        source_key=change.source_key,
        number=before.entry_count + 1,
        scene=change.scene,
        points=points,
        pending=change.pending,
        held=change.held,
        lots=moved,
        balance_after=before.balance + points,
        earned=_earned(before, change, earned),
        qualifying=_qualifying(before, change, policy, counted_on, earned),
        # caps limited a credit by what the windows of its own day hold, whatever day its line belongs to
        caps=_capacity(posting, change, counted_on if points < 0 else day, points),
        bonus=change.bonus,
        capped=change.capped,
        written_off=written_off,
        lot=change.lot,
        repays=before.in_debt_since if sum(moved.values()) < points else None,
        check_in_sheet=change.check_in_sheet or None,
        business_date=day,
        effective_at=at,
        recorded_at=posting.now,
        previous=before.recent,
        source=change.source,
        explanation=_explained(change),
    )
    posting.entries.append(entry)
    posting.account = _after(before, change, entry, policy, at)


def _moved(
    account: Account, change: Change, policy: LedgerPolicy, at: datetime
) -> tuple[dict[str, int], int, int]:
    """The change of each lot, of the balance, and what is given up of a clawback."""
    if change.leaves:
        return lots.negative(account.lots), change.points, 0
    if change.points >= 0 or change.merges is not None:
        return _received(account, change, policy, at), change.points, 0
    clawback = change.shortfall == "policy"
    # a clawback says which lots are its own; whatever does not may take from all
    others = policy.clawback.other_lots or not change.take_first
    out = lots.taken(account.lots, -change.points, first=change.take_first, others=others)
    missing = -change.points - sum(out.values())
    if missing and not clawback:
        raise InsufficientPointsError("she has fewer points than this takes", missing=missing)
    lost = missing if policy.clawback.shortfall == "write_off" else 0
    return lots.negative(out), change.points + lost, lost


def _received(
    account: Account, change: Change, policy: LedgerPolicy, at: datetime
) -> dict[str, int]:
    """What comes in, less what repays debt: from all lots, or, where a clawback leaves the other lots alone, from
    what comes in."""
    debt = account.debt
    if change.merges is None and not change.lots_in:
        return {}
    if change.merges is not None:
        incoming = dict(change.merges.lots)
        debt += change.merges.debt
    else:
        incoming = lots.summed(
            [{lots.living(key, at, policy): size} for key, size in change.lots_in.items()]
        )
    pool = lots.changed(account.lots, incoming) if policy.clawback.other_lots else incoming
    return lots.changed(incoming, lots.negative(lots.taken(pool, debt)))


def _within_caps(posting: _Posting, change: Change, today: date) -> Change:
    """The credit that caps leave of it; campaigns' points go first."""
    if change.earns is None or change.points <= 0:
        return change
    limits = caps.caps_of(posting.policy, change.earns, change.rule)
    most = caps.allowed(change.points, limits, posting.account, today, posting.shared)
    cut = change.points - most
    if cut == 0:
        return change
    bonus = max(0, change.bonus - cut)
    first = [(key, cut) for key in change.lots_in if lots.kind_of(key) == "bonus"]
    kept = lots.changed(change.lots_in, lots.negative(lots.taken(change.lots_in, cut, first=first)))
    return replace(change, points=most, bonus=bonus, capped=change.capped + cut, lots_in=kept)


def _capacity(posting: _Posting, change: Change, day: date, points: int) -> dict[str, int]:
    """Taken from the windows of the day it counts on, or, by a reversal, given back to them: as much as she got or
    no longer has. What was written off she keeps, and with it the capacity it took."""
    if change.merges is not None:
        return {f"{cap}|{window}": used for cap, (window, used) in change.merges.caps.items()}
    if change.earns is None or points == 0:
        return {}
    limits = caps.caps_of(posting.policy, change.earns, change.rule)
    for cap in limits:
        piece = posting.shared.get(cap.cap_id)
        if piece is not None and points > 0:
            posting.shared[cap.cap_id] = replace(piece, remaining=piece.remaining - points)
    if points < 0:
        return _given_back(change, limits, points, day)
    known = posting.account if change.business_date is not None else None
    return caps.uses(limits, points, day, known)


def _given_back(change: Change, limits: list[Cap], points: int, day: date) -> dict[str, int]:
    """Never more than was taken: what was earned before there was a cap, or another one, does not widen it."""
    back = {
        key: max(size, -change.took.get(key, 0))
        for key, size in caps.uses(limits, points, day).items()
    }
    return {key: size for key, size in back.items() if size}


def _earned(before: Account, change: Change, earned: int) -> int:
    """What was clawed back is no longer earned, also where it could not be taken; what was recovered is again."""
    if change.leaves:
        return -before.lifetime
    if change.merges is not None:
        return change.merges.lifetime
    return earned


def _qualifying(
    before: Account, change: Change, policy: LedgerPolicy, day: date, earned: int
) -> Mapping[str, int]:
    if change.leaves:
        return {period: -points for period, points in before.qualifying.items()}
    if change.merges is not None:
        return change.merges.qualifying
    period = tiers.period_now(policy, day)
    worth = earned - change.bonus
    return {period: worth} if change.qualifies and period is not None and worth else {}


def _explained(change: Change) -> Mapping[str, object] | None:
    capped = change.capped_before + change.capped
    if change.explanation is None or capped == 0:
        return change.explanation
    return {**change.explanation, "capped_points": capped}


def _after(
    before: Account, change: Change, entry: Entry, policy: LedgerPolicy, at: datetime
) -> Account:
    after = replace(
        before,
        balance=entry.balance_after,
        pending=before.pending + entry.pending,
        held=before.held + entry.held,
        lifetime=before.lifetime + entry.earned,
        lots=lots.changed(before.lots, entry.lots),
        holds=_holds(before, change, entry),
        qualifying=tiers.counted(before.qualifying, entry.qualifying),
        caps=caps.counted(before.caps, entry.caps),
        standing=change.standing if change.standing is not None else before.standing,
        entry_count=entry.number,
        recent=(entry.source_key, *before.recent)[:RECENT_ENTRIES],
        check_in_sheet="" if change.leaves else entry.check_in_sheet or before.check_in_sheet,
    )
    since = entry.source_key if entry.debt > 0 else before.in_debt_since
    after = replace(after, in_debt_since=since if after.debt else None)
    frozen = before.frozen
    if change.merges is not None:
        frozen = _stricter(frozen, change.merges.frozen)
    if entry.debt > 0 and policy.clawback.shortfall == "freeze":
        frozen = _stricter(frozen, Frozen(reason="debt", since=at))
    return replace(after, frozen=frozen)


def _stricter(one: Frozen | None, other: Frozen | None) -> Frozen | None:
    """The one that lasts longer: nobody gets out of a stop by a merger, or by another one that ends by itself."""
    if one is None or other is None:
        return one if other is None else other
    if one.until is None or (other.until is not None and other.until <= one.until):
        return one
    return other


def _holds(before: Account, change: Change, entry: Entry) -> Mapping[str, Hold]:
    if change.leaves:
        return {}
    holds = dict(before.holds)
    if change.merges is not None:
        holds |= change.merges.holds
    if change.opens is not None:
        hold_id, until = change.opens
        holds[hold_id] = Hold(until=until, lots=lots.negative(entry.lots))
    if change.resolves is not None:
        holds.pop(change.resolves)
    return holds
