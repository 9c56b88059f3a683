"""Does the ledger hold? Recomputes one member's account from her entries. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from huixue.points.model import Account, Entry, LinePostings, added_to

Recompute = Callable[[Mapping[str, object]], int]
"""An entry's explanation → the points it comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    member_id: str
    rule: str
    found: str
    expected: str


def violations(account: Account, entries: Sequence[Entry], recompute: Recompute) -> list[Violation]:
    """Every invariant of `model.py` that does not hold, and every line whose explanation does not come to what
    the ledger holds for it. An empty list is a sound account."""
    ordered = sorted(entries, key=lambda entry: entry.number)
    balance = sum(entry.points for entry in ordered)
    facts = {
        "balance = sum of entries": (account.balance, balance),
        "pending = sum of entries": (account.pending, sum(entry.pending for entry in ordered)),
        "entry numbers without a gap": (
            [entry.number for entry in ordered],
            list(range(1, account.entry_count + 1)),
        ),
        "lots = available": (sum(account.lots.values()), max(0, balance)),
        "no empty lot": (min(account.lots.values(), default=1) > 0, True),
        "newest entries": (
            list(account.recent),
            [entry.source_key for entry in reversed(ordered)][: len(account.recent)],
        ),
    }
    broken = [
        Violation(member_id=account.member_id, rule=rule, found=str(found), expected=str(expected))
        for rule, (found, expected) in facts.items()
        if found != expected
    ]
    return [*broken, *_chain(account, ordered), *_lines(account, ordered, recompute)]


def _chain(account: Account, ordered: Sequence[Entry]) -> list[Violation]:
    broken = []
    running = 0
    for entry in ordered:
        running += entry.points
        if entry.balance_after != running:
            broken.append(
                Violation(
                    member_id=account.member_id, rule=f"balance after {entry.source_key}",
                    found=str(entry.balance_after), expected=str(running),
                )
            )  # fmt: skip
    return broken


def _lines(account: Account, ordered: Sequence[Entry], recompute: Recompute) -> list[Violation]:
    """Each line: never below zero, and worth what its newest explanation says. Lines that began in an account
    merged since are checked by their survivor's lineage in the store's audit, not here."""
    broken = []
    postings: dict[str, LinePostings] = {}
    newest: dict[str, Entry] = {}
    for entry in ordered:
        line_id = entry.source.get("line_id")
        if isinstance(line_id, str):
            postings[line_id] = added_to(postings.get(line_id, LinePostings()), entry)
            newest[line_id] = entry
    for line_id, held in postings.items():
        entry = newest[line_id]
        starts_here = entry.source_key == f"line#{line_id}#{held.count:04d}"
        worth = held.points + held.pending
        expected = recompute(entry.explanation or {}) if entry.explanation else 0
        if starts_here and worth not in {0, expected}:
            broken.append(
                Violation(
                    member_id=account.member_id, rule=f"line {line_id} explains itself",
                    found=str(worth), expected=str(expected),
                )
            )  # fmt: skip
    return broken
