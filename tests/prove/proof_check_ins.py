"""Made-up histories of one member's days: what the sheet says is what the days themselves say.

Streak, milestones, months and what is to come are held against `reference_check_ins`, which recomputes them from sets
of dates, after every step: check-ins, make-ups, outages declared late, new versions with other cycles and boundaries,
clocks that are off.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from huixue.check_ins import months, streaks
from huixue.check_ins.days import business_date
from huixue.check_ins.drafts import DraftRule
from huixue.check_ins.marking import MakeUpNotAllowedError, Marked, checked_in, made_up
from huixue.check_ins.sheets import WINDOW_DAYS, folded, parsed, text_of
from huixue.check_ins.versions import OutageInvalidError, declare_outage, next_rules
from huixue.kernel.check_ins import CheckInRules, CycleKind, MakeUp, Milestone, Outage
from tests.prove.reference_check_ins import ONE, ReferenceDays, day_of

SEEDS = 400
PARALLEL = True
DAYS = 220
LONGEST_TEXT = 300
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Asia/Shanghai", "America/New_York")
CYCLES: tuple[CycleKind, ...] = ("week", "month", "rolling", "endless")
BOUNDARIES = (0, 0, 240, 30, 300)


@dataclass(slots=True)
class Days:
    """One history on its way."""

    random: Random
    rules: CheckInRules
    reference: ReferenceDays
    now: datetime
    joined_on: date
    sheet: str = ""
    keys: set[tuple[date, str]] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> date:
        return business_date(self.rules, self.now)

    def under(self, rules: CheckInRules) -> None:
        self.rules = self.reference.rules = rules
        self.reference.names.clear()


def prove(random: Random) -> None:
    proved(random)


def proved(random: Random, days: int = DAYS) -> Counter[str]:
    history = _begun(random)
    keen = random.choice((0.5, 0.85, 0.97, 1.0))
    for n in range(days):
        if n % 45 == 44:
            keen = random.choice((0.3, 0.85, 0.97, 1.0))
        _one_day(history, keen)
    _assert_coming(history)
    return history.seen


def _begun(random: Random) -> Days:
    start = datetime(2027, 10, 1, 4, tzinfo=UTC) + timedelta(days=random.randrange(400))
    zone = random.choice(ZONES)
    empty = CheckInRules(programme_id="demo", zone_name=zone)
    today = day_of(empty, start)
    rules = next_rules(empty, replace(_draft(random, today), starts_on=None), (), zone, start)
    assert isinstance(rules, CheckInRules), rules
    return Days(
        random=random, rules=rules, reference=ReferenceDays(rules), now=start,
        joined_on=business_date(rules, start),
    )  # fmt: skip


def _one_day(history: Days, keen: float) -> None:
    random = history.random
    began = history.now
    assert history.today == day_of(history.rules, history.now)
    steps = sorted(random.sample(range(60, 86_340), 3))
    for step in steps:
        history.now = began + timedelta(seconds=step)
        match random.random():
            case share if share < 0.03:
                _publish(history)
            case share if share < 0.06:
                _declare(history)
            case share if share < 0.30:
                _make_up(history)
            case share if share < 0.33:
                _check_in(history, off_days=random.choice((-1, 1)))
            case _:
                if random.random() < 1 - (1 - keen) ** 0.5:
                    _check_in(history)
        _assert_shown(history)
    _assert_month(history)
    history.now = began + timedelta(days=1)


def _check_in(history: Days, off_days: int = 0) -> None:
    """`off_days`: the server's clock is wrong by as much."""
    today = business_date(history.rules, history.now + timedelta(days=off_days))
    before = history.reference.marks
    if today in before or today < history.rules.versions[0].starts_on:
        history.seen["repeated" if today in before else "before the first day"] += 1
        return
    _entered(history, checked_in(history.sheet, history.rules, today), today)
    history.seen["checked in" if not off_days else "checked in by a wrong clock"] += 1


def _make_up(history: Days) -> None:
    today = history.today
    day = today - timedelta(days=history.random.choice((-1, 0, 1, 1, 2, 3, 4, 6, 9, 20, 31, 32)))
    if day in history.reference.marks:
        return
    why = _forbidden(history, day)
    try:
        done = made_up(history.sheet, history.rules, day, today=today, joined_on=history.joined_on)
    except MakeUpNotAllowedError as error:
        if error.facts["why"] != why:
            raise AssertionError(f"refused for another reason than {why}") from error
        history.seen[f"refused: {why}"] += 1
        return
    assert why is None
    rule = next(each for each in reversed(history.rules.versions) if each.starts_on <= today)
    assert rule.make_up is not None
    number = _made_up_in_month(history, day)
    assert done.price == [*rule.make_up.prices, *[rule.make_up.prices[-1]] * 31][number]
    _entered(history, done, today)
    history.seen["made up"] += 1


def _forbidden(history: Days, day: date) -> str | None:
    today, rules = history.today, history.rules
    make_up = next(each for each in reversed(rules.versions) if each.starts_on <= today).make_up
    if day >= today:
        return "future" if day > today else "today"
    if make_up is None:
        return "no_make_up"
    if day < history.joined_on:
        return "before_joining"
    if (today - day).days > make_up.within_days:
        return "too_long_ago"
    return "month_limit" if _made_up_in_month(history, day) >= make_up.per_month else None


