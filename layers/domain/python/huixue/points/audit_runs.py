"""The continuous audit (LG-E1): every account is judged once a week, a seventh of the table a day, without a pause.

The table is cut into SEGMENTS parts by DynamoDB's parallel scan; a part is walked by messages that carry on where the
one before stopped, always behind a whole account. What a scan shows may be torn (entries posted meanwhile), so an
account is only said to be broken when reading it by itself, twice, says so too. Then its redemptions are frozen and
an alarm rings; no number is touched or hidden: `huixue rebuild` mends, an operator lifts the freeze.

A segment shows whole members only, so two members who hold one order line are never seen side by side. But an order
has one owner: every line an account holds must be of an order of hers, and whoever of the two is not the owner is
found. (`audit.double_credits` says it of all members at once, where all are read together, in `huixue audit`.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from huixue.kernel.calendar import business_date, to_text
from huixue.kernel.errors import ContentionError, HuixueError, NotFoundError, UnavailableError
from huixue.kernel.events import AuditPlanned
from huixue.kernel.ids import MemberId
from huixue.points.audit import OwnedLines, Recompute, Violation, foreign_lines, violations
from huixue.points.expiry_runs import DueAccounts, looked_at_late
from huixue.points.model import Account, Entry, Frozen
from huixue.points.ports import LedgerChangedError, Now, PolicyOf

GROUPS = 7
SEGMENTS = 28
"""Four a day. A million members with 20 entries each are about 15 GB: half a gigabyte a segment, a few minutes of
one worker, so a day's share is done within the hour, and a message that is delivered twice repeats a minute's work."""
MAX_ENTRIES = 40_000
"""An account is judged in memory, about 3 KB an entry; one with more is left out, counted and named in the log:
`huixue audit` judges it on a machine with more memory."""
CONFIRMATIONS = 2
FREEZE_WITHIN = 200
"""After so many violations in one segment no further member is frozen: then the fault is a release of ours, not rows
of hers, and freezing everybody would be worse than it. The alarm rings all the same."""
SENSELESS = (AttributeError, ArithmeticError, LookupError, TypeError, ValueError)
"""What rows that make no sense raise; nothing that the database itself says is among them."""


class OrdersUnreadableError(HuixueError):
    """An order or a claim of hers makes no sense: nothing is said of her ledger."""

    code = "ORDERS_UNREADABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One account as a scan shows it."""

    member_id: MemberId
    account: Account | None
    entries: Sequence[Entry]
    flaw: Literal["unreadable", "too_large"] | None = None
    place: tuple[str, str]
    """Where the scan goes on behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the audit of one segment is."""

    run: str
    segment: int
    part: int
    accounts: int
    entries: int
    violations: int
    left_out: int
    written_at: datetime
    finished_at: datetime | None = None


class AuditBook(Protocol):
    def sheets(self, segment: int, segments: int, after: tuple[str, str] | None) -> Iterator[Sheet]:
        """The accounts of a segment behind a place, each whole as far as a scan can tell; read as they are asked
        for. No more than MAX_ENTRIES entries are kept of one."""
        ...

    def progress(self, run: str, segment: int) -> Progress | None: ...

    def save(self, progress: Progress) -> None: ...

    def runs(self, first: str, last: str) -> Sequence[Progress]:
        """Of all segments of the runs from one to another, in the order of their names."""
        ...


class AuditLedger(Protocol):
    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]: ...

    def merged_entries(self, entries: Sequence[Entry]) -> list[Entry]: ...

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None: ...


