"""Does the ledger hold? Recomputes one member's account from her entries (LG-E1). Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from huixue.kernel.ids import MemberId
from huixue.points.model import (
    RECENT_ENTRIES,
    Account,
    Entry,
    LinePostings,
    added_to,
    line_source_key,
)
from huixue.points.rebuilding import differences, rebuilt

Recompute = Callable[[Mapping[str, object]], int]
"""An entry's explanation → the points it comes to."""
OwnedLines = Callable[[Sequence[MemberId], Mapping[str, str]], Collection[str]]
"""All ids of a member, and lines (id → the hint of its order) → those of the lines whose order one of the ids owns.
Consistent. About 1 RCU for each of her orders, and 1 for every 15 of her claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    member_id: str
    rule: str
    found: str
    expected: str


def violations(
    account: Account,
    entries: Sequence[Entry],
    recompute: Recompute,
    *,
    merged: Sequence[Entry] = (),
) -> list[Violation]:
    """Every invariant that does not hold, and every line whose explanation does not come to what the ledger holds
    for it. An empty list is a sound account.

    `merged` are the entries of accounts that were merged into this one: lines that began there and were changed
    here are judged over both. Without them such lines are left out."""
    ordered = sorted(entries, key=lambda entry: entry.number)
    fresh = rebuilt(account, ordered)
    facts: dict[str, tuple[object, object]] = {
        f"{name} = what the entries come to": pair
        for name, pair in differences(account, fresh).items()
    }
    facts |= _sound(fresh)
    facts |= _chain(ordered)
    facts |= _links(ordered)
    facts |= _lines([*merged, *ordered], recompute)
    return [
        Violation(member_id=account.member_id, rule=rule, found=str(found), expected=str(expected))
        for rule, (found, expected) in facts.items()
        if found != expected
    ]


def _sound(account: Account) -> dict[str, tuple[object, object]]:
    """What must hold of any account, however it came about."""
    holds = account.holds.values()
    in_holds = [size for each in holds for size in each.lots.values()]
    return {
        "debt is not negative": (account.debt >= 0, True),
        "no lot below 1": (min([*account.lots.values(), *in_holds], default=1) > 0, True),
        "held = lots of open holds": (account.held, sum(each.points for each in holds)),
        "pending is not negative": (account.pending >= 0, True),
    }


def _chain(ordered: Sequence[Entry]) -> dict[str, tuple[object, object]]:
    keys = [entry.source_key for entry in ordered]
    numbers = [entry.number for entry in ordered]
    facts: dict[str, tuple[object, object]] = {
        "entry numbers without a gap": (numbers, list(range(1, len(ordered) + 1))),
    }
    running = 0
    for index, entry in enumerate(ordered):
        running += entry.points
        facts[f"balance after {entry.source_key}"] = (entry.balance_after, running)
        facts[f"entries before {entry.source_key}"] = (
            list(entry.previous),
            keys[:index][::-1][:RECENT_ENTRIES],
        )
    return facts


COVERED = frozenset({"spend", "hold", "expiry", "make_up"})
"""Scenes that take from lots to the point, or not at all."""


def _links(ordered: Sequence[Entry]) -> dict[str, tuple[object, object]]:
    """Every debit takes from lots what it takes from the balance, every credit brings at most so much: only a
    clawback, an adjustment or a merger may leave debt."""
    facts: dict[str, tuple[object, object]] = {}
    for entry in ordered:
        if entry.scene in COVERED:
            facts[f"lots of {entry.source_key}"] = (sum(entry.lots.values()), entry.points)
        elif entry.points >= 0 and entry.scene not in {"merge_in", "merge_out"}:
            facts[f"lots of {entry.source_key} within its points"] = (entry.debt <= 0, True)
    return facts


def _lines(entries: Sequence[Entry], recompute: Recompute) -> dict[str, tuple[object, object]]:
    """Each line that is here from its first entry on: worth nothing, or what its newest explanation comes to."""
    facts: dict[str, tuple[object, object]] = {}
    for line_id, held, newest in line_postings(entries):
        begins_here = newest.source_key == line_source_key(line_id, held.count)
        worth = held.points - held.written_off + held.pending
        expected = recompute(newest.explanation) if newest.explanation else 0
        if begins_here and worth:
            facts[f"line {line_id} explains itself"] = (worth, expected)
    return facts


def line_postings(entries: Sequence[Entry]) -> Iterator[tuple[str, LinePostings, Entry]]:
    """Every order line of the entries: what they hold for it, and its newest entry."""
    postings: dict[str, LinePostings] = {}
    newest: dict[str, Entry] = {}
    for entry in entries:
        line_id = entry.source.get("line_id")
        if isinstance(line_id, str):
            postings[line_id] = added_to(postings.get(line_id, LinePostings()), entry)
            newest[line_id] = entry
    for line_id, held in postings.items():
        yield line_id, held, newest[line_id]


def foreign_lines(
    account: Account, entries: Sequence[Entry], owned_lines: OwnedLines
) -> list[Violation]:
    """Order lines that the account holds points or pending points for, of an order that is somebody else's, or
    nobody's. `entries` with those of accounts that were merged into it. What was written off she was let off,
    whosever the line is.

    The orders are asked after the entries were read, and only for an account that holds lines: a line that was
    transferred meanwhile is gone the next time. Not for an account that is closed: the survivor answers for what was
    merged, and the claims of who was erased are gone by design."""
    if account.merged_into is not None or account.erased_at is not None:
        return []
    held = {
        line_id: (postings, newest)
        for line_id, postings, newest in line_postings(entries)
        if postings.points != postings.written_off or postings.pending
    }
    if not held:
        return []
    hers = (account.member_id, *account.merged_from)
    hints = {each: str(newest.source.get("order_hint", "")) for each, (_, newest) in held.items()}
    owned = owned_lines(hers, hints)
    return [
        Violation(
            member_id=account.member_id, rule=f"line {line_id} is of an order of hers",
            found=f"{postings.points} points and {postings.pending} pending of an order that is not",
            expected=f"an order of {' or '.join(hers)}",
        )
        for line_id, (postings, _) in held.items()
        if line_id not in owned
    ]  # fmt: skip


def double_credits(nets: Mapping[str, Mapping[str, int]]) -> list[Violation]:
    """Order lines that more than one member holds points for (spendable or pending), across all members.

    `nets`: line → member → what her entries for the line come to. A member stands for all accounts that were merged
    into hers; a line that was transferred comes to nothing with the one who gave it up."""
    found: list[Violation] = []
    for line_id, by_member in nets.items():
        holders = sorted(member_id for member_id, net in by_member.items() if net > 0)
        if len(holders) > 1:
            found += [
                Violation(
                    member_id=member_id, rule=f"line {line_id} is credited to one member",
                    found=", ".join(holders), expected="one member",
                )
                for member_id in holders
            ]  # fmt: skip
    return found


def line_nets(entries: Sequence[Entry]) -> dict[str, int]:
    """What the entries come to for each order line, pending points included, what she was let off left out: for
    `double_credits`."""
    ordered = sorted(entries, key=lambda entry: entry.number)
    return {
        line_id: held.points - held.written_off + held.pending
        for line_id, held, _ in line_postings(ordered)
    }
