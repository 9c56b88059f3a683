"""A thousand movements of one member at once, with conflicts on top: every one of them counts once or is refused."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import RuleError, UnavailableError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import LineId, MemberId, OrderRef, derived_id
from huixue.kernel.policies import LedgerPolicy
from huixue.points import moving
from huixue.points.audit import violations
from huixue.points.model import Entry
from huixue.points.moving import Moved
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from huixue.points.use_cases import settle
from tests.engines.tables import TableNames
from tests.faults.at_random import ConflictsAtRandom
from tests.races.main_job import NOW

ANNA = MemberId("mem_anna")
THREADS = 16
DELIVERIES = 60
"""A queue with retries: nothing is given up before."""
CONFLICTS = 0.15
Outcome = tuple[str, str]
"""The key of a movement and what became of it."""


class Orders:
    """The pool's word on orders of one line each; refunds lower it."""

    def __init__(self) -> None:
        self.points: dict[str, int] = {}

    def __call__(self, order_refs: Sequence[str]) -> list[LineQuote]:
        return [self._quote(ref) for ref in order_refs]

    def _quote(self, ref: str) -> LineQuote:
        points = self.points[ref]
        return LineQuote(
            line_id=line_id(ref), order_ref=OrderRef(ref), owner=ANNA, order_revision=1,
            status="due", points=points, order_hint="2000…00", platform="taobao",
            explanation={"worth": points}, programme_id="demo", rule="main/taobao",
        )  # fmt: skip


def line_id(ref: str) -> LineId:
    return LineId(derived_id("lin", ref))


def worth_of(explanation: Any) -> int:
    return int(explanation["worth"])


class Member:
    """Asks again until there is an answer, as a queue does."""

    def __init__(self, ledger: LedgerStore) -> None:
        self.ledger = ledger
        self.orders = Orders()
        self.desk = LedgerDesk(
            ledger=ledger, policy_of=lambda _: LedgerPolicy(programme_id="demo", version=1),
            now=lambda: NOW, pause=pause,
        )  # fmt: skip
        self.wrong_answers: list[object] = []

    def settles(self, ref: str, points: int) -> Outcome:
        self.orders.points[ref] = points
        answered(lambda: settle(ANNA, [ref], quotes=self.orders, desk=self.desk))
        again = answered(lambda: settle(ANNA, [ref], quotes=self.orders, desk=self.desk))
        self.wrong_answers += again
        return f"line#{line_id(ref)}", "done"

    def moves(self, key: str, movement: Callable[[], Moved]) -> Outcome:
        try:
            first = answered(movement)
        except RuleError as error:
            return key, error.code
        again = answered(movement)
        if not again.repeated or again.entry != first.entry or again.entry.source_key != key:
            self.wrong_answers.append((first, again))
        return key, "done"

    # ---- what she and operators do: 1,000 movements in 600 chains, each in its own order

    def chains(self) -> list[Callable[[], list[Outcome]]]:
        return [
            *(self._credit(number) for number in range(175)),
            *(self._credit_and_refund(number) for number in range(175, 275)),
            *(self._spend(number) for number in range(75)),
            *(self._spend_and_return(number) for number in range(75, 150)),
            *(self._hold_and_end(number) for number in range(150)),
            *(self._adjust(number) for number in range(100)),
        ]

    def _credit(self, number: int) -> Callable[[], list[Outcome]]:
        return lambda: [self.settles(f"o{number}", 100)]

    def _credit_and_refund(self, number: int) -> Callable[[], list[Outcome]]:
        ref, left = f"o{number}", (0, 37)[number % 2]
        return lambda: [self.settles(ref, 100), self.settles(ref, left)]

    def _spend(self, number: int) -> Callable[[], list[Outcome]]:
        return lambda: [self._spends(number)]

    def _spends(self, number: int) -> Outcome:
        return self.moves(
            f"spend#s{number}",
            lambda: moving.spend(ANNA, "demo", f"s{number}", 60, {}, desk=self.desk),
        )

    def _spend_and_return(self, number: int) -> Callable[[], list[Outcome]]:
        def chain() -> Iterator[Outcome]:
            spent = self._spends(number)
            yield spent
            if spent[1] == "done":
                key = f"return#spend#s{number}#r"
                yield self.moves(
                    key,
                    lambda: moving.give_back(
                        ANNA, "demo", f"spend#s{number}", "r", 25, {}, desk=self.desk
                    ),
                )
            else:
                yield f"return#spend#s{number}#r", "nothing to give back"

        return lambda: list(chain())

    def _hold_and_end(self, number: int) -> Callable[[], list[Outcome]]:
        hold_id, until = f"h{number}", NOW + timedelta(minutes=15)

        def opened() -> Moved:
            return moving.open_hold(ANNA, "demo", hold_id, 50, until, {}, desk=self.desk)

        def ended() -> Moved:
            if number % 3 == 0:
                return moving.release(ANNA, "demo", hold_id, {}, desk=self.desk)
            return moving.capture(ANNA, "demo", hold_id, 20, {}, desk=self.desk)

        def chain() -> Iterator[Outcome]:
            held = self.moves(f"hold#{hold_id}", opened)
            yield held
            if held[1] == "done":
                yield self.moves(f"resolve#{hold_id}", ended)
            else:
                yield f"resolve#{hold_id}", "nothing held"

        return lambda: list(chain())

    def _adjust(self, number: int) -> Callable[[], list[Outcome]]:
        points = (15, -10)[number % 2]
        return lambda: [
            self.moves(
                f"adjust#a{number}",
                lambda: moving.adjust(ANNA, "demo", f"a{number}", points, {}, desk=self.desk),
            )
        ]