class AuditOutbox(Protocol):
    def audit(self, messages: Sequence[AuditPlanned]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStartDesk:
    book: AuditBook
    outbox: AuditOutbox
    now: Now


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDesk:
    book: AuditBook
    ledger: AuditLedger
    index: DueAccounts
    outbox: AuditOutbox
    policy_of: PolicyOf
    recompute: Recompute
    owned_lines: OwnedLines
    now: Now
    alarm: Callable[[str, Sequence[Violation]], None]
    """Told of every account that is broken."""
    left_out: Callable[[str, str], None]
    """Told of every account that could not be judged, and why."""


def start_audit(*, desk: AuditStartDesk) -> int:
    """Sends one message for each segment of today's group, and for each that no run of the last six days finished;
    returns how many. So no week passes without a segment, whatever a day lost, and a new deployment is judged whole
    on its first day. May be repeated: a segment is judged once a day."""
    today = business_date(desk.now())
    finished = {
        each.segment
        for each in desk.book.runs(_run(today - timedelta(days=GROUPS - 1)), _run(today))
        if each.finished_at is not None
    }
    group = today.toordinal() % GROUPS
    wanted = [
        segment
        for segment in range(SEGMENTS)
        if segment % GROUPS == group or segment not in finished
    ]
    messages = planned(_run(today), wanted)
    desk.outbox.audit(messages)
    return len(messages)


def planned(run: str, segments: Iterable[int] = range(SEGMENTS)) -> list[AuditPlanned]:
    """The messages that start a run; all segments at once are a whole audit on request. Runs of a name that was
    used before do only what is left of them."""
    return [
        AuditPlanned(
            run=run, segment=segment, segments=SEGMENTS, correlation_id=f"audit-{run}-{segment}"
        )
        for segment in segments
    ]


def audit_everything(*, desk: AuditStartDesk) -> str:
    """Sends all segments at once, for an operator who wants to know now; returns the name of the run, under which
    `AuditBook.runs(name, name)` has its progress. Each call is a run of its own, behind those of every day."""
    run = f"now-{to_text(desk.now())}"
    desk.outbox.audit(planned(run))
    return run


def _run(day: date) -> str:
    return day.isoformat()


def audit_segment(message: AuditPlanned, *, desk: AuditDesk, until: datetime) -> Progress | None:
    """Judges the accounts of a segment until all are done or `until` has come; then the rest goes on in the next
    part. None where this part was finished before. May be repeated: an account is judged by what it is.

    Raises UnavailableError where the database does not answer: the message comes again."""
    known = desk.book.progress(message.run, message.segment)
    if known is not None and (known.finished_at is not None or known.part > message.part):
        return None
    tally = message
    for sheet in desk.book.sheets(message.segment, message.segments, message.after):
        tally = _judged(sheet, tally, desk)
        if desk.now() >= until:
            following = replace(tally, part=message.part + 1, after=sheet.place)
            desk.outbox.audit([following])
            return _saved(following, desk, is_done=False)
    return _saved(tally, desk, is_done=True)


def _saved(tally: AuditPlanned, desk: AuditDesk, *, is_done: bool) -> Progress:
    now = desk.now()
    progress = Progress(
        run=tally.run,
        segment=tally.segment,
        part=tally.part,
        accounts=tally.accounts,
        entries=tally.entries,
        violations=tally.violations,
        left_out=tally.left_out,
        written_at=now,
        finished_at=now if is_done else None,
    )
    desk.book.save(progress)
    return progress


def _judged(sheet: Sheet, tally: AuditPlanned, desk: AuditDesk) -> AuditPlanned:
    if sheet.flaw == "too_large":
        desk.left_out(sheet.member_id, f"more than {MAX_ENTRIES} entries")
        return replace(tally, left_out=tally.left_out + 1)
    try:
        found = _violations(sheet, desk)
        if found:
            _alarm(sheet.member_id, found, desk, freezes=tally.violations < FREEZE_WITHIN)
        elif sheet.account is not None:
            _look_in_time(sheet.account, desk)
    except HuixueError as error:
        if isinstance(error, UnavailableError) and not isinstance(error, ContentionError):
            raise
        desk.left_out(sheet.member_id, f"{error.code}: {error.message}")
        return replace(tally, left_out=tally.left_out + 1)
    return replace(
        tally,
        accounts=tally.accounts + 1,
        entries=tally.entries + len(sheet.entries),
        violations=tally.violations + len(found),
    )


def _violations(sheet: Sheet, desk: AuditDesk) -> list[Violation]:
    """What is broken in the scan and, both times, in the account read by itself."""
    found: list[Violation] = []
    if sheet.flaw is None and sheet.account is not None:
        account, entries = sheet.account, sheet.entries
        found = _broken(sheet.member_id, lambda: (account, entries), desk)
        if not found:
            return []
    for _ in range(CONFIRMATIONS):
        found = _broken(sheet.member_id, lambda: desk.ledger.whole(sheet.member_id), desk)
        if not found:
            return []
    return found


def _broken(
    member_id: MemberId, read: Callable[[], tuple[Account, Sequence[Entry]]], desk: AuditDesk
) -> list[Violation]:
    """Rows that make no sense are broken too."""
    try:
        account, entries = read()
        merged = desk.ledger.merged_entries(entries)
        found = violations(account, entries, desk.recompute, merged=merged)
    except SENSELESS as error:
        unreadable = f"{type(error).__name__}: {error}"
        return [
            Violation(
                member_id=member_id, rule="rows can be read", found=unreadable, expected="rows"
            )
        ]
    try:
        return [*found, *foreign_lines(account, [*merged, *entries], desk.owned_lines)]
    except SENSELESS as error:
        if found:
            return found
        raise OrdersUnreadableError(f"{type(error).__name__}: {error}") from error


def _alarm(
    member_id: MemberId, found: Sequence[Violation], desk: AuditDesk, *, freezes: bool
) -> None:
    """Stops her redemptions, unless they are stopped for good already: that reason stands."""
    desk.alarm(member_id, found)
    if not freezes:
        return
    try:
        before = desk.ledger.whole(member_id)[0].frozen
        if before is None or before.until is not None:
            desk.ledger.freeze(member_id, Frozen(reason="audit", since=desk.now()))
    except (NotFoundError, *SENSELESS):
        return  # entries without an account, or one that nobody can read: nothing can be redeemed from it


def _look_in_time(account: Account, desk: AuditDesk) -> None:
    """An account that nobody would look at in time, after a change of the programme for example, is put right."""
    due_at = looked_at_late(account, desk.policy_of, desk.now())
    if due_at != account.due_at:
        try:
            desk.index.move(account, due_at)
        except LedgerChangedError:
            return  # whoever posted meanwhile has said it anew
