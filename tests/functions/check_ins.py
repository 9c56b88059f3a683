"""Rules of check-ins for the tests of its functions, a clock, and members who joined long ago."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from huixue.check_ins.drafts import DraftRule
from huixue.check_ins.store import RuleStore
from huixue.check_ins.versions import declare_outage, next_rules
from huixue.edge import bootstrap, check_in_desk
from huixue.edge.session_tokens import Session
from huixue.edge.settings import settings
from huixue.kernel.check_ins import CheckInRules, MakeUp, Milestone, Outage, Task
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.model import Member
from tests.engines.clock import FrozenClock
from tests.functions.http import Answered, call
from tests.functions.stage import Stage

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""12:00 of Friday, 20 November 2026, in Shanghai."""
TODAY = date(2026, 11, 20)
FIRST = date(2026, 10, 1)
RULE = DraftRule(
    base_points=2,
    consecutive=(Milestone(days=3, points=10), Milestone(days=7, points=30, title="一周")),
    cumulative=(Milestone(days=5, points=20),),
    make_up=MakeUp(within_days=7, per_month=2, prices=(5, 8)),
)
TASKS = (
    Task(task_id="read", kind="guide", title="读一篇攻略", points=5, period="day"),
    Task(task_id="lesson", kind="guide", title="读小课堂", points=7, subject="lesson"),
    Task(task_id="profile", kind="profile", title="完善资料", points=50),
    Task(
        task_id="over", kind="guide", title="已结束", points=9,
        ends_at=datetime(2026, 11, 1, tzinfo=UTC),
    ),
)  # fmt: skip
_numbers = itertools.count(1)


def store() -> RuleStore:
    return RuleStore(bootstrap.database(), settings().seasons_table_name)


def published(
    programme_id: str = "demo", rule: DraftRule = RULE, first: date = FIRST
) -> CheckInRules:
    present = store().rules(programme_id, consistent=True)
    noon = datetime.combine(first, time(4), UTC)
    rules = next_rules(present, rule, TASKS, "Asia/Shanghai", noon)
    assert isinstance(rules, CheckInRules), rules
    store().write(rules, present.revision)
    check_in_desk._cached_rules.cache_clear()
    return rules


def failed_on(day: date, at: datetime) -> None:
    """An operator declares that the service was down."""
    present = store().rules("demo", consistent=True)
    outage = Outage(first=day, last=day, reason="down", declared_at=at)
    store().write(declare_outage(present, outage), present.revision)
    check_in_desk._cached_rules.cache_clear()


@dataclass(slots=True)
class Her:
    """A member, her clock on the server, and what she asks."""

    stage: Stage
    member_id: str
    clock: FrozenClock

    @property
    def id(self) -> MemberId:
        return MemberId(self.member_id)

    @property
    def session(self) -> Session:
        return Session(member_id=self.id, programme_id=ProgrammeId("demo"))

    def asks(self, function: str, **changes: Any) -> Answered:
        with self.stage.at(self.clock):
            return call(self.stage, function, token=self.stage.token(self.member_id), **changes)

    def checks_in(self) -> Answered:
        return self.asks("check_in")

    def makes_up(self, day: date | str) -> Answered:
        return self.asks("make_up", path={"date": str(day)})

    def checks_in_on(self, *days: int) -> None:
        """Days of November 2026, at noon."""
        for day in days:
            self.clock.instant = NOON + timedelta(days=day - 20)
            assert self.checks_in().status == 201
        self.clock.instant = NOON

    def balance(self) -> int:
        return bootstrap.ledger().seat(MemberId(self.member_id), []).account.balance

    def entries(self) -> dict[str, int]:
        _, entries = bootstrap.ledger().whole(MemberId(self.member_id))
        return {each.source_key: each.points for each in entries}


@contextmanager
def member(stage: Stage, joined: datetime = NOON - timedelta(days=200)) -> Iterator[Her]:
    member_id = MemberId(f"mem_days_{next(_numbers)}")
    bootstrap.members().create(
        Member(
            member_id=member_id,
            programme_id=ProgrammeId("demo"),
            openids={},
            created_at=joined,
        )
    )
    yield Her(stage, member_id, FrozenClock(NOON))


def with_base(points: int) -> DraftRule:
    return replace(RULE, base_points=points)