def pause(lost: int) -> None:
    time.sleep(random.uniform(0, 0.004 * 2 ** min(lost, 5)))


def answered(call: Callable[[], Any]) -> Any:
    for _ in range(DELIVERIES - 1):
        try:
            return call()
        except UnavailableError:
            continue
    return call()


@pytest.mark.dynamodb_local
def test_a_thousand_movements_at_once_count_once_each_or_are_refused(
    dynamodb: Any, tables: TableNames
) -> None:
    member = Member(LedgerStore(Database(dynamodb, sleep=lambda _: None), tables.points))
    chains = member.chains()
    Random(7).shuffle(chains)

    with (
        ConflictsAtRandom(dynamodb, random=Random(11), chance=CONFLICTS) as conflicts,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        outcomes = [each for chain in threads.map(lambda chain: chain(), chains) for each in chain]

    assert len(outcomes) == 1000
    assert member.wrong_answers == []
    assert min(conflicts.struck[each] for each in (*conflicts.BEFORE, *conflicts.AFTER)) > 10
    assert Counter(became for _, became in outcomes)["done"] > 700
    assert_exact(member, outcomes)


def assert_exact(member: Member, outcomes: Sequence[Outcome]) -> None:
    account, entries = member.ledger.whole(ANNA)
    assert violations(account, entries, worth_of) == []
    assert account.balance == account.available == sum(entry.points for entry in entries)
    assert (account.held, account.debt, dict(account.holds)) == (0, 0, {})
    wished = Counter(key for key, became in outcomes if became == "done")
    made = Counter(keys_of(entries))
    assert made == wished
    lines = sum(entry.points for entry in entries if entry.source_key.startswith("line#"))
    assert lines == sum(member.orders.points.values())
    others = sum(came_of(key) for key in made if not key.startswith("line#"))
    assert account.balance == lines + others


def keys_of(entries: Sequence[Entry]) -> list[str]:
    """Lines without their ordinals."""
    return [
        entry.source_key.rpartition("#")[0] if "line_id" in entry.source else entry.source_key
        for entry in entries
    ]


def came_of(key: str) -> int:
    """What a movement that was done changes, as it was asked for."""
    kind, _, name = key.partition("#")
    number = int("".join(each for each in name if each.isdigit()))
    match kind:
        case "spend":
            return -60
        case "return":
            return 25
        case "hold":
            return -50
        case "resolve":
            return 50 if number % 3 == 0 else 30
        case "adjust":
            return (15, -10)[number % 2]
    raise AssertionError(key)
