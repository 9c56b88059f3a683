"""Every single fault at every call of every movement: after asking again, and once more, it counted exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import UnavailableError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import LineId, MemberId, OrderRef
from huixue.kernel.policies import LedgerPolicy
from huixue.points import moving
from huixue.points.audit import violations
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from huixue.points.use_cases import settle
from tests.engines.clock import FrozenClock
from tests.engines.tables import TableNames
from tests.faults.harness import Call, Faults, Killed, single_faults
from tests.faults.workers import Plan, lasting_faults
from tests.races.main_job import NOW

pytestmark = pytest.mark.exact_engines

POLICY = LedgerPolicy(programme_id="demo", version=1)
BEGINS_WITH = 100
"""Points of an order, credited before anything is asked."""


@dataclass(slots=True)
class Run:
    """One member with an order of 100 points, and what is asked for her."""

    ledger: LedgerStore
    member_id: MemberId
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    worth: int = BEGINS_WITH

    @property
    def desk(self) -> LedgerDesk:
        return LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: POLICY, now=self.clock.now,
            pause=lambda _: None,
        )  # fmt: skip

    def quotes(self, order_refs: Sequence[str]) -> list[LineQuote]:
        return [
            LineQuote(
                line_id=LineId(f"lin_{ref}"), order_ref=OrderRef(ref), owner=self.member_id,
                order_revision=1, status="due", points=self.worth, order_hint="2000…00",
                platform="taobao", explanation={"worth": self.worth}, programme_id="demo",
                rule="main/taobao",
            )
            for ref in order_refs
        ]  # fmt: skip

    def settle(self) -> object:
        return settle(self.member_id, ["o1"], quotes=self.quotes, desk=self.desk)

    def spend(self) -> object:
        return moving.spend(self.member_id, "demo", "s", 60, {}, desk=self.desk)

    def hold(self) -> object:
        until = NOW + timedelta(minutes=15)
        return moving.open_hold(self.member_id, "demo", "h", 60, until, {}, desk=self.desk)

    def capture(self) -> object:
        return moving.capture(self.member_id, "demo", "h", 45, {}, desk=self.desk)

    def release(self) -> object:
        return moving.release(self.member_id, "demo", "h", {}, desk=self.desk)

    def give_back(self) -> object:
        return moving.give_back(self.member_id, "demo", "spend#s", "r", 25, {}, desk=self.desk)

    def adjust(self) -> object:
        return moving.adjust(self.member_id, "demo", "a", -30, {}, desk=self.desk)

    def grant(self) -> object:
        return moving.grant(self.member_id, "demo", "g", 30, {}, desk=self.desk)

    def enter_due(self) -> object:
        return moving.enter_due(self.member_id, desk=self.desk)

    # ---- what comes before

    def nothing(self) -> None:
        """She has her order's points."""

    def a_year_passes(self) -> None:
        self.clock.advance(timedelta(days=400))

    def is_refunded_after_a_spend(self) -> None:
        self.spend()
        self.worth = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    before: Callable[[Run], object]
    ask: Callable[[Run], object]
    entries: tuple[str, ...]
    """Scenes of all entries in the end."""
    balance: int
    held: int = 0


CREDITED = "order_accrual"
CASES = (
    Case(name="spend", before=Run.nothing, ask=Run.spend, entries=(CREDITED, "spend"), balance=40),
    Case(
        name="hold", before=Run.nothing, ask=Run.hold, entries=(CREDITED, "hold"), balance=40,
        held=60,
    ),
    Case(
        name="capture", before=Run.hold, ask=Run.capture, entries=(CREDITED, "hold", "capture"),
        balance=55,
    ),
    Case(
        name="release", before=Run.hold, ask=Run.release, entries=(CREDITED, "hold", "release"),
        balance=100,
    ),
    Case(
        name="give back", before=Run.spend, ask=Run.give_back,
        entries=(CREDITED, "spend", "spend_return"), balance=65,
    ),
    Case(
        name="adjust", before=Run.nothing, ask=Run.adjust, entries=(CREDITED, "adjustment"),
        balance=70,
    ),
    Case(name="grant", before=Run.nothing, ask=Run.grant, entries=(CREDITED, "grant"), balance=130),
    Case(
        name="enter what is due", before=Run.a_year_passes, ask=Run.enter_due,
        entries=(CREDITED, "expiry"), balance=0,
    ),
    Case(
        name="clawback of what was spent", before=Run.is_refunded_after_a_spend, ask=Run.settle,
        entries=(CREDITED, "spend", "order_clawback"), balance=-50,
    ),
)  # fmt: skip


@dataclass(slots=True)
class Stage:
    ledger: LedgerStore
    faults: Faults
    runs: int = 0

    def prepared(self, case: Case) -> Run:
        self.faults.plan({})
        self.runs += 1
        run = Run(self.ledger, MemberId(f"mem_{self.runs:04}"))
        run.settle()
        case.before(run)
        self.faults.plan({})
        return run

    def calls(self, case: Case) -> list[Call]:
        """Those of a run in which nothing goes wrong."""
        run = self.prepared(case)
        case.ask(run)
        calls = list(self.faults.calls)
        assert_once(case, run)
        return calls


@pytest.fixture
def stage(dynamodb: Any, tables: TableNames) -> Iterator[Stage]:
    database = Database(dynamodb, sleep=lambda _: None)
    with Faults(dynamodb) as faults:
        yield Stage(LedgerStore(database, tables.points), faults)


def assert_once(case: Case, run: Run) -> None:
    account, entries = run.ledger.whole(run.member_id)
    ordered = sorted(entries, key=lambda entry: entry.number)
    assert tuple(entry.scene for entry in ordered) == case.entries
    assert (account.balance, account.held) == (case.balance, case.held)
    assert violations(account, entries, lambda explanation: int(str(explanation["worth"]))) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_after_any_single_fault_asking_again_makes_it_exactly_once(
    case: Case, stage: Stage
) -> None:
    calls = stage.calls(case)
    plans: list[Plan] = [*single_faults(calls), *lasting_faults(calls)]
    died = 0

    for plan in plans:
        run = stage.prepared(case)
        stage.faults.plan(plan)
        try:
            case.ask(run)
        except (Killed, UnavailableError):
            died += 1
        stage.faults.plan({})
        for _ in range(2):  # asked again, and delivered once more
            case.ask(run)
        try:
            assert_once(case, run)
        except BaseException as error:
            error.add_note(f"{plan} over {[call.operation for call in calls]}")
            raise

    assert {"TransactWriteItems"} < {call.operation for call in calls}
    assert died > len(calls)
