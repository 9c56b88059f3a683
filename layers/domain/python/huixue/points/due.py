"""What happens to an account by itself, and when: holds time out, lots expire, a tier's period turns. Pure.

Every posting enters what is due first, every read shows it done, and a job enters it for accounts nobody touches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huixue.kernel.calendar import business_date, start_of_day
from huixue.kernel.policies import LedgerPolicy, Tiers
from huixue.points import lots, tiers
from huixue.points.changes import Change
from huixue.points.model import Account, Hold, TierStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An event and the instant at which it takes effect, however late it is entered."""

    at: datetime
    change: Change


def next_due(account: Account, policy: LedgerPolicy, now: datetime) -> Due | None:
    """The earliest event that `now` has reached; None where nothing is due."""
    hold = min(
        ((each.until, hold_id) for hold_id, each in account.holds.items()), default=(None, "")
    )
    turn = _turn_at(account, policy)
    others = [at for at in (hold[0], turn) if at is not None and at <= now]
    first_other = min(others, default=now)
    expired = _expired(account, policy, first_other)
    if expired is not None:
        return expired
    if not others:
        return None
    if hold[0] == first_other and hold[0] is not None:
        return Due(at=hold[0], change=timed_out(hold[1], account.holds[hold[1]]))
    return Due(at=first_other, change=_turned(account, policy, first_other))


def due_at(
    account: Account, policy: LedgerPolicy, now: datetime, *, since: datetime | None = None
) -> datetime | None:
    """The next instant after `now` at which somebody should look at the account: an event, or a notice of one.

    `since` is when somebody should have looked last: notices from then on that `now` has reached count too. So a
    posting between a notice's instant and the job's visit does not lose the notice. Who was erased gets none."""
    days = lot_days(account)
    notices = [at for day in days for at in notices_at(day, policy) if account.erased_at is None]
    instants = [each.until for each in account.holds.values()]
    turn = _turn_at(account, policy)
    instants += [turn] if turn is not None else []
    instants += [start_of_day(day + timedelta(days=1), policy.zone) for day in days]
    ahead = [at for at in (*instants, *notices) if at > now]
    if since is not None and since <= now:
        ahead += [at for at in notices if since <= at <= now]
    return min(ahead, default=None)


def notices_at(last_day: date, policy: LedgerPolicy) -> list[datetime]:
    """When its notices are due, in the order of `policy.notice_days`: at the start of those business days."""
    return [
        start_of_day(last_day - timedelta(days=before), policy.zone)
        for before in policy.notice_days
    ]


def lot_days(account: Account) -> list[date]:
    """Last days of her lots, soonest first; lots that never expire have none."""
    days = {lots.last_day_of(key) for key in account.lots}
    return sorted(day for day in days if day is not None)


def _expired(account: Account, policy: LedgerPolicy, by: datetime) -> Due | None:
    """Lots gone by an instant: those of the earliest business month together, as one entry on its last day."""
    today = business_date(by, policy.zone).isoformat()
    gone = sorted(key for key in account.lots if key < today)
    if not gone:
        return None
    gone = [key for key in gone if key[:7] == gone[0][:7]]
    last_day = lots.last_day_of(gone[-1])
    if last_day is None:
        raise AssertionError("a lot without a last day does not expire")
    points = sum(account.lots[key] for key in gone)
    change = Change(
        source_key=f"expiry#{last_day.isoformat()}#{account.entry_count + 1}",
        scene="expiry",
        source={"kind": "expiry", "expires_on": last_day.isoformat()},
        points=-points,
        take_first=[(key, account.lots[key]) for key in gone],
        business_date=last_day,
    )
    return Due(at=start_of_day(last_day + timedelta(days=1), policy.zone), change=change)


def timed_out(hold_id: str, hold: Hold) -> Change:
    return Change(
        source_key=f"resolve#{hold_id}",
        scene="hold_timeout",
        source={"kind": "hold", "hold_id": hold_id},
        points=hold.points,
        held=-hold.points,
        lots_in=hold.lots,
        resolves=hold_id,
    )


def _turn_at(account: Account, policy: LedgerPolicy) -> datetime | None:
    """The end of the tier's period; None where she has none, or it never ends."""
    standing = account.standing
    if standing is None or policy.tiers is None or standing.tier is None:
        return None
    if policy.tiers.period == "lifetime" or not standing.period.isdecimal():
        return None
    return start_of_day(date(int(standing.period) + 1, 1, 1), policy.zone)


def _turned(account: Account, policy: LedgerPolicy, at: datetime) -> Change:
    if policy.tiers is None or account.standing is None:
        raise AssertionError("only a tier's period turns")
    day = business_date(at, policy.zone)
    after = tiers.after_turn(policy.tiers, account.standing, account.qualifying, day)
    return tier_change(account, after, policy.tiers)


def tier_change(account: Account, after: TierStanding, plan: Tiers) -> Change:
    before = account.standing.tier if account.standing is not None else None
    title = next((each.title for each in plan.tiers if each.tier == after.tier), "")
    return Change(
        source_key=f"tier#{after.period}#{account.entry_count + 1}",
        scene="tier",
        source={
            "kind": "tier", "from": before, "to": after.tier, "period": after.period,
            "floor": after.floor, **({"title": title} if title else {}),
        },
        standing=after,
    )  # fmt: skip


def expiring(account: Account) -> Iterator[tuple[date, int]]:
    """Points by the last day on which they can be spent, soonest first."""
    for day in lot_days(account):
        prefix = day.isoformat()
        yield day, sum(size for key, size in account.lots.items() if key.startswith(prefix))
