"""Movements that somebody asks for in a made-up history: what is asked, what the reference does, what forbids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points import movements, moving
from huixue.points.changes import Change
from huixue.points.model import MAX_HOLDS, Entry, Scene
from huixue.points.ports import LedgerDesk, Seat
from tests.prove.reference_calendar import day_of
from tests.prove.reference_ledger import NIGHT, Reference

if TYPE_CHECKING:
    from tests.prove.history import History

WITH_POINTS = (
    "spend", "spend", "spend", "spend", "hold", "hold", "adjust", "grant", "check_in", "make_up",
)  # fmt: skip
WITHOUT = ("spend", "adjust", "grant", "grant", "grant", "check_in", "make_up")
REWARDS: tuple[Scene, ...] = ("check_in", "check_in_streak", "check_in_total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request; asked again it is the same."""

    kind: str
    name: str
    points: int = 0
    until: datetime | None = None
    of: str = ""
    """The hold that ends, or the key of the spend that comes back."""
    note: str = "as asked"
    rewards: Mapping[Scene, int] = field(default_factory=dict)
    """What a marked day brings: several entries at once, or, of a made-up day, perhaps none."""

    @property
    def key(self) -> str:
        match self.kind:
            case "capture" | "release":
                return f"resolve#{self.of}"
            case "give_back":
                return f"return#{self.of}#{self.name}"
            case "make_up":
                return f"check_in#{self.name}"
        return f"{self.kind}#{self.name}"

    def day(self, now: datetime) -> date:
        """The business day it belongs to."""
        return day_of(now - NIGHT if self.kind in {"check_in", "make_up"} else now)

    def on(self, reference: Reference, now: datetime, left: dict[str, int]) -> None:
        match self.kind:
            case "spend":
                reference.spend(self.key, self.points)
            case "hold" if self.until is not None:
                reference.hold(self.name, self.points, self.until)
            case "capture" | "release":
                reference.end_hold(self.of, self.points, now, self.kind)
            case "give_back":
                reference.give_back(self.of, self.points, now)
            case "adjust":
                reference.adjust(self.points, now)
            case "grant":
                reference.grant(self.points, now, left)
            case "check_in" | "make_up":
                rewards = {str(scene): points for scene, points in self.rewards.items()}
                reference.check_in(f"with {self.name}", self.points, rewards, now, left)


def ask(asked: Asked, member_id: MemberId, desk: LedgerDesk) -> moving.Moved:
    request: Mapping[str, object] = {"note": asked.note}
    name, points = asked.name, asked.points
    match asked.kind:
        case "spend":
            return moving.spend(member_id, "demo", name, points, request, desk=desk)
        case "hold" if asked.until is not None:
            return moving.open_hold(
                member_id, "demo", name, points, asked.until, request, desk=desk
            )
        case "capture":
            return moving.capture(member_id, "demo", asked.of, points, request, desk=desk)
        case "release":
            return moving.release(member_id, "demo", asked.of, request, desk=desk)
        case "give_back":
            return moving.give_back(member_id, "demo", asked.of, name, points, request, desk=desk)
        case "adjust":
            return moving.adjust(member_id, "demo", name, points, request, desk=desk)
        case "grant":
            return moving.grant(member_id, "demo", name, points, request, desk=desk)
        case "check_in" | "make_up":
            return _marked(asked, member_id, desk, request)
    raise AssertionError(asked)


def _marked(
    asked: Asked, member_id: MemberId, desk: LedgerDesk, request: Mapping[str, object]
) -> moving.Moved:
    sheet = f"with {asked.name}"

    def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
        today, first = business_date(now - NIGHT, policy.zone), []
        if asked.points:
            movements.may_redeem(seat.account, now)
        if asked.kind == "make_up":
            first = [
                movements.make_up(
                    asked.key, asked.points, request, check_in_sheet=sheet, today=today
                )
            ]
        keys = [
            asked.key if not first else f"{asked.key}#base",
            *(f"{asked.key}#{n}" for n in "ab"),
        ]
        return first + [
            movements.reward(key, scene, points, today, policy, request, check_in_sheet=sheet)
            for key, (scene, points) in zip(keys, asked.rewards.items(), strict=False)
        ]

    done = moving.entered(member_id, "demo", asked.key, request, plan, desk=desk)
    assert done.repeated or len(done.entries) == len(asked.rewards) + (asked.kind == "make_up")
    return moving.Moved(entry=done.entries[0], account=done.account, repeated=done.repeated)


