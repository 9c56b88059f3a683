"""Publishing rules of check-ins: versions that begin with a business day and touch none before it (CI-E2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from huixue.check_ins.days import DAY, business_date, cycle_of, day_begins_at, is_outage
from huixue.check_ins.drafts import MAX_MAKE_UP_DAYS, DraftRule, Problem, problems_of
from huixue.kernel.calendar import to_text
from huixue.kernel.check_ins import CheckInRule, CheckInRules, Milestone, Outage, Task
from huixue.kernel.errors import RuleError

MAX_OUTAGE_AGE_DAYS = MAX_MAKE_UP_DAYS
"""How far back an outage may be declared: what a sheet has folded away never changes."""

LEAST_NOTICE = timedelta(seconds=60)
"""Between the publication of a version and its first instant: rules that functions have read live for a quarter of
it (`use_cases.CACHE_LIFETIME_S`)."""


class OutageInvalidError(RuleError):
    """That outage cannot be declared; the message says what can."""

    code = "OUTAGE_INVALID"


def next_rules(
    present: CheckInRules,
    drafted: DraftRule | None,
    tasks: Sequence[Task],
    zone_name: str,
    now: datetime,
) -> CheckInRules | tuple[Problem, ...]:
    """What is published for a draft, or what is wrong with it. `drafted` None: the file says nothing of check-ins, and
    what is in force goes on. Tasks are those of the file from now on.

    A draft that says what is in force (or about to be) changes nothing, so a file may be published again and again. A
    version that has not begun yet is replaced. No version begins, or is taken back, within `LEAST_NOTICE` of `now`:
    functions may still know the rules before. The revision is the present one: storing counts it up."""
    problems = problems_of(drafted, tasks, zone_name)
    today = business_date(present, now)
    begun = tuple(each for each in present.versions if each.starts_on <= today)
    if begun and zone_name != present.zone_name:
        problems.append(
            Problem(path="zone", expected=f"{present.zone_name}, as in the days so far", found=zone_name)
        )  # fmt: skip
    if problems:
        return tuple(problems)
    versions = _versions(present, begun, drafted, today)
    if isinstance(versions, Problem):
        return (versions,)
    late = _too_late(present, versions, now, new_ones_too=bool(begun))
    if late is not None:
        return (late,)
    return replace(present, versions=versions, tasks=tuple(tasks), zone_name=zone_name)


def _versions(
    present: CheckInRules, begun: tuple[CheckInRule, ...], drafted: DraftRule | None, today: date
) -> tuple[CheckInRule, ...] | Problem:
    newest = present.versions[-1] if present.versions else None
    if drafted is None or (newest is not None and _says_the_same(drafted, newest)):
        return present.versions
    if begun and _says_the_same(drafted, begun[-1]):
        return begun  # what was to come is taken back
    started = _first(drafted, today) if not begun else _next(present, begun, drafted, today)
    return started if isinstance(started, Problem) else (*begun, started)


def _too_late(
    present: CheckInRules,
    versions: tuple[CheckInRule, ...],
    now: datetime,
    *,
    new_ones_too: bool,
) -> Problem | None:
    """A version begins at its own hour: also one that moves the hour to one that has passed would end a day at once.
    Before the first version there is nothing that functions could still go by: only one taken back is too late."""
    changed = [each for each in present.versions if each not in versions]
    if new_ones_too:
        changed += [each for each in versions if each not in present.versions]
    for each in changed:
        begins_at = day_begins_at(each.starts_on, present.zone_name, each.day_starts_min)
        if begins_at < now + LEAST_NOTICE:
            seconds = int(LEAST_NOTICE.total_seconds())
            return _wrong_start(
                f"a later day: what begins on {each.starts_on} begins at {to_text(begins_at)}, and "
                f"everything that changes needs {seconds} s of notice",
                each.starts_on,
            )
    return None


def _says_the_same(drafted: DraftRule, rule: CheckInRule) -> bool:
    """A file that names no day means whatever began last."""
    ends_cycle = rule.ends_cycle if drafted.starts_on is None else drafted.ends_cycle
    return drafted.from_day(drafted.starts_on or rule.starts_on, ends_cycle=ends_cycle) == rule


def _first(drafted: DraftRule, today: date) -> CheckInRule | Problem:
    starts_on = drafted.starts_on or today
    if starts_on < today:
        return _wrong_start(f"today ({today}) or later, or none", starts_on)
    return drafted.from_day(starts_on, ends_cycle=drafted.ends_cycle)


def _next(
    present: CheckInRules, begun: tuple[CheckInRule, ...], drafted: DraftRule, today: date
) -> CheckInRule | Problem:
    rules = replace(present, versions=begun)
    running = cycle_of(rules, today)
    starts_on = drafted.starts_on
    if starts_on is None:
        if running is None or running.last == date.max:
            return _wrong_start(
                f"a day after {today}: an endless cycle has no end to wait for", starts_on
            )
        return drafted.from_day(running.last + DAY, ends_cycle=False)
    if starts_on <= today:
        return _wrong_start(
            f"a day after {today}: rules never change days that have begun", starts_on
        )
    cut = cycle_of(rules, starts_on)
    if cut is None or cut.first == starts_on or drafted.ends_cycle:
        return drafted.from_day(starts_on, ends_cycle=drafted.ends_cycle)
    if cut.last == date.max and _takes_nothing(drafted, begun[-1]):
        return drafted.from_day(starts_on, ends_cycle=False)
    return _inside(starts_on, cut.first, cut.last)


def _takes_nothing(drafted: DraftRule, before: CheckInRule) -> bool:
    """An endless cycle may go on under a version that keeps every milestone of the one before, or gives more."""
    if drafted.cycle != "endless":
        return False
    return _keeps(drafted.consecutive, before.consecutive) and _keeps(
        drafted.cumulative, before.cumulative
    )


def _keeps(now: Sequence[Milestone], before: Sequence[Milestone]) -> bool:
    points = {each.days: each.points for each in now}
    return all(points.get(each.days, 0) >= each.points for each in before)


def _wrong_start(expected: str, found: date | None) -> Problem:
    return Problem(path="check_ins/starts_on", expected=expected, found=str(found or "none"))


def _inside(starts_on: date, first: date, last: date) -> Problem:
    if last == date.max:
        return Problem(
            path="check_ins/ends_cycle",
            expected="true: this takes milestones from the endless cycle that is running",
            found="false",
        )
    return Problem(
        path="check_ins/starts_on",
        expected=f"{last + DAY}, when the cycle {first} to {last} is over, or ends_cycle: true",
        found=str(starts_on),
    )


def declare_outage(rules: CheckInRules, outage: Outage) -> CheckInRules:
    """The rules with the outage. Days that were declared before change nothing; so it may be repeated.

    Raises OutageInvalidError for days that are still to come, that lie too far back, or in the wrong order."""
    today = business_date(rules, outage.declared_at)
    earliest = today - timedelta(days=MAX_OUTAGE_AGE_DAYS)
    if not earliest <= outage.first <= outage.last <= today:
        raise OutageInvalidError(
            f"an outage lies between {earliest} and {today}, its first day not after its last",
            first=str(outage.first), last=str(outage.last),
        )  # fmt: skip
    length = (outage.last - outage.first).days + 1
    if all(is_outage(rules, outage.first + DAY * n) for n in range(length)):
        return rules
    return replace(rules, outages=(*rules.outages, outage))
