"""What members will see differently after a publication, one sentence each, by the surface they see it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huixue.kernel.check_ins import CheckInRule, CheckInRules, MakeUp, Milestone, Task
from huixue.seasons.effects import Effect
from huixue.seasons.model import stream_of_slot

SURFACES = ("calendar and streams", "slots", "home", "guides", "check-ins", "tasks")
_LISTED_SLOTS = 5
"""Of one stream, and of one kind of difference; beyond that they are counted."""
_SURFACE_OF = {
    "stream": "calendar and streams", "member": "calendar and streams",
    "edition": "calendar and streams", "slot": "slots", "block": "home", "guide": "guides",
}  # fmt: skip
_WORDS = {"added": "is new", "removed": "is gone", "withdrawn": "is withdrawn", "back": "is back"}
_FIELDS = {"starts_at": "starts", "ends_at": "ends", "feed_generation": "the feed's address"}


def of_season(effects: Sequence[Effect], zone: ZoneInfo) -> dict[str, list[str]]:
    """Surface → sentences; surfaces without a difference are left out."""
    found: dict[str, list[str]] = {surface: [] for surface in SURFACES}
    slots: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        surface = _SURFACE_OF[effect.kind.partition("_")[0]]
        if surface == "slots":
            slots.setdefault((stream_of_slot(effect.subject), effect.kind), []).append(effect)
        else:
            found[surface].append(_sentence(effect, zone))
    for (stream_id, kind), alike in slots.items():
        found["slots"] += _slot_sentences(stream_id, kind, alike, zone)
    return {surface: sentences for surface, sentences in found.items() if sentences}


def of_rules(before: CheckInRules, after: CheckInRules) -> dict[str, list[str]]:
    """Of check-ins and tasks, with the day from which on they hold."""
    found = {"check-ins": list(_versions(before, after)), "tasks": list(_tasks(before, after))}
    return {surface: sentences for surface, sentences in found.items() if sentences}


def when(instant: datetime, zone: ZoneInfo) -> str:
    """`Tue 2026-11-10 20:00`."""
    return f"{instant.astimezone(zone):%a %Y-%m-%d %H:%M}"


def yuan(amount_fen: int) -> str:
    whole, rest = divmod(amount_fen, 100)
    return f"¥{whole}.{rest:02}"


def _sentence(effect: Effect, zone: ZoneInfo) -> str:
    name = f"{effect.subject} {effect.title}"
    if effect.kind == "stream_added":
        return f"{_shown(effect.after, '', zone)} {name} is new"
    if effect.kind == "stream_cancelled":
        reason = f": {effect.after}" if effect.after else ""
        return f"{_shown(effect.before, '', zone)} {name} is cancelled{reason}"
    if effect.kind == "stream_moved":
        old, new = (_shown(each, "", zone) for each in (effect.before, effect.after))
        return f"{name} moves from {old} to {new}"
    if effect.field:
        return f"{name}: {_change(effect, zone)}"
    return f"{name} {_WORDS[effect.kind.rpartition('_')[2]]}"


def _slot_sentences(
    stream_id: str, kind: str, alike: Sequence[Effect], zone: ZoneInfo
) -> Iterator[str]:
    shown = alike if len(alike) <= _LISTED_SLOTS + 1 else alike[:_LISTED_SLOTS]
    if kind in {"slot_added", "slot_withdrawn", "slot_back"}:
        verb = _WORDS[kind.rpartition("_")[2]].replace("is ", "", 1)
        names = ", ".join(_slot_name(each) for each in shown)
        rest = f", and {len(alike) - len(shown)} more" if len(shown) < len(alike) else ""
        yield f"{stream_id}: {len(alike)} {verb}: {names}{rest}"
        return
    if kind == "slot_order":
        yield f"{stream_id}: the order of products changes"
        return
    for each in shown:
        yield f"{each.subject} {each.title}: {_change(each, zone)}"
    if len(shown) < len(alike):
        yield f"{stream_id}: … and {len(alike) - len(shown)} more changes like these"


def _slot_name(effect: Effect) -> str:
    price = f" {yuan(effect.after)}" if isinstance(effect.after, int) else ""
    return f"{effect.title}{price}"


def _change(effect: Effect, zone: ZoneInfo) -> str:
    field = effect.field
    old, new = (_shown(each, field, zone) for each in (effect.before, effect.after))
    name = _FIELDS.get(field, field.removesuffix("_fen").removesuffix("_min").replace("_", " "))
    return f"{name} {old} → {new}"


def _shown(value: str | int | datetime | None, field: str, zone: ZoneInfo) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, datetime):
        return when(value, zone)
    if isinstance(value, int) and field.endswith("_fen"):
        return yuan(value)
    return str(value)


def _versions(before: CheckInRules, after: CheckInRules) -> Iterator[str]:
    for rule in after.versions:
        if rule in before.versions:
            continue
        earlier = [each for each in after.versions if each.starts_on < rule.starts_on]
        yield from _version(earlier[-1] if earlier else None, rule)
    for rule in before.versions:
        if rule not in after.versions:
            yield f"what was to hold from {rule.starts_on} on does not come"


def _version(before: CheckInRule | None, after: CheckInRule) -> Iterator[str]:
    if before is None:
        yield f"from {after.starts_on} on there are check-ins"
    elif after.ends_cycle:
        yield f"from {after.starts_on} on: the running cycle ends the day before"
    for field in fields(CheckInRule):
        if field.name in {"starts_on", "ends_cycle"}:
            continue
        old = None if before is None else _rule_text(getattr(before, field.name))
        new = _rule_text(getattr(after, field.name))
        name = "business day starts" if field.name == "day_starts_min" else field.name
        if field.name == "day_starts_min":
            old = None if before is None else _clock(before.day_starts_min)
            new = _clock(after.day_starts_min)
        if old is None and new not in {"none", "0"}:
            yield f"from {after.starts_on} on: {name.replace('_', ' ')} {new}"
        elif old is not None and old != new:
            yield f"from {after.starts_on} on: {name.replace('_', ' ')} {old} → {new}"


def _rule_text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_rule_text(each) for each in value) or "none"
    if isinstance(value, Milestone):
        return f"{value.days} days {value.points} points"
    if isinstance(value, MakeUp):
        prices = "/".join(str(each) for each in value.prices)
        return (
            f"{value.per_month} a month within {value.within_days} days for {prices} points, "
            f"rewards {value.rewards}"
        )
    return "none" if value is None else str(value)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _tasks(before: CheckInRules, after: CheckInRules) -> Iterator[str]:
    old: Mapping[str, Task] = {each.task_id: each for each in before.tasks}
    new: Mapping[str, Task] = {each.task_id: each for each in after.tasks}
    for task_id, task in new.items():
        if task_id not in old:
            yield f"{task_id} {task.title} is new: {task.points} points, {task.period}"
            continue
        for field in fields(Task):
            was, now = getattr(old[task_id], field.name), getattr(task, field.name)
            if was != now:
                yield f"{task_id} {task.title}: {field.name.replace('_', ' ')} {was} → {now}"
    for task_id, task in old.items():
        if task_id not in new:
            yield f"{task_id} {task.title} is gone"


def cut_on(before: CheckInRules, after: CheckInRules) -> date | None:
    """The day on which a new version cuts a cycle that would go on; None: none does."""
    for rule in after.versions:
        if rule.ends_cycle and rule not in before.versions:
            return rule.starts_on
    return None
