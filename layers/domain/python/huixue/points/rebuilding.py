"""The account that a member's entries come to (LG-E2), and what it was at any instant (LG-E3). Pure.

Entries are the truth, the account is derived: what the audit compares, and what a rebuild writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from huixue.kernel.policies import LedgerPolicy
from huixue.points import caps, lots, tiers
from huixue.points.due import due_at
from huixue.points.model import RECENT_ENTRIES, Account, Entry, Hold, TierStanding

CARRIED = (
    "member_id", "programme_id", "version", "frozen", "merged_into", "merged_from", "due_at",
    "erased_at",
)  # fmt: skip
"""What entries do not tell: taken over from the account as it stands."""


def rebuilt(account: Account, entries: Sequence[Entry]) -> Account:
    """The account as its entries have it, whatever numbers stand in it; CARRIED fields are `account`'s."""
    carried = {name: getattr(account, name) for name in CARRIED}
    fresh = Account(**carried)
    for entry in sorted(entries, key=lambda each: each.number):
        fresh = _after(fresh, entry)
    return fresh


def mended(
    account: Account, entries: Sequence[Entry], policy: LedgerPolicy, now: datetime
) -> Account:
    """What a rebuild writes: the next version, so that whoever read the broken one posts nothing on it."""
    fresh = rebuilt(account, entries)
    return replace(fresh, version=account.version + 1, due_at=due_at(fresh, policy, now))


def differences(account: Account, fresh: Account) -> dict[str, tuple[Any, Any]]:
    """Field by field: what stands there and what the entries come to."""
    pairs = {
        each.name: (getattr(account, each.name), getattr(fresh, each.name))
        for each in fields(Account)
        if each.name not in CARRIED
    }
    return {
        name: (_plain(stands), _plain(comes_to))
        for name, (stands, comes_to) in pairs.items()
        if _plain(stands) != _plain(comes_to)
    }


def at_instant(account: Account, entries: Sequence[Entry], instant: datetime) -> Account:
    """The account as it was entered: every entry that had taken effect by then, also one that was written later. What
    was due and not entered then is left to `posting.as_of`, which shows what she could spend."""
    return rebuilt(account, [each for each in entries if each.effective_at <= instant])


def _after(before: Account, entry: Entry) -> Account:
    after = replace(
        before,
        balance=before.balance + entry.points,
        pending=before.pending + entry.pending,
        held=before.held + entry.held,
        lifetime=before.lifetime + entry.earned,
        lots=lots.changed(before.lots, entry.lots),
        holds=_holds(before.holds, entry),
        qualifying=tiers.counted(before.qualifying, entry.qualifying),
        caps=caps.counted(before.caps, entry.caps),
        standing=_standing(before.standing, entry),
        entry_count=before.entry_count + 1,
        recent=(entry.source_key, *before.recent)[:RECENT_ENTRIES],
        check_in_sheet=_sheet(before.check_in_sheet, entry),
    )
    since = entry.source_key if entry.debt > 0 else before.in_debt_since
    return replace(after, in_debt_since=since if after.debt else None)


def _holds(holds: Mapping[str, Hold], entry: Entry) -> dict[str, Hold]:
    after = dict(holds)
    source: Mapping[str, Any] = entry.source
    match entry.scene:
        case "hold":
            until = datetime.fromisoformat(source["until"])
            after[source["hold_id"]] = Hold(until=until, lots=lots.negative(entry.lots))
        case "capture" | "release" | "hold_timeout":
            after.pop(source["hold_id"], None)
        case "merge_out":
            after = {}
        case "merge_in":
            for hold_id, told in source["holds"].items():
                until = datetime.fromisoformat(told["until"])
                after[hold_id] = Hold(until=until, lots=told["lots"])
    return after


def _sheet(sheet: str, entry: Entry) -> str:
    """The newest that an entry says; an account that was emptied into another has none."""
    return "" if entry.scene == "merge_out" else entry.check_in_sheet or sheet


def _standing(standing: TierStanding | None, entry: Entry) -> TierStanding | None:
    if entry.scene != "tier":
        return standing
    source: Mapping[str, Any] = entry.source
    return TierStanding(period=source["period"], tier=source["to"], floor=source["floor"])


def _plain(value: object) -> object:
    """Maps compare by content, whatever they are made of."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in sorted(value.items())}
    return value
