"""The composition root of the jobs over the ledger: expiry, notices and the continuous audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

from huixue.edge import bootstrap
from huixue.edge.observability import Counts, logger
from huixue.edge.settings import settings
from huixue.kernel.errors import HuixueError
from huixue.kernel.events import AccountsDue, AuditPlanned
from huixue.kernel.ids import MemberId
from huixue.orders.owned_lines import owned_lines
from huixue.orders.worth import points_of
from huixue.points import audit_runs, expiry_runs
from huixue.points.audit import Violation
from huixue.points.audit_runs import AuditDesk, AuditStartDesk
from huixue.points.expiry_runs import ExpiryDesk, StartDesk
from huixue.points.notices import Notice
from huixue.points.run_store import AuditStore, DueAccountIndex, NoticeStore

EXPIRY_WALK = timedelta(seconds=60)
"""How long a message walks its shard; its function has twice as long for the account at hand."""
AUDIT_WALK = timedelta(seconds=120)
SHOWN = 20
"""One wrong number breaks what follows it: so many broken rules of an account are logged, all are counted."""
SHOWN_CHARS = 200


def _table() -> str:
    return settings().need("points_table_name").points_table_name


@cache
def due_index() -> DueAccountIndex:
    return DueAccountIndex(bootstrap.database(), _table())


@cache
def notices() -> NoticeStore:
    return NoticeStore(bootstrap.database(), _table())


@cache
def audit_book() -> AuditStore:
    return AuditStore(bootstrap.database(), _table())


def notices_of(member_id: MemberId) -> list[Notice]:
    """What was recorded for one account, soonest expiry first; whoever sends them begins here."""
    return notices().notices_of(member_id)


def start_expiry() -> dict[str, object]:
    desk = StartDesk(index=due_index(), outbox=bootstrap.outbox(), now=bootstrap.now)
    return {"shards": expiry_runs.start_expiry(desk=desk)}


@cache
def expiry_desk() -> ExpiryDesk:
    return ExpiryDesk(
        index=due_index(), ledger=bootstrap.ledger(), notices=notices(),
        outbox=bootstrap.outbox(), policy_of=bootstrap.policy_of, now=bootstrap.now,
        pause=bootstrap.pause, failed=_not_tended,
    )  # fmt: skip


def expire_points(message: AccountsDue) -> str:
    """One message of `start_expiry`, or of an earlier walk that ran out of time."""
    until = bootstrap.now() + EXPIRY_WALK
    done = expiry_runs.expire(message, desk=expiry_desk(), until=until)
    if done.expired_points:
        Counts().count("PointsExpired", done.expired_points)
    if done.notices:
        Counts().count("NoticesRecorded", done.notices)
    if done.failed:
        Counts().count("ExpiryFailed", done.failed)
    told = f"{done.accounts} accounts, {done.entries} entries, {done.notices} notices"
    return told if done.is_done else f"{told}, to be continued"


def _not_tended(member_id: str, error: Exception) -> None:
    code = error.code if isinstance(error, HuixueError) else type(error).__name__
    logger().error("account not looked after", member_id=member_id, code=code, exc_info=error)


def start_audit() -> dict[str, object]:
    desk = AuditStartDesk(book=audit_book(), outbox=bootstrap.outbox(), now=bootstrap.now)
    return {"segments": audit_runs.start_audit(desk=desk)}


def _owned_lines(member_ids: Sequence[MemberId], hints: Mapping[str, str]) -> set[str]:
    """The `OwnedLines` port of points."""
    orders = bootstrap.orders()
    return owned_lines(member_ids, hints, pool=orders, asked=orders)


@cache
def audit_desk() -> AuditDesk:
    return AuditDesk(
        book=audit_book(), ledger=bootstrap.ledger(), index=due_index(),
        outbox=bootstrap.outbox(), policy_of=bootstrap.policy_of, recompute=points_of,
        owned_lines=_owned_lines, now=bootstrap.now, alarm=_broken, left_out=_not_judged,
    )  # fmt: skip


def audit_ledger(message: AuditPlanned) -> str:
    """One part of one segment. The metric is written also where nothing is broken: an alarm needs to see zeros."""
    until = bootstrap.now() + AUDIT_WALK
    done = audit_runs.audit_segment(message, desk=audit_desk(), until=until)
    if done is None:
        return "finished before"
    Counts().count("LedgerViolation", done.violations - message.violations)
    if done.left_out > message.left_out:
        Counts().count("AuditLeftOut", done.left_out - message.left_out)
    told = f"{done.accounts} accounts, {done.violations} violations"
    return told if done.finished_at is not None else f"{told}, to be continued"


def _broken(member_id: str, found: Sequence[Violation]) -> None:
    logger().error(
        "ledger violation, redemptions frozen",
        member_id=member_id,
        broken_rules=len(found),
        shown=[_told(each) for each in found[:SHOWN]],
    )


def _told(violation: Violation) -> str:
    """Lists of all entries would fill the log; `huixue rebuild MEMBER --diff` shows them whole."""
    found, expected = (text[:SHOWN_CHARS] for text in (violation.found, violation.expected))
    return f"{violation.rule}: {found}, not {expected}"


def _not_judged(member_id: str, reason: str) -> None:
    logger().warning("account not judged", member_id=member_id, reason=reason)
