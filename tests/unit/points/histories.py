"""Random histories of one member, as steps through the real use cases on the ledger in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from huixue.dynamodb.items import decoded, encoded
from huixue.kernel.calendar import business_date
from huixue.kernel.errors import MismatchError, RuleError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Cap, Clawback, Expiry, LedgerPolicy, Tier, Tiers
from huixue.points import movements, moving
from huixue.points.audit import violations
from huixue.points.changes import Change
from huixue.points.due import due_at
from huixue.points.model import RECENT_ENTRIES, Account, Entry, Scene
from huixue.points.ports import LedgerDesk, Seat
from huixue.points.posting import as_of
from huixue.points.rebuilding import differences, rebuilt
from huixue.points.records import account_from, account_item, entry_from, entry_item
from huixue.points.use_cases import settle
from tests.unit.points.fakes import (
    ANNA,
    MAIN,
    Clock,
    FakeLedger,
    Pool,
    Status,
    desk_of,
    quote,
    recomputed,
)

LINES = ("a", "b", "c")
SOON = Expiry(method="days", after=3)
SILVER_GOLD = (Tier(tier="silver", from_points=100), Tier(tier="gold", from_points=300))


@dataclass(frozen=True, slots=True)
class Step:
    """What happens, and how long after the step before."""

    kind: str
    after: timedelta
    number: int
    points: int
    status: Status = "due"
    bonus: int = 0


@dataclass(slots=True)
class History:
    policy: LedgerPolicy
    clock: Clock = field(default_factory=Clock)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    pool: Pool = field(default_factory=Pool)
    member: MemberId = ANNA
    steps: int = 0

    @property
    def desk(self) -> LedgerDesk:
        return desk_of(self.ledger, policy=self.policy, clock=self.clock)

    @property
    def account(self) -> Account:
        return self.ledger.account(self.member)

    @property
    def entries(self) -> list[Entry]:
        return self.ledger.entries_of(self.member)

    @property
    def now(self) -> Account:
        return as_of(self.account, self.policy, self.clock())

    def take(self, step: Step) -> bool:
        """Whether a rule allowed it; time goes on either way."""
        self.clock.now += step.after
        self.steps += 1
        try:
            self._do(step)
        except (RuleError, MismatchError):
            return False
        return True

    def _do(self, step: Step) -> None:
        me, this, one, desk = self.member, str(self.steps), str(step.number), self.desk
        match step.kind:
            case "quote":
                line = LINES[step.number % len(LINES)]
                points = step.points if step.status in {"pending", "due"} else 0
                self.pool.say(quote(line, step.status, points, bonus=min(points, step.bonus)))
                settle(me, ["o1"], quotes=self.pool, desk=desk)
            case "spend":
                moving.spend(me, MAIN, one, step.points, {}, desk=desk)
            case "hold":
                until = self.clock() + timedelta(hours=step.points)
                moving.open_hold(me, MAIN, one, step.points, until, {}, desk=desk)
            case "capture" | "release" if one in self.now.holds:
                held = self.now.holds[one].points
                most = min(held, step.points) if step.kind == "capture" else 0
                moving.capture(me, MAIN, one, most, {}, desk=desk)
            case "return" if self.ledger.entries(me, [f"spend#{one}"]):
                moving.give_back(me, MAIN, f"spend#{one}", this, step.points, {}, desk=desk)
            case "adjust":
                moving.adjust(me, MAIN, this, step.points - 60, {}, desk=desk)
            case "grant":
                moving.grant(me, MAIN, this, step.points, {}, desk=desk)
            case "check_in" | "make_up":
                self._mark_a_day(step)
            case "job":
                moving.enter_due(me, desk=desk)

    def _mark_a_day(self, step: Step) -> None:
        """One of six days, checked in or made up for, with no, one or two milestones."""
        key, sheet = f"check_in#{step.number}", f"sheet of step {self.steps}"

        def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
            today = business_date(now, policy.zone)
            base = movements.reward(
                key, "check_in", step.points % 9, today, policy, {}, check_in_sheet=sheet
            )
            if step.kind == "make_up":
                movements.may_redeem(seat.account, now)
                base = movements.make_up(key, step.points - 1, {}, check_in_sheet=sheet)
            both: tuple[tuple[Scene, str], ...] = (
                ("check_in_streak", "run-7"), ("check_in_total", "sum-9"),
            )  # fmt: skip
            return [base] + [
                movements.reward(f"{key}#{name}", scene, step.points, today, policy, {"days": 7})
                for scene, name in both[: step.bonus % 3]
            ]

        moving.entered(self.member, MAIN, key, {}, plan, desk=self.desk)

    def on_time(self, until: datetime) -> None:
        """What a job does that is never late: enters every event at its instant."""
        here = self.clock.now
        while (at := due_at(self.account, self.policy, self.clock.now)) and at <= until:
            self.clock.now = at
            moving.enter_due(self.member, desk=self.desk)
        self.clock.now = here


def assert_sound(history: History) -> None:
    account, entries = history.account, history.entries
    assert (
        account.balance
        == sum(entry.points for entry in entries)
        == account.available - account.debt
    )
    assert account.pending == sum(entry.pending for entry in entries) >= 0
    assert account.held == sum(entry.held for entry in entries)
    assert account.held == sum(hold.points for hold in account.holds.values())
    assert account.debt == sum(entry.debt for entry in entries) >= 0
    assert all(size > 0 for size in account.lots.values())
    assert all(size > 0 for hold in account.holds.values() for size in hold.lots.values())
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert all(b.balance_after == a.balance_after + b.points for a, b in pairwise(entries))
    assert all(a.effective_at <= b.effective_at for a, b in pairwise(entries))
    newest = [entry.source_key for entry in reversed(entries)]
    assert list(account.recent) == newest[:RECENT_ENTRIES]
    ahead = due_at(account, history.policy, history.clock())
    assert ahead is None or (account.due_at is not None and account.due_at <= ahead)
    assert differences(account, rebuilt(account, entries)) == {}
    assert violations(account, entries, recomputed) == []
    assert account_from(history.member, decoded(encoded(account_item(account)))) == account
    for entry in entries:
        assert entry_from(decoded(encoded(entry_item(entry)))) == entry


EVERY = (
    "quote", "quote", "spend", "hold", "capture", "release", "return", "adjust", "grant", "job",
    "check_in", "make_up",
)  # fmt: skip
HOURS = (0, 0, 1, 20, 24, 24 * 9, 24 * 40, 24 * 200)


def steps(kinds: Sequence[str] = EVERY) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        st.sampled_from(kinds),
        st.sampled_from(HOURS).map(lambda hours: timedelta(hours=hours)),
        st.integers(0, 5),
        st.integers(1, 200),
        st.sampled_from(("due", "due", "pending", "void", "parked")),
        st.integers(0, 60),
    )  # fmt: skip


def policies() -> st.SearchStrategy[LedgerPolicy]:
    expiries = (
        Expiry(), Expiry(method="days", after=1), Expiry(method="days", after=30),
        Expiry(method="month_end", after=0), Expiry(method="never"),
    )  # fmt: skip
    caps = (
        (),
        (Cap(cap_id="day", per="member", window="day", points=150),),
        (
            Cap(cap_id="week", per="member", window="week", points=200, scenes=("order_accrual",)),
            Cap(cap_id="all", per="programme", window="month", points=400),
        ),
    )
    tiers: tuple[Tiers | None, ...] = (
        None,
        Tiers(tiers=SILVER_GOLD, period="lifetime"),
        Tiers(tiers=SILVER_GOLD, downgrade="one_step"),
        Tiers(tiers=SILVER_GOLD, downgrade="by_points"),
    )
    return st.builds(
        LedgerPolicy,
        programme_id=st.just(MAIN),
        expiry=st.sampled_from(expiries),
        expiry_of=st.sampled_from(
            (
                {},
                {
                    "grant": Expiry(method="days", after=3),
                    "check_in": Expiry(method="days", after=2),
                },
            )
        ),
        grace_days=st.sampled_from((0, 7)),
        clawback=st.builds(
            Clawback,
            other_lots=st.booleans(),
            shortfall=st.sampled_from(("debt", "write_off", "freeze")),
        ),
        caps=st.sampled_from(caps),
        tiers=st.sampled_from(tiers),
    )