def _made_up_in_month(history: Days, day: date) -> int:
    marks = history.reference.marks.items()
    return sum(kind == "made_up" and f"{each:%Y%m}" == f"{day:%Y%m}" for each, kind in marks)


def _entered(history: Days, done: Marked, today: date) -> None:
    """Every milestone as the reference says it, none twice under one key, and what was to come has come."""
    expected = history.reference.mark(done.day, done.mark)
    assert {(each.kind, each.days, each.points) for each in done.awards} == expected
    for each in done.awards:
        assert (done.day, f"{each.kind}-{each.days}") not in history.keys
        history.keys.add((done.day, f"{each.kind}-{each.days}"))
        history.seen[each.kind] += 1
        history.seen["brought later" if each.on != done.day else "brought at once"] += 1
    assert done.streak == history.reference.streak(today)
    history.sheet = done.sheet
    history.seen["longest text"] = max(history.seen["longest text"], len(done.sheet))


def _publish(history: Days) -> None:
    """Not while a clock that is a day ahead has marked a day of the version to come: cycles of marked days never
    change."""
    today = history.today
    if max(history.reference.marks, default=today) > today:
        return
    draft = _draft(history.random, today)
    after = next_rules(history.rules, draft, (), history.rules.zone_name, history.now)
    if not isinstance(after, CheckInRules):
        history.seen[f"refused: {after[0].path}"] += 1
        return
    past = [each for each in history.rules.versions if each.starts_on <= today]
    assert list(after.versions[: len(past)]) == past
    history.under(after)
    history.seen["published"] += 1
    history.seen["cut"] += after.versions[-1].ends_cycle


def _declare(history: Days) -> None:
    first = history.today - timedelta(days=history.random.choice((0, 1, 2, 5, 12, 29, 33)))
    last = first + timedelta(days=history.random.choice((0, 0, 0, 1, 2)))
    outage = Outage(first=first, last=last, reason="down", declared_at=history.now)
    try:
        history.under(declare_outage(history.rules, outage))
        history.seen["outage"] += 1
    except OutageInvalidError:
        history.seen["refused: outage"] += 1


def _draft(random: Random, today: date) -> DraftRule:
    cycle = random.choice(CYCLES)
    cycle_days = random.choice((3, 7, 10, 45, 120)) if cycle == "rolling" else 0
    longest = {"week": 7, "month": 31, "endless": 150}.get(cycle, cycle_days)
    return DraftRule(
        starts_on=random.choice((None, None, today + ONE, today + 9 * ONE)),
        ends_cycle=random.random() < 0.7,
        day_starts_min=random.choice(BOUNDARIES), cycle=cycle, cycle_days=cycle_days,
        base_points=random.choice((0, 1, 5)),
        consecutive=_milestones(random, longest), cumulative=_milestones(random, longest),
        make_up=random.choice((None, _make_ups(random), _make_ups(random), _make_ups(random))),
    )  # fmt: skip


def _milestones(random: Random, longest: int) -> tuple[Milestone, ...]:
    most = min(longest, 31)
    count = random.choice((0, 2, 4, most))
    among = range(1, longest + 1) if count < most else range(1, most + 1)
    days = sorted(random.sample(among, min(count, longest)))
    return tuple(Milestone(days=each, points=random.randint(1, 99)) for each in days)


def _make_ups(random: Random) -> MakeUp:
    return MakeUp(
        within_days=random.choice((3, 7, 31)), per_month=random.choice((1, 3, 31)),
        prices=random.choice(((10,), (0, 5, 20), (1, 2))),
        rewards=random.choice(("none", "full")),
    )  # fmt: skip


def _assert_shown(history: Days) -> None:
    """The counter is the recomputation, and says its days; the text is short and says what it said."""
    sheet, today = parsed(history.sheet), history.today
    marks, rules = history.reference.marks, history.rules
    assert len(history.sheet) <= LONGEST_TEXT
    assert text_of(sheet) == history.sheet
    assert text_of(folded(sheet, rules)) == history.sheet
    streak = streaks.streak_on(sheet, rules, today)
    assert streak.length == history.reference.streak(today)
    assert set(streak.days) <= set(marks)
    if sheet.first is not None:
        since = sheet.first
        assert dict(sheet.marks) == {day: kind for day, kind in marks.items() if day >= since}
        assert (max(marks) - since).days < WINDOW_DAYS
        assert not sheet.run + sheet.total or len(marks) > len(sheet.marks)


def _assert_month(history: Days) -> None:
    first = history.today.replace(day=1)
    view = months.month_view(history.sheet, history.rules, first, history.today)
    expected: dict[date, str] = dict.fromkeys(
        history.reference.protected(history.today), "protected"
    )
    expected |= history.reference.marks
    assert dict(view.days) == {
        day: kind for day, kind in expected.items() if f"{day:%Y%m}" == f"{first:%Y%m}"
    }


def _assert_coming(history: Days) -> None:
    """If she checks in every day, she gets day by day what was said to be coming."""
    sheet, rules = parsed(history.sheet), history.rules
    future = ReferenceDays(rules, dict(history.reference.marks), set(history.reference.paid))
    text = history.sheet
    for day, reached in list(months.ahead(sheet, rules, history.today))[:70]:
        done = checked_in(text, rules, day)
        expected = future.mark(day, "checked_in")
        assert {(each.kind, each.days, each.points) for each in reached} == expected
        assert {(each.kind, each.days, each.points) for each in done.awards} == expected
        text = done.sheet
