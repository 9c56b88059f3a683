"""A year of check-ins of one member, over ends of months, 29 February and a change of the rules: the months as JSON.

The year is lived on a ledger in memory, which is quick, and copied to the stage before the calendar is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huixue.check_ins.drafts import DraftRule
from huixue.dynamodb.writes import Put
from huixue.edge import bootstrap, check_in_desk
from huixue.edge.check_in_desk import CheckInDesk
from huixue.kernel.check_ins import Milestone
from huixue.kernel.policies import LedgerPolicy
from huixue.points.ports import LedgerDesk
from huixue.points.records import account_item, entry_item
from tests.functions.check_ins import Her, member, published
from tests.functions.seasons import published as season_published
from tests.functions.stage import Stage, running_stage
from tests.prove.memory_ledger import MemoryLedger

FIRST, LAST = date(2027, 7, 1), date(2028, 6, 30)
CHANGED = date(2028, 3, 9)
"""A Thursday on which rules for weeks were published; they begin with the next month."""
WEEKS_FROM = date(2028, 4, 1)
"""A Saturday."""
MONTHS = DraftRule(
    base_points=1, consecutive=(Milestone(days=7, points=10, title="一周"),),
    cumulative=(Milestone(days=28, points=50),),
)  # fmt: skip
WEEKS = DraftRule(
    base_points=2, cycle="week",
    consecutive=(Milestone(days=3, points=5), Milestone(days=7, points=15, title="全勤")),
)  # fmt: skip
READ_ON = (date(2027, 7, 31), date(2028, 2, 29), date(2028, 4, 1), LAST)
"""Days on whose evening the calendar was read."""
POLICY = LedgerPolicy(programme_id="demo", version=1)
Seen = dict[date, dict[str, Any]]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def month(her: Her, name: str) -> dict[str, Any]:
    body = her.asks("get_calendar", query={"month": name}).body
    assert isinstance(body, dict)
    return body


@pytest.fixture(scope="module")
def year() -> Iterator[tuple[Her, Seen]]:
    """All days of the year, and the calendar of the month as it was read on some of them."""
    with running_stage() as stage, member(stage, joined=noon(FIRST)) as her:
        season_published("demo", lambda draft: draft, at=noon(FIRST))
        published(rule=MONTHS, first=FIRST)
        yield her, _lived(stage, her)


def _lived(stage: Stage, her: Her) -> Seen:
    seen: Seen = {}
    memory = MemoryLedger()
    desk = CheckInDesk(
        ledger=LedgerDesk(
            ledger=memory,
            policy_of=lambda _: POLICY,
            now=her.clock.now,
            pause=lambda _: None,
        ),
        rules_of=check_in_desk.rules,
    )
    for day in days_of(FIRST, 366):
        her.clock.instant = noon(day)
        if day == CHANGED:
            published(rule=WEEKS, first=CHANGED)
        with stage.at(her.clock):
            done = check_in_desk.check_in(her.session, at=desk)
        assert (done.day, done.repeated) == (day, False)
        if day in READ_ON:
            _copied(memory, her)
            seen[day] = month(her, day.isoformat()[:7])
    return seen


def _copied(memory: MemoryLedger, her: Her) -> None:
    table = her.stage.tables.points
    account, entries = memory.whole(her.id)
    for item in (account_item(account), *(entry_item(each) for each in entries)):
        bootstrap.database().write(Put(table=table, item=item, condition=None))


def plain(
    day: date, *, checked_in: bool = True, milestones: list[Any] | None = None
) -> dict[str, Any]:
    """A day without streams; Wednesdays are member days."""
    found: dict[str, Any] = {
        "date": day.isoformat(), "checked_in": checked_in, "made_up": False, "streams": [],
        "milestones": milestones or [],
    }  # fmt: skip
    return found | ({"member_day": ["会员日"]} if day.isoweekday() == 3 else {})


def days_of(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def without_feed(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not name.startswith("feed")}


def test_a_leap_february_as_it_was_read_on_its_last_day(year: tuple[Her, Seen]) -> None:
    february = days_of(date(2028, 2, 1), 29)

    assert without_feed(year[1][date(2028, 2, 29)]) == {
        "month": "2028-02",
        "today": "2028-02-29",
        "days": [plain(day) for day in february],
        "streak": 29,
        "streak_days": [day.isoformat() for day in february],
        "reset": {
            "date": "2028-02-01", "reason": "new_cycle", "reason_detail": "新的签到周期从这一天开始，连续天数重新算起",
        },
        "next_reward": {
            "date": "2028-03-07", "days_left": 7, "kind": "consecutive", "days": 7, "points": 10,
            "title": "一周",
        },
    }  # fmt: skip


def test_the_first_month_has_nothing_before_it(year: tuple[Her, Seen]) -> None:
    july = year[1][date(2027, 7, 31)]

    assert without_feed(july) == {
        "month": "2027-07",
        "today": "2027-07-31",
        "days": [plain(day) for day in days_of(FIRST, 31)],
        "streak": 31,
        "streak_days": [day.isoformat() for day in days_of(FIRST, 31)],
        "next_reward": {
            "date": "2027-08-07", "days_left": 7, "kind": "consecutive", "days": 7, "points": 10,
            "title": "一周",
        },
    }  # fmt: skip


def test_the_month_with_which_the_new_rules_begin(year: tuple[Her, Seen]) -> None:
    """The first week has two days; milestones are those of weeks from there on."""
    three = {"kind": "consecutive", "days": 3, "points": 5}
    seven = {"kind": "consecutive", "days": 7, "points": 15, "title": "全勤"}
    coming = {date(2028, 4, day): [three] for day in (5, 12, 19, 26)}
    coming |= {date(2028, 4, day): [seven] for day in (9, 16, 23, 30)}

    assert without_feed(year[1][WEEKS_FROM]) == {
        "month": "2028-04",
        "today": "2028-04-01",
        "days": [
            plain(day, checked_in=day == WEEKS_FROM, milestones=coming.get(day))
            for day in days_of(WEEKS_FROM, 30)
        ],
        "streak": 1,
        "streak_days": ["2028-04-01"],
        "reset": {
            "date": "2028-04-01", "reason": "new_cycle", "reason_detail": "新的签到周期从这一天开始，连续天数重新算起",
        },
        "next_reward": {"date": "2028-04-05", "days_left": 4, **three},
    }  # fmt: skip


def test_months_that_the_sheet_no_longer_names_read_as_they_were(year: tuple[Her, Seen]) -> None:
    her, seen = year
    her.clock.instant = noon(LAST)

    assert month(her, "2028-02")["days"] == seen[date(2028, 2, 29)]["days"]
    assert month(her, "2027-07")["days"] == seen[date(2027, 7, 31)]["days"]
    assert not any(each["checked_in"] for each in month(her, "2027-06")["days"])


def test_every_day_of_the_year_is_marked_in_its_month(year: tuple[Her, Seen]) -> None:
    her, _ = year
    her.clock.instant = noon(LAST)
    names = sorted({day.isoformat()[:7] for day in days_of(FIRST, 366)})

    months = [month(her, name) for name in names]

    marked = [each["date"] for body in months for each in body["days"] if each["checked_in"]]
    assert marked == [day.isoformat() for day in days_of(FIRST, 366)]
    assert {body["streak"] for body in months} == {5}  # Monday, 26 June to Friday


def test_every_point_of_the_year_is_one_that_the_rules_of_its_day_promised(
    year: tuple[Her, Seen],
) -> None:
    her, _ = year
    account, entries = bootstrap.ledger().whole(her.id)
    by_scene = {scene: [e.points for e in entries if e.scene == scene] for scene in (
        "check_in", "check_in_streak", "check_in_total",
    )}  # fmt: skip

    assert by_scene["check_in"] == [1] * 275 + [2] * 91
    assert by_scene["check_in_total"] == [50] * 9
    # nine months with one week each; thirteen weeks, the first of two days and the last of five
    assert by_scene["check_in_streak"] == [10] * 9 + [5, 15] * 12 + [5]
    assert account.lifetime == sum(sum(points) for points in by_scene.values())
    assert len(account.check_in_sheet) <= 300