def asked_by(history: History, number: int) -> Asked | None:
    """Something that could be asked for as things are; sometimes more than there is."""
    random, reference = history.random, history.reference.at(history.now)
    have = sum(reference.lots.values())
    kinds: tuple[str, ...] = WITH_POINTS if have else WITHOUT
    if reference.holds or random.random() < 0.02:
        kinds += ("capture", "capture", "capture", "release", "release")
    if reference.spent:
        kinds += ("give_back",) * 3
    kind, name = random.choice(kinds), f"{number}"
    match kind:
        case "spend" | "hold":
            until = history.now + history.during.length * random.choice((0.01, 0.1, 0.5))
            points = _some(random, have)
            return Asked(kind=kind, name=name, points=points, until=_until(kind, until))
        case "capture" | "release":
            return _end(random, kind, reference)
        case "give_back":
            if not reference.spent:
                return None
            of = random.choice(sorted(reference.spent))
            points = _some(random, sum(reference.spent[of].values()))
            return Asked(kind=kind, name=name, points=points, of=of)
        case "adjust":
            points = random.choice((random.randint(1, 50), -_some(random, have)))
            return Asked(kind=kind, name=name, points=points)
        case "check_in":
            return Asked(kind=kind, name=name, rewards=_rewards(random, random.randint(1, 3)))
        case "make_up":
            price = random.choice((0, _some(random, have)))
            rewards = _rewards(random, random.randint(0, 2))
            return Asked(kind=kind, name=name, points=price, rewards=rewards)
    return Asked(kind=kind, name=name, points=random.randint(1, 80))


def _rewards(random: Random, count: int) -> dict[Scene, int]:
    return {scene: random.randint(0, 30) for scene in REWARDS[:count]}


def _until(kind: str, until: datetime) -> datetime | None:
    return until + timedelta(seconds=1) if kind == "hold" else None


def _some(random: Random, have: int) -> int:
    share = random.choice((0.3, 0.7, 1, 1, 1.1))
    return max(1, int(have * share))


def _end(random: Random, kind: str, reference: Reference) -> Asked | None:
    known = sorted(reference.holds)
    if random.random() < 0.2:
        known += sorted(reference.ended)
    if not known:
        return None
    of = random.choice(known)
    held = sum(reference.holds[of][1].values()) if of in reference.holds else 1
    points = random.choice((held, held, random.randint(0, held), held + 1))
    return Asked(kind=kind, name="", points=points if kind == "capture" else 0, of=of)


def refusal(asked: Asked, history: History, before: Entry | None) -> str | None:
    """The name of the error that has to come, as things are."""
    if before is not None:
        return _refused_again(asked, before, history.done.get(asked.key))
    reference = history.reference.at(history.now)
    match asked.kind:
        case "spend" | "hold":
            return _refused_redemption(asked, reference, history.now)
        case "capture" | "release":
            return _refused_end(asked, reference)
        case "give_back":
            left = sum(reference.spent[asked.of].values())
            return "ReturnTooLargeError" if asked.points > left else None
        case "make_up" if asked.points:
            return _refused_redemption(asked, reference, history.now)
    return None


def _refused_redemption(asked: Asked, reference: Reference, now: datetime) -> str | None:
    """In this order."""
    reasons = {
        "RuleError": asked.until is not None and asked.until <= now,
        "AccountFrozenError": reference.frozen,
        "InDebtError": reference.debt > 0,
        "TooManyHoldsError": asked.kind == "hold" and len(reference.holds) >= MAX_HOLDS,
        "InsufficientPointsError": asked.points > sum(reference.lots.values()),
    }
    return next((name for name, holds in reasons.items() if holds), None)


def _refused_again(asked: Asked, before: Entry, first: Asked | None) -> str | None:
    """The same key: the same request gets the same answer, another one none."""
    if asked.kind in {"capture", "release"} and before.scene != asked.kind:
        return "HoldResolvedError"
    same = asked == first
    if first is not None and asked.key.startswith("check_in#"):
        same = (
            asked.note == first.note
        )  # what a day brings is the programme's affair, not the request's
    return None if same else "MismatchError"


def _refused_end(asked: Asked, reference: Reference) -> str | None:
    if asked.of not in reference.holds:
        return "HoldResolvedError" if asked.of in reference.ended else "NotFoundError"
    held = sum(reference.holds[asked.of][1].values())
    return "RuleError" if asked.points > held else None
