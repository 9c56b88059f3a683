"""Does the ledger hold? Recomputes one member's account from her entries. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from huixue.points.model import (
    RECENT_ENTRIES,
    Account,
    Entry,
    LinePostings,
    added_to,
    line_source_key,
)

Recompute = Callable[[Mapping[str, object]], int]
"""An entry's explanation → the points it comes to."""


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
    """Every invariant of `model.py` that does not hold, and every line whose explanation does not come to what
    the ledger holds for it. An empty list is a sound account.

    `merged` are the entries of accounts that were merged into this one: lines that began there and were changed
    here are judged over both. Without them such lines are left out."""
    ordered = sorted(entries, key=lambda entry: entry.number)
    keys = [entry.source_key for entry in ordered]
    balance = sum(entry.points for entry in ordered)
    facts: dict[str, tuple[object, object]] = {
        "balance = sum of entries": (account.balance, balance),
        "pending = sum of entries": (account.pending, sum(entry.pending for entry in ordered)),
        "entry numbers without a gap": (
            [entry.number for entry in ordered],
            list(range(1, account.entry_count + 1)),
        ),
        "lots = available": (sum(account.lots.values()), max(0, balance)),
        "no empty lot": (min(account.lots.values(), default=1) > 0, True),
        "newest entries": (list(account.recent), keys[::-1][:RECENT_ENTRIES]),
    }
    running = 0
    for index, entry in enumerate(ordered):
        running += entry.points
        facts[f"balance after {entry.source_key}"] = (entry.balance_after, running)
        facts[f"entries before {entry.source_key}"] = (
            list(entry.previous),
            keys[:index][::-1][:RECENT_ENTRIES],
        )
    facts |= _lines([*merged, *ordered], recompute)
    return [
        Violation(member_id=account.member_id, rule=rule, found=str(found), expected=str(expected))
        for rule, (found, expected) in facts.items()
        if found != expected
    ]


def _lines(entries: Sequence[Entry], recompute: Recompute) -> dict[str, tuple[object, object]]:
    """Each line that is here from its first entry on: worth nothing, or what its newest explanation comes to."""
    postings: dict[str, LinePostings] = {}
    newest: dict[str, Entry] = {}
    for entry in entries:
        line_id = entry.source.get("line_id")
        if isinstance(line_id, str):
            postings[line_id] = added_to(postings.get(line_id, LinePostings()), entry)
            newest[line_id] = entry
    facts: dict[str, tuple[object, object]] = {}
    for line_id, held in postings.items():
        entry = newest[line_id]
        begins_here = entry.source_key == line_source_key(line_id, held.count)
        worth = held.points + held.pending
        expected = recompute(entry.explanation) if entry.explanation else 0
        if begins_here and worth:
            facts[f"line {line_id} explains itself"] = (worth, expected)
    return facts
