"""Any history of orders and movements leaves the ledger that a simple reference model has, to the point.

Statements about orders arrive late, twice and in any order; the member claims, spends, holds, captures, releases,
gives back, checks in and makes up for days; operators adjust and grant; jobs enter what expired, or do not. Messages
are lost, doubled and late, workers meet at one account and die, replies are lost. The pool's word is compared at every
read, the account after every post, and in the end everything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from huixue.orders.worth import points_of
from huixue.points.audit import violations
from huixue.points.posting import as_of
from huixue.points.rebuilding import at_instant, differences, rebuilt
from tests.prove.history import OWNER, History
from tests.prove.reference_orders import worth_of
from tests.prove.telling import told

SEEDS = 20_000
"""A plain `make prove` runs so many."""
PARALLEL = True


def prove(random: Random) -> None:
    proved(random)


def proved(random: Random) -> Counter[str]:
    """Runs one history; returns what happened in it, for the count of what was covered."""
    history = History(random)
    history.run()
    history.dying = False
    history.now += timedelta(microseconds=1)
    for _ in range(2):  # the sweep; and a year later, when all has expired that can
        history.settle(sorted(history.orders))
        history.enter_due()
        history.look()
        history.now += timedelta(days=400)
    assert_lines_are_settled(history)
    assert_entries_tell_everything(history)
    history.seen.update(history.reference.happened)
    history.seen[f"other lots {history.policy.clawback.other_lots}"] += 1
    return history.seen


def assert_lines_are_settled(history: History) -> None:
    """Whatever came when: each line is worth what all statements together say, never below nothing."""
    at = history.now - timedelta(days=400)
    for ref, order in history.orders.items():
        if order.ownership is None:
            continue
        for worth in worth_of(history.said[ref], history.terms, at):
            line_id = order.line_id(worth.line)
            held = history.ledger.standing(OWNER, [line_id]).postings[line_id]
            line = history.reference.lines.get(line_id)
            if line is not None:
                assert (held.points, held.pending) == (line.net, line.pending)
                assert (held.capped, held.written_off) == (line.capped, line.lost)
            assert history.reference.settles(worth, line_id) == (0, 0), worth
            assert held.points >= 0


def assert_entries_tell_everything(history: History) -> None:
    account, entries = history.ledger.whole(OWNER)
    assert violations(account, entries, points_of) == []
    assert differences(account, rebuilt(account, entries)) == {}
    for instant, seen in history.looks:
        then = as_of(at_instant(account, entries, instant), history.policy, instant)
        assert told(replace(then, frozen=seen.frozen)) == told(seen), instant
