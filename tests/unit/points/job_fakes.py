"""The jobs' desk on the ledger in memory: the index of due accounts, notices, the audit's walk and its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from huixue.kernel.events import AccountsDue, AuditPlanned
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.audit import Violation
from huixue.points.audit_runs import AuditDesk, AuditStartDesk, Progress, Sheet
from huixue.points.expiry_runs import DuePlace, ExpiryDesk, StartDesk, Tended, expire, start_expiry
from huixue.points.model import Account, Entry, Frozen
from huixue.points.notices import Notice
from huixue.points.ports import LedgerChangedError
from huixue.points.posting import posted
from tests.unit.points.fakes import ANNA, MAIN, POLICY, Clock, FakeLedger, credit, local, recomputed

FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Jobs:
    """All ports of the jobs at once, on one ledger and one clock."""

    clock: Clock
    ledger: FakeLedger = field(default_factory=FakeLedger)
    policy: LedgerPolicy = POLICY
    notices: dict[tuple[str, str, int], Notice] = field(default_factory=dict)
    walks: list[AccountsDue] = field(default_factory=list)
    parts: list[AuditPlanned] = field(default_factory=list)
    records: dict[tuple[str, int], Progress] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    alarms: dict[str, Sequence[Violation]] = field(default_factory=dict)
    unjudged: dict[str, str] = field(default_factory=dict)
    whole: dict[str, tuple[Account, list[Entry]]] = field(default_factory=dict)
    """What reading an account by itself says, where that is not what stands in the ledger."""
    owners: dict[str, MemberId] = field(default_factory=dict)
    """Order line → whose order it is."""
    asked: list[Sequence[MemberId]] = field(default_factory=list)
    """For whom the orders were asked."""
    before_owned: list[Callable[[], object]] = field(default_factory=list)
    """Taken from the front, one before each answer of the orders: what happens after the ledger was read."""
    before_move: list[Callable[[], None]] = field(default_factory=list)
    after_sheet: Callable[[], object] = lambda: None

    def shards(self) -> Sequence[str]:
        return [f"due#{shard}" for shard in range(4)]

    def due(
        self, shard: str, *, by: datetime, after: DuePlace | None, limit: int
    ) -> list[DuePlace]:
        places = sorted(
            (account.due_at, member_id)
            for member_id, account in self.ledger.accounts.items()
            if account.due_at is not None and account.due_at <= by
            if f"due#{sum(member_id.encode()) % 4}" == shard
        )
        return [place for place in places if after is None or place > after][:limit]

    def move(self, account: Account, due_at: datetime | None) -> None:
        if self.before_move:
            self.before_move.pop(0)()
        stands = self.ledger.account(account.member_id)
        if stands.version != account.version:
            raise LedgerChangedError("somebody else posted first")
        self.ledger.accounts[account.member_id] = replace(stands, due_at=due_at)

    def record(self, notice: Notice) -> bool:
        key = (notice.member_id, notice.expires_on.isoformat(), notice.days_before)
        if key in self.notices:
            return False
        self.notices[key] = notice
        return True

    def expire(self, messages: Sequence[AccountsDue]) -> None:
        self.walks += messages

    def audit(self, messages: Sequence[AuditPlanned]) -> None:
        self.parts += messages

    def policy_of(self, programme_id: str) -> LedgerPolicy:
        return replace(self.policy, programme_id=programme_id)

    def failed(self, member_id: str, error: Exception) -> None:
        self.failures[member_id] = type(error).__name__

    def sheets(self, segment: int, segments: int, after: tuple[str, str] | None) -> Iterator[Sheet]:
        for member_id in sorted(self.ledger.accounts):
            place = (member_id, "E#last")
            if sum(member_id.encode()) % segments == segment and (after is None or place > after):
                entries = self.ledger.entries_of(member_id)
                yield Sheet(
                    member_id=MemberId(member_id), account=self.ledger.accounts[member_id],
                    entries=entries, place=place,
                )  # fmt: skip
                self.after_sheet()

    def progress(self, run: str, segment: int) -> Progress | None:
        return self.records.get((run, segment))

    def save(self, progress: Progress) -> None:
        self.records[progress.run, progress.segment] = progress

    def runs(self, first: str, last: str) -> list[Progress]:
        return [each for (run, _), each in self.records.items() if first <= run <= last]

    def owned_lines(self, member_ids: Sequence[MemberId], hints: Mapping[str, str]) -> set[str]:
        self.asked.append(member_ids)
        if self.before_owned:
            self.before_owned.pop(0)()
        return {each for each in hints if self.owners.get(each) in member_ids}

    def start_desk(self) -> StartDesk:
        return StartDesk(index=self, outbox=self, now=self.clock)

    def expiry_desk(self) -> ExpiryDesk:
        return ExpiryDesk(
            index=self, ledger=self.ledger, notices=self, outbox=self, policy_of=self.policy_of,
            now=self.clock, pause=lambda lost: None, failed=self.failed,
        )  # fmt: skip

    def audit_start_desk(self) -> AuditStartDesk:
        return AuditStartDesk(book=self, outbox=self, now=self.clock)

    def audit_desk(self) -> AuditDesk:
        return AuditDesk(
            book=self, ledger=ReadAlone(self), index=self, outbox=self, policy_of=self.policy_of,
            recompute=recomputed, owned_lines=self.owned_lines, now=self.clock,
            alarm=self.alarms.__setitem__, left_out=self.unjudged.__setitem__,
        )  # fmt: skip

    def given(self, member_id: str, points: int, lot: str) -> None:
        """She gets points into one lot, now."""
        account = self.ledger.account(MemberId(member_id))
        policy = self.policy_of(MAIN)
        change = credit(points, key=f"{lot}/{account.entry_count}", lot=lot)
        after, entries = posted(account, [change], policy=policy, now=self.clock())
        self.ledger.post(account, after, entries, policy=policy, shared={})


@dataclass(slots=True)
class ReadAlone:
    """The ledger as the audit asks for it, account by account."""

    jobs: Jobs

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        found = self.jobs.whole.get(member_id)
        return found if found is not None else self.jobs.ledger.whole(member_id)

    def merged_entries(self, entries: Sequence[Entry]) -> list[Entry]:
        return [
            entry
            for each in entries
            if each.scene == "merge_in"
            for entry in self.jobs.ledger.entries_of(str(each.source["member_id"]))
        ]

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None:
        self.jobs.ledger.freeze(member_id, frozen)


def jobs_at(text: str, policy: LedgerPolicy | None = None) -> Jobs:
    jobs = Jobs(clock=Clock(now=local(text)))
    return replace(jobs, policy=policy) if policy is not None else jobs


def run_expiry(jobs: Jobs) -> list[Tended]:
    """A whole run: every message until none is left."""
    start_expiry(desk=jobs.start_desk())
    done: list[Tended] = []
    while jobs.walks:
        done.append(expire(jobs.walks.pop(0), desk=jobs.expiry_desk(), until=FAR))
    return done


def expiries(jobs: Jobs, member_id: str = ANNA) -> list[tuple[int, date, datetime]]:
    return [
        (each.points, each.business_date, each.effective_at)
        for each in jobs.ledger.entries_of(member_id)
        if each.scene == "expiry"
    ]
