"""Check-ins and tasks put together: the room of check-ins says what a day brings, the ledger enters it.

The entry `check_in#{date}` is the guard and the credit at once: one for each member and business day, for ever,
whichever of her accounts it is in. What a day comes to is decided on the account that the same transaction replaces, so
whoever else changes it meanwhile makes it be decided again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from huixue.check_ins import marking
from huixue.check_ins.days import business_date, rule_on
from huixue.check_ins.marking import Marked
from huixue.check_ins.months import MonthView, NextReward, month_view, needed_days, next_reward
from huixue.check_ins.sheets import AwardKind, Mark, parsed
from huixue.check_ins.store import RuleStore
from huixue.check_ins.streaks import streak_on
from huixue.check_ins.tasks import fulfilled, is_open, task_key
from huixue.check_ins.use_cases import CachedRules
from huixue.edge import bootstrap
from huixue.edge.session_tokens import Session
from huixue.edge.settings import settings
from huixue.kernel.check_ins import CheckInRules, Task
from huixue.kernel.events import TaskDone
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points import movements
from huixue.points.changes import Change
from huixue.points.model import Entry, Scene
from huixue.points.movements import Request
from huixue.points.moving import entered
from huixue.points.ports import LedgerDesk, Seat
from huixue.points.posting import must_not_be_erased
from huixue.seasons.model import SeasonNotFoundError

_PARTS: Mapping[AwardKind, str] = {"consecutive": "run", "cumulative": "sum"}
"""How the keys of milestones name them: `check_in#2026-11-21#run-7`."""
_KINDS: Mapping[str, Literal["base", "consecutive", "cumulative"]] = {
    "check_in": "base", "check_in_streak": "consecutive", "check_in_total": "cumulative",
}  # fmt: skip


@cache
def _cached_rules() -> CachedRules:
    table = settings().need("seasons_table_name").seasons_table_name
    return CachedRules(RuleStore(bootstrap.database(), table), bootstrap.now)


def rules(programme_id: str) -> CheckInRules:
    """What is in force, at most 15 s old; empty where nothing was published."""
    return _cached_rules()(programme_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInDesk:
    """What check-ins work with."""

    ledger: LedgerDesk
    rules_of: Callable[[str], CheckInRules]


@cache
def desk() -> CheckInDesk:
    return CheckInDesk(ledger=bootstrap.ledger_desk(), rules_of=rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What the ledger entered for a day, after caps."""

    kind: Literal["base", "consecutive", "cumulative"]
    points: int
    days: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn:
    day: date
    made_up: bool
    price: int
    rewards: tuple[Reward, ...]
    streak: int
    """As of now, as is `next_reward`; the others are those of the day itself."""
    next_reward: NextReward | None
    repeated: bool
    """The day was marked before: nothing was written."""

    @property
    def points(self) -> int:
        return sum(each.points for each in self.rewards)


def check_in(session: Session, *, at: CheckInDesk | None = None) -> CheckedIn:
    """Checks in on the business day that it is by the server's clock. May be repeated, run at once, and die anywhere:
    a day is marked once and credited in the same transaction (CI-M1). 2 WCU for the account and for each entry.

    Raises SeasonNotFoundError, MemberErasedError, ContentionError."""
    at = at or desk()
    found, today = _open(session, at)

    def decide(sheet: str) -> Marked:
        return marking.checked_in(sheet, found, today)

    return _marked(session, found, today, today, decide, at)


def make_up(
    session: Session, day: date, *, joined_at: datetime, at: CheckInDesk | None = None
) -> CheckedIn:
    """Makes up for a day that she missed (CI-M5); `joined_at` is when she became a member. May be repeated as
    `check_in`; a day that is marked already costs nothing.

    Raises MakeUpNotAllowedError, InsufficientPointsError, InDebtError, AccountFrozenError, SeasonNotFoundError,
    MemberErasedError, ContentionError."""
    at = at or desk()
    found, today = _open(session, at)
    joined_on = business_date(found, joined_at)

    def decide(sheet: str) -> Marked:
        return marking.made_up(sheet, found, day, today=today, joined_on=joined_on)

    return _marked(session, found, day, today, decide, at)


def _open(session: Session, at: CheckInDesk) -> tuple[CheckInRules, date]:
    """The rules, and the business day that it is by them. Raises SeasonNotFoundError where none are in force."""
    found = at.rules_of(session.programme_id)
    today = business_date(found, at.ledger.now())
    if rule_on(found, today) is None:
        raise SeasonNotFoundError("no rules of check-ins are in force")
    return found, today


def _marked(
    session: Session, found: CheckInRules, day: date, today: date,
    decide: Callable[[str], Marked], at: CheckInDesk,
) -> CheckedIn:  # fmt: skip
    key, asked = f"check_in#{day}", {"date": day.isoformat()}

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
        wished = decide(seat.account.check_in_sheet)
        if wished.price:
            movements.may_redeem(seat.account, now)
        return _changes(wished, key, policy, today)

    done = entered(
        session.member_id, session.programme_id, key, asked, plan, desk=at.ledger
    )  # fmt: skip
    entries = done.entries
    if done.repeated:
        entries = [*entries, *_others(session.member_id, entries[0], at.ledger)]
    sheet = done.account.check_in_sheet
    return CheckedIn(
        day=day,
        made_up=entries[0].scene == "make_up",
        price=-entries[0].points if entries[0].scene == "make_up" else 0,
        rewards=tuple(_reward(each) for each in entries if each.scene != "make_up"),
        streak=streak_on(parsed(sheet), found, today).length,
        next_reward=next_reward(sheet, found, today),
        repeated=done.repeated,
    )


