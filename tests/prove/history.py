"""One made-up history: the real pool and ledger, and the reference model beside them at every step."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

from huixue.kernel.errors import ContentionError, HuixueError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.kernel.snapshots import Source
from huixue.orders.merging import merged
from huixue.orders.model import Order, Ownership
from huixue.orders.pricing import quotes_of
from huixue.orders.worth import points_of
from huixue.points import moving
from huixue.points.model import Account, Entry
from huixue.points.ports import LedgerChangedError, LedgerDesk
from huixue.points.posting import as_of
from huixue.points.use_cases import settle
from tests.prove import histories
from tests.prove.asking import Asked, ask, asked_by, refusal
from tests.prove.histories import Arrival
from tests.prove.memory_ledger import MemoryLedger
from tests.prove.reference_calendar import day_of
from tests.prove.reference_ledger import Reference
from tests.prove.reference_orders import Said, Worth, worth_of
from tests.prove.telling import told, told_by

OWNER = MemberId("mem_owner")
Seen = Counter[str]


class DiedError(Exception):
    """The worker died; what it had written stays."""


@dataclass(slots=True)
class Work:
    """What the worker that has the word is about."""

    asked: Asked | None = None
    worth: list[tuple[str, Worth]] = field(default_factory=list)
    """Of a settlement: its lines as it read them last."""


class History:
    """One run. `work` is a stack: a worker may act between another one's reading and its post."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.seen: Seen = Counter()
        self.during = histories.span(random)
        self.policy = histories.policy(random, self.during)
        self.terms = histories.terms(random, self.during)
        self.now = self.during.begin
        self.orders: dict[str, Order] = {}
        self.said: dict[str, list[Said]] = {}
        self.claimed: set[str] = set()
        self.reference = Reference(policy=self.policy)
        self.work: list[Work] = []
        self.done: dict[str, Asked] = {}
        """Requests that made an entry, by its key."""
        self.looks: list[tuple[datetime, Account]] = []
        self.dying = True
        self.ledger = MemoryLedger(
            before_post=self._before_post, accepted=self._accepted, after_post=self._after_post
        )
        self.desk = LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: self.policy, now=lambda: self.now,
            pause=lambda _: None,
        )  # fmt: skip
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order_of_plans = count()

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when, next(self._order_of_plans), action))

    # ---- what happens

    def run(self) -> None:
        random = self.random
        arrivals = histories.arrivals(random, self.during)
        for each in arrivals:
            self.at(each.at, lambda each=each: self.arrive(each))  # type: ignore[misc]  # bound early
        for ref in sorted({each.row.order_ref for each in arrivals}):
            self.at(self.during.instant(random, early=True), lambda ref=ref: self.claim(ref))  # type: ignore[misc]
        for number in range(random.randint(3, 9)):
            when = self.during.instant(random)
            self.at(when, lambda number=number: self.ask_for(asked_by(self, number)))  # type: ignore[misc]
        for _ in range(random.randint(0, 4)):
            self.at(self.during.instant(random), random.choice((self.enter_due, self.look)))
        while self._agenda:
            when, _, action = heapq.heappop(self._agenda)
            # every action has an instant of its own
            self.now = max(when, self.now + timedelta(microseconds=1))
            action()

    def arrive(self, arrival: Arrival) -> None:
        ref = arrival.row.order_ref
        before = self.orders.get(ref)
        order = merged(before, arrival.row)
        self.said.setdefault(ref, []).append(arrival.said)
        if order is before:
            self.seen["repeated statement"] += 1
            return
        self.seen[f"{'refund ' if arrival.said.refund else ''}{arrival.said.state}"] += 1
        self.orders[ref] = replace(order, revision=order.revision + 1)
        self._owned(ref)
        self.tell(ref)

    def claim(self, ref: str) -> None:
        self.claimed.add(ref)
        self._owned(ref)
        self.tell(ref)

    def _owned(self, ref: str) -> None:
        order = self.orders.get(ref)
        if order is None or order.first_source is None or ref not in self.claimed:
            return
        if order.ownership is None:
            self.seen["claim"] += 1
            owner = self._ownership(order.first_source)
            self.orders[ref] = replace(order, ownership=owner, revision=order.revision + 1)

    def _ownership(self, source: Source) -> Ownership:
        return Ownership(
            member_id=OWNER, owned_at=self.now, via="clm", proven=False, terms=self.terms,
            credit_source=source,
        )  # fmt: skip

    def tell(self, ref: str) -> None:
        """A message to the ledger: lost, on time, late, or twice."""
        for _ in range(self.random.choice((0, 1, 1, 2))):
            late = self.during.length * self.random.choice((0, 0, 0.001, 0.1))
            self.at(self.now + late * self.random.random(), lambda: self.settle([ref]))

    def settle(self, refs: Sequence[str]) -> None:
        self.work.append(Work())
        try:
            settle(OWNER, refs, quotes=self.quotes, desk=self.desk)
        except (DiedError, ContentionError):
            if not self.dying:
                raise
            self.seen["settlement died"] += 1
        finally:
            self.work.pop()

    def enter_due(self) -> None:
        self.work.append(Work())
        try:
            if moving.enter_due(OWNER, desk=self.desk):
                self.seen["due entered by the job"] += 1
        except DiedError:
            self.seen["job died"] += 1
        finally:
            self.work.pop()

    def look(self) -> None:
        """A read: what she sees now must be what the entries say of this instant for ever."""
        account = as_of(self.ledger.account(OWNER), self.policy, self.now)
        assert told(account) == told_by(self.reference.at(self.now))
        self.looks.append((self.now, account))

    def ask_for(self, asked: Asked | None) -> None:
        if asked is None:
            return
        before = self.ledger.entries(OWNER, [asked.key]).get(asked.key)
        refused: HuixueError | None = None
        self.work.append(Work(asked=asked))
        try:
            moved = ask(asked, OWNER, self.desk)
        except DiedError:
            self.seen["movement died"] += 1
            self.again(asked)
        except HuixueError as error:
            refused = error
        else:
            if before is not None:
                assert refusal(asked, self, before) is None, asked
                assert moved.repeated
                assert moved.entry == before
            self.seen[f"{asked.kind} repeated" if before else asked.kind] += 1
            if self.random.random() < 0.25:
                self.again(asked)
        finally:
            self.work.pop()
        if refused is not None:
            # others may have been here since
            before = self.ledger.entries(OWNER, [asked.key]).get(asked.key)
            assert type(refused).__name__ == refusal(asked, self, before), (asked, refused)
            self.seen[f"refused: {type(refused).__name__}"] += 1

    def again(self, asked: Asked) -> None:
        late = self.during.length * 0.2 * self.random.random()
        if self.random.random() < 0.1:
            asked = replace(asked, note="another one")
        self.at(self.now + late, lambda: self.ask_for(asked))

    # ---- ports

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        """The pool's word, beside the reference's."""
        found: list[LineQuote] = []
        judged: list[tuple[str, Worth]] = []
        for ref in order_refs:
            order = self.orders.get(ref)
            if order is None or order.ownership is None:
                continue
            quoted = quotes_of(order, self.now)
            worth = worth_of(self.said[ref], self.terms, self.now)
            for quote, each in zip(quoted, worth, strict=True):
                assert quote.status == each.status, (quote, each)
                if quote.status in {"pending", "due"}:
                    assert (quote.points, quote.bonus) == (each.points, each.bonus), (quote, each)
                    assert quote.points == points_of(quote.explanation), quote
                judged.append((quote.line_id, each))
            found += quoted
        self.work[-1].worth = judged
        return found

    def _before_post(self) -> None:
        fate = self.random.random() if self.dying else 1
        if fate < 0.03:
            raise DiedError
        if fate < 0.10 and len(self.work) == 1:
            self.seen["met another worker"] += 1
            self.now += timedelta(seconds=self.random.choice((0, 1, 3600)))
            others: list[Callable[[], None]] = [
                self.enter_due,
                lambda: self.settle(sorted(self.orders)),
                lambda: self.ask_for(asked_by(self, 99)),
            ]
            self.random.choice(others)()

    def _after_post(self) -> None:
        fate = self.random.random() if self.dying else 1
        if fate < 0.03:
            raise DiedError
        if fate < 0.06:
            self.seen["reply lost"] += 1
            raise LedgerChangedError("the reply was lost, and the same write failed")

    def _accepted(self, before: Account, after: Account, entries: Sequence[Entry]) -> None:
        """The reference does the same, in the order in which the ledger took it."""
        now, work, reference = entries[-1].recorded_at, self.work[-1], self.reference
        reference.pass_time(now)
        day = day_of(now) if work.asked is None else work.asked.day(now)
        left = reference.left_of_shared(day)
        if work.asked is not None:
            self.done[work.asked.key] = work.asked
            work.asked.on(reference, now, left)
        posted = [str(each.source["line_id"]) for each in entries if "line_id" in each.source]
        changed = []
        for line_id, worth in work.worth:
            if reference.settles(worth, line_id) != (0, 0):
                changed.append(line_id)
                reference.settle(worth, line_id, self.terms.rule, now, left)
        assert posted == changed, (posted, changed)
        assert told(after) == told_by(reference), (entries, before)
        for cap_id, (window, used) in after.caps.items():
            assert used == reference.used[cap_id, window], (cap_id, window)
        for entry in entries:
            self.seen[f"entry {entry.scene}"] += 1
