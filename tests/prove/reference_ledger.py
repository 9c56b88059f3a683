"""One member's points in the simplest words: plain dicts, one movement after the other.

The judge of the proof: shares no rule with the product, only the programme's values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from huixue.kernel.policies import Cap, LedgerPolicy
from tests.prove.reference_calendar import day_of, gone_at, last_day, window_of
from tests.prove.reference_orders import Worth

NIGHT = timedelta(hours=4)  # business days of check-ins begin at 04:00
Lot = tuple[str, str]
"""(last day, class); `never` sorts after every day."""


@dataclass(slots=True)
class Line:
    net: int = 0
    pending: int = 0
    capped: int = 0
    lost: int = 0
    bonus: int = 0
    home: Lot | None = None
    counted_on: date | None = None


@dataclass(slots=True)
class Reference:
    policy: LedgerPolicy
    lots: dict[Lot, int] = field(default_factory=dict)
    holds: dict[str, tuple[datetime, dict[Lot, int]]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    spent: dict[str, dict[Lot, int]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    used: dict[tuple[str, str], int] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)  # window, by cap of a member
    debt: int = 0
    earned: int = 0
    frozen: bool = False
    sheet: str = ""
    happened: set[str] = field(default_factory=set)

    # ---- time

    def at(self, now: datetime) -> Reference:
        """Another one, to look at, as it will be at this instant."""
        other = Reference(
            policy=self.policy, lots=dict(self.lots), holds=dict(self.holds), debt=self.debt,
            ended=dict(self.ended), spent={key: dict(lots) for key, lots in self.spent.items()},
            lines=self.lines, used=self.used, newest=self.newest, earned=self.earned, frozen=self.frozen,
            sheet=self.sheet,
        )  # fmt: skip
        other.pass_time(now)
        return other

    def pass_time(self, now: datetime) -> None:
        """Lots expire and holds time out, one after the other, each when its time comes."""
        while True:
            events = [(gone_at(lot[0]), 0, lot[0]) for lot in self.lots if lot[0] != "never"]
            events += [(until, 1, hold_id) for hold_id, (until, _) in self.holds.items()]
            event = min(events, default=None)
            if event is None or event[0] > now:
                return
            when, kind, name = event
            if kind == 0:
                self.lots = {lot: n for lot, n in self.lots.items() if lot[0] != name}
                self.happened.add("expiry")
                if self.spent:
                    self.happened.add("expiry after a spend")
            else:
                self.end_hold(name, 0, when, "hold_timeout")

    # ---- what comes in and goes out

    def receive(self, lots: Mapping[Lot, int], now: datetime) -> None:
        """What is over gets days of grace; then debt is repaid, earliest expiry first."""
        today = day_of(now)
        grace = (today + timedelta(days=self.policy.grace_days)).isoformat()
        living: dict[Lot, int] = {}
        for (ends_on, kind), points in lots.items():
            over = ends_on < today.isoformat()
            if over and points:
                self.happened.add("grace")
            lot = (grace if over else ends_on, kind)
            living[lot] = living.get(lot, 0) + points
        for lot, points in sorted(living.items()):
            repaid = min(self.debt, points)
            self.debt -= repaid
            if repaid:
                self.happened.add("debt repaid")
            self.add(lot, points - repaid)

    def add(self, lot: Lot, points: int) -> None:
        self.lots[lot] = self.lots.get(lot, 0) + points
        if self.lots[lot] == 0:
            del self.lots[lot]

    def take(self, points: int) -> dict[Lot, int]:
        """Earliest expiry first; what is there."""
        taken = {}
        for lot in sorted(self.lots):
            size = min(points, self.lots[lot])
            if size:
                taken[lot] = size
                points -= size
        for lot, size in taken.items():
            self.add(lot, -size)
        return taken

    def short_of(self, points: int) -> int:
        """What a clawback did not find; returns what is given up of it."""
        rule = self.policy.clawback.shortfall
        if not points:
            return 0
        self.happened.add(f"shortfall: {rule}")
        if rule == "write_off":
            return points
        self.debt += points
        self.frozen = self.frozen or rule == "freeze"
        return 0

    # ---- movements

    def spend(self, key: str, points: int) -> None:
        self.spent[key] = self.take(points)

    def hold(self, hold_id: str, points: int, until: datetime) -> None:
        self.holds[hold_id] = (until, self.take(points))

    def end_hold(self, hold_id: str, captured: int, now: datetime, how: str) -> None:
        _, lots = self.holds.pop(hold_id)
        kept = {}
        for lot in sorted(lots):
            kept[lot] = min(captured, lots[lot])
            captured -= kept[lot]
        self.ended[hold_id] = how
        self.happened.add(how)
        if how == "capture":
            self.spent[f"resolve#{hold_id}"] = kept
        self.receive({lot: n - kept[lot] for lot, n in lots.items()}, now)

    def give_back(self, key: str, points: int, now: datetime) -> None:
        """To the lots of the spend that end last."""
        spent, back = self.spent[key], {}
        for lot in sorted(spent, reverse=True):
            back[lot] = min(points, spent[lot])
            points -= back[lot]
            spent[lot] -= back[lot]
        self.receive(back, now)

    def adjust(self, points: int, now: datetime) -> None:
        if points > 0:
            self.receive({self.new_lot("adjust", day_of(now)): points}, now)
        else:
            self.short_of(-points - sum(self.take(-points).values()))

    def grant(self, points: int, now: datetime, left: dict[str, int]) -> None:
        self._earn(points, "grant", "grant", now, left, day_of(now))

    def check_in(
        self, sheet: str, price: int, rewards: Mapping[str, int], now: datetime,
        left: dict[str, int],
    ) -> None:  # fmt: skip
        """A day marked, for a price where it is made up: everything it brings, in this order."""
        self.sheet = sheet
        self.take(price)
        day = day_of(now - NIGHT)
        self.happened.add("by day" if day == day_of(now) else "by night")
        for scene, points in rewards.items():
            self._earn(points, scene, "check_in", now, left, day)

    def _earn(
        self, points: int, scene: str, kind: str, now: datetime, left: dict[str, int], day: date
    ) -> None:
        points = self.within_caps(points, scene, None, day, left)
        self.earned += points
        self.receive({self.new_lot(kind, day): points}, now)

    # ---- order lines

    def settles(self, worth: Worth, line_id: str) -> tuple[int, int]:
        """How much has to be credited (or taken back), and by how much the pending points change."""
        line = self.lines.get(line_id, Line())
        if worth.status == "parked":
            return 0, 0
        due = worth.points if worth.status == "due" else 0
        pending = worth.points if worth.status == "pending" else 0
        return due - (line.net + line.capped - line.lost), pending - line.pending

    def settle(
        self, worth: Worth, line_id: str, rule: str, now: datetime, left: dict[str, int]
    ) -> None:
        change, pending = self.settles(worth, line_id)
        line = self.lines.setdefault(line_id, Line())
        line.pending += pending
        bonus = worth.bonus if worth.status == "due" else 0
        if change > 0:
            self._credit(line, change, bonus, rule, now, left)
        elif change < 0:
            self._claw_back(line, -change, bonus, rule)

    def _credit(
        self, line: Line, points: int, bonus: int, rule: str, now: datetime, left: dict[str, int]
    ) -> None:
        recovered = min(points, line.lost)
        line.lost -= recovered
        self.earned += recovered
        points -= recovered
        if not points:
            return
        if recovered:
            self.happened.add("loss recovered")
        line.home = line.home or self.new_lot("order", day_of(now))
        extra = max(0, min(points, bonus - line.bonus))
        kept = self.within_caps(points, "order_accrual", rule, day_of(now), left)
        line.capped += points - kept
        extra = max(0, extra - (points - kept))
        if not kept:
            return
        line.counted_on = line.counted_on or day_of(now)
        line.net += kept
        line.bonus += extra
        self.earned += kept
        if extra:
            self.happened.add("bonus")
        self.receive({line.home: kept - extra, (line.home[0], "bonus"): extra}, now)

    def _claw_back(self, line: Line, points: int, bonus: int, rule: str) -> None:
        uncapped = min(points, line.capped)
        line.capped -= uncapped
        points -= uncapped
        if not points or line.home is None:
            return
        self.happened.add("clawback")
        extra = max(0, min(points, line.bonus - bonus))
        self.earned -= points
        line.bonus -= extra
        missing = points
        for lot, most in (((line.home[0], "bonus"), extra), (line.home, points)):
            size = min(missing, most, self.lots.get(lot, 0))
            self.add(lot, -size)
            missing -= size
        if self.policy.clawback.other_lots:
            others = sum(self.take(missing).values())
            missing -= others
            if others:
                self.happened.add("taken from other lots")
        lost = self.short_of(missing)
        line.net -= points - lost
        line.lost += lost
        for cap in self.caps_of("order_accrual", rule):
            if line.counted_on is not None:  # what she keeps stays used
                use = (cap.cap_id, window_of(line.counted_on, cap.window))
                self.used[use] = self.used.get(use, 0) - (points - lost)

    # ---- caps

    def caps_of(self, scene: str, rule: str | None) -> list[Cap]:
        return [
            cap
            for cap in self.policy.caps
            if scene in (cap.scenes or (scene,)) and rule in (cap.rules or (rule,))
        ]

    def left_of_shared(self, day: date) -> dict[str, int]:
        """What one posting may take of the caps of the whole programme."""
        shared = [cap for cap in self.policy.caps if cap.per == "programme"]
        return {cap.cap_id: self._left(cap, self._use(cap, day)) for cap in shared}

    def _left(self, cap: Cap, use: tuple[str, str]) -> int:
        return max(0, cap.points - self.used.get(use, 0))

    def _use(self, cap: Cap, day: date) -> tuple[str, str]:
        """A member's cap never goes back to a window before the one that was used last."""
        window = window_of(day, cap.window)
        newest = self.newest.get(cap.cap_id, window) if cap.per == "member" else window
        return cap.cap_id, max(window, newest)

    def within_caps(
        self, points: int, scene: str, rule: str | None, day: date, left: dict[str, int]
    ) -> int:
        uses = [(cap, self._use(cap, day)) for cap in self.caps_of(scene, rule)]
        each = [left[c.cap_id] if c.cap_id in left else self._left(c, use) for c, use in uses]
        kept = min([points, *each])
        if kept < points:
            self.happened.add("capped")
        self.newest |= {cap.cap_id: use[1] for cap, use in uses if kept}
        for cap, use in uses:
            self.used[use] = self.used.get(use, 0) + kept
            if cap.cap_id in left:
                left[cap.cap_id] -= kept
        return kept

    def new_lot(self, kind: str, day: date) -> Lot:
        return last_day(day, self.policy, kind), kind