def _changes(wished: Marked, key: str, policy: LedgerPolicy, today: date) -> list[Change]:
    """The first is the guard of the day and keeps the sheet; it names the others, so that a repeat finds them. All
    belong to the business day `today` as check-ins count days, for caps, expiry and statements too."""
    more: dict[str, Change] = {}

    def reward(part: str, scene: Scene, points: int, said: Request) -> None:
        request = {"date": wished.day.isoformat(), **said}
        more[part] = movements.reward(f"{key}#{part}", scene, points, today, policy, request)

    if wished.mark == "made_up" and wished.base is not None:
        reward("base", "check_in", wished.base, {"made_up": True})
    for each in wished.awards:
        said = {"days": each.days} | ({"title": each.title} if each.title else {})
        scene: Scene = "check_in_streak" if each.kind == "consecutive" else "check_in_total"
        reward(f"{_PARTS[each.kind]}-{each.days}", scene, each.points, said)
    request: dict[str, object] = {"date": wished.day.isoformat(), "streak": wished.streak}
    request |= {"rewards": list(more)} if more else {}
    if wished.mark == "made_up":
        guard = movements.make_up(
            key, wished.price, request, check_in_sheet=wished.sheet, today=today
        )
    else:
        guard = movements.reward(
            key, "check_in", wished.base or 0, today, policy, request, check_in_sheet=wished.sheet
        )
    return [guard, *more.values()]


def _others(member_id: MemberId, guard: Entry, ledger: LedgerDesk) -> list[Entry]:
    """What else was entered for the day."""
    parts = guard.source.get("rewards", ())
    keys = [f"{guard.source_key}#{part}" for part in parts] if isinstance(parts, list) else []
    found = ledger.ledger.seat(member_id, keys).entries if keys else {}
    return [found[key] for key in keys if key in found]


def _reward(entry: Entry) -> Reward:
    source: Mapping[str, Any] = entry.source
    return Reward(
        kind=_KINDS[entry.scene], points=entry.points, days=source.get("days"),
        title=source.get("title"),
    )  # fmt: skip


def month(
    session: Session, month: date, *, joined_at: datetime | None = None,
    at: CheckInDesk | None = None,
) -> MonthView:  # fmt: skip
    """Her part of a month of the calendar. Reads her account, and, for days that her sheet no longer names, their
    entries. Raises MemberErasedError."""
    at = at or desk()
    found = at.rules_of(session.programme_id)
    today = business_date(found, at.ledger.now())
    account = at.ledger.ledger.seat(session.member_id, []).account
    must_not_be_erased(account)
    joined_on = None if joined_at is None else business_date(found, joined_at)
    needed = needed_days(found, month)
    older = _older(session.member_id, needed, account.check_in_sheet, at.ledger)
    return month_view(account.check_in_sheet, found, month, today, joined_on, older)


def _older(
    member_id: MemberId, needed: Sequence[date], sheet: str, ledger: LedgerDesk
) -> dict[date, Mark]:
    """Marks of those days before the window of her sheet: one BatchGet of the entries that made them."""
    window = parsed(sheet).first
    keys = {f"check_in#{day}": day for day in needed if window is not None and day < window}
    if not keys:
        return {}
    entries = ledger.ledger.seat(member_id, list(keys)).entries
    return {
        keys[key]: "made_up" if each.scene == "make_up" else "checked_in"
        for key, each in entries.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    task: Task
    done_at: datetime | None
    """In the present period; None: it can be done."""


def tasks(session: Session, *, at: CheckInDesk | None = None) -> list[TaskView]:
    """The tasks that are open now, in the order of the season. One BatchGet. Raises MemberErasedError."""
    at = at or desk()
    found, now = at.rules_of(session.programme_id), at.ledger.now()
    keys = {task_key(found, each, now): each for each in found.tasks if is_open(each, now)}
    seat = at.ledger.ledger.seat(session.member_id, list(keys))
    must_not_be_erased(seat.account)
    done = {key: entry.effective_at for key, entry in seat.entries.items()}
    return [TaskView(task=task, done_at=done.get(key)) for key, task in keys.items()]


def reward(message: TaskDone, *, at: CheckInDesk | None = None) -> int:
    """Enters every task that this fulfils and was not entered in its period; returns how many. May be repeated, run at
    once, and die anywhere. Raises MemberErasedError, ContentionError."""
    at = at or desk()
    found = at.rules_of(message.programme_id)
    fulfils = fulfilled(found, message.kind, message.subject, message.done_at)
    day = business_date(found, message.done_at)
    return sum(not _rewarded(message, task, key, day, at.ledger) for task, key in fulfils)


def _rewarded(message: TaskDone, task: Task, key: str, day: date, ledger: LedgerDesk) -> bool:
    """Whether it had been before."""
    request = {"task_id": task.task_id, "title": task.title}

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
        del seat, now
        return [movements.reward(key, "task", task.points, day, policy, request)]

    return entered(
        MemberId(message.member_id), message.programme_id, key, {"task_id": task.task_id}, plan,
        desk=ledger,
    ).repeated  # fmt: skip
