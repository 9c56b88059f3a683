"""Every movement of points, measured once on its clean path beside the least that it could write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from huixue.edge.dispute_desk import DisputeDesk, decide
from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId, OrderRef
from huixue.kernel.policies import Cap, LedgerPolicy
from huixue.orders.claims import SubmitClaim, submit
from huixue.orders.dispute_store import DisputeStore
from huixue.orders.disputes import claim_case
from huixue.orders.matcher import match
from huixue.orders.model import Claim, claim_id_of
from huixue.points import movements, moving
from huixue.points.changes import Change
from huixue.points.model import Scene
from huixue.points.ports import Seat
from huixue.points.programme_caps import SharedCaps
from huixue.points.use_cases import settle
from tests.bench.floors import Floor, Moved
from tests.bench.recorder import Cost, Recorder
from tests.bench.world import World, member
from tests.engines.tables import TableNames

ENTRY_AND_BALANCE = Floor(entries=1, accounts=1)
"""The hard floor: one immutable entry and the balance, in one transaction."""
ALL_CAPS_OF_ALL = Cap(cap_id="all", per="programme", window="day", points=1_000_000)


SHEET = "1.2026-08-17.123.456.VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVU.AAHAgOBAVDgchgFiAKigUjAc"
"""What 95 days in a row and eight milestones come to."""
LONGEST_SHEET = SHEET.ljust(200, "A")


class Movements:
    """Measures with two members; each movement leaves the world as the next one needs it."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder
        self._anna, self._berta = member(7), member(8)
        self.moved: list[Moved] = []

    def all(self) -> list[Moved]:
        self._order_lines()
        self._redemptions()
        self._by_operators()
        self._check_ins()
        self._releases()
        self._shared_cap()
        self._transfer()
        self._expiry()
        return self.moved

    def _order_lines(self) -> None:
        first, second = self._owned(), self._owned()
        self._measure(
            "credit, the first ever", Floor(entries=1, accounts=1, index=1), self._settles(first)
        )
        self._measure("credit of a line", ENTRY_AND_BALANCE, self._settles(second))
        self._measure("the same again", Floor(), self._settles(second))
        self._world.clock.advance(timedelta(hours=1))
        self._world.say(second, refunded_fen=12_000)
        self._measure("clawback of a part", ENTRY_AND_BALANCE, self._settles(second))
        three = self._owned(lines=3)
        self._measure("credit of 3 lines", Floor(entries=3, accounts=1), self._settles(three))

    def _redemptions(self) -> None:
        moves = Floor(entries=1, accounts=1, index=2)
        desk, anna = self._world.desk, self._anna
        until = self._world.clock.now() + timedelta(minutes=15)

        def spend() -> object:
            return moving.spend(anna, "demo", "s1", 100, {}, desk=desk)

        def give_back() -> object:
            return moving.give_back(anna, "demo", "spend#s1", "r1", 40, {}, desk=desk)

        self._measure("spend", ENTRY_AND_BALANCE, spend)
        self._measure("the same spend again", Floor(), spend)
        self._measure("give back", ENTRY_AND_BALANCE, give_back)
        self._measure("hold", moves, lambda: self._hold("h1", until))
        self._measure(
            "capture", moves, lambda: moving.capture(anna, "demo", "h1", 20, {}, desk=desk)
        )
        self._hold("h2", until)
        self._measure(
            "release of a hold", moves, lambda: moving.release(anna, "demo", "h2", {}, desk=desk)
        )
        self._hold("h3", until)
        self._world.clock.advance(timedelta(hours=1))
        self._measure("timeout of a hold", moves, self._enters_due)

    def _hold(self, hold_id: str, until: datetime) -> object:
        return moving.open_hold(self._anna, "demo", hold_id, 50, until, {}, desk=self._world.desk)

    def _by_operators(self) -> None:
        desk, anna = self._world.desk, self._anna
        asked = {"reason": "GOODWILL", "note": "parcel lost", "by": "operator@example.com"}
        self._measure(
            "adjustment", ENTRY_AND_BALANCE,
            lambda: moving.adjust(anna, "demo", "a1", 30, asked, desk=desk),
        )  # fmt: skip
        self._measure(
            "grant", ENTRY_AND_BALANCE,
            lambda: moving.grant(anna, "demo", "g1", 30, asked, desk=desk),
        )  # fmt: skip

    def _check_ins(self) -> None:
        """A day is its own guard and its own credit; every milestone is one entry more, and nothing beside them."""
        base: tuple[str, Scene, int] = ("", "check_in", 2)
        streak: tuple[str, Scene, int] = ("#run-7", "check_in_streak", 20)
        total: tuple[str, Scene, int] = ("#sum-15", "check_in_total", 50)
        nothing: tuple[str, Scene, int] = ("", "check_in", 0)
        two, three = Floor(entries=2, accounts=1), Floor(entries=3, accounts=1)
        day = "check_in#2026-11-2"
        self._measure("check-in", ENTRY_AND_BALANCE, lambda: self._marks(f"{day}0", base))
        self._measure("the same check-in again", Floor(), lambda: self._marks(f"{day}0", base))
        self._measure(
            "check-in without points", ENTRY_AND_BALANCE, lambda: self._marks(f"{day}1", nothing)
        )
        self._measure(
            "check-in with a milestone", two, lambda: self._marks(f"{day}2", base, streak)
        )
        self._measure(
            "check-in with both milestones", three,
            lambda: self._marks(f"{day}3", base, streak, total),
        )  # fmt: skip
        self._measure("make-up", ENTRY_AND_BALANCE, lambda: self._marks(f"{day}4", price=10))
        self._measure(
            "make-up with the day's points", two,
            lambda: self._marks(f"{day}5", ("#base", "check_in", 2), price=10),
        )  # fmt: skip
        self._measure(
            "task", ENTRY_AND_BALANCE, lambda: self._marks("task#follow#once", ("", "task", 30))
        )

    def _marks(
        self, key: str, *rewards: tuple[str, Scene, int], price: int | None = None
    ) -> object:
        asked = {"date": key[-10:]}

        def plan(seat: Seat, policy: LedgerPolicy, now: datetime) -> Sequence[Change]:
            movements.may_redeem(seat.account, now)
            today = business_date(now, policy.zone)
            sheet = None if key.startswith("task") else LONGEST_SHEET
            made_up = (
                [movements.make_up(key, price, asked, check_in_sheet=LONGEST_SHEET)]
                if price
                else []
            )
            return made_up + [
                movements.reward(
                    f"{key}{more}",
                    scene,
                    points,
                    today,
                    policy,
                    asked,
                    check_in_sheet=None if more else sheet,
                )
                for more, scene, points in rewards
            ]

        return moving.entered(self._anna, "demo", key, asked, plan, desk=self._world.desk)

    def _releases(self) -> None:
        """A confirmed line that stays pending for some days: the order is in the due index as long."""
        number = self._owned(release_after_days=3)
        self._measure("credit that stays pending", ENTRY_AND_BALANCE, self._settles(number))
        self._world.clock.advance(timedelta(days=4))

        def released() -> None:
            self._settles(number)()
            self._world.unmark(number)

        self._measure(
            "release of pending points", Floor(entries=1, accounts=1, alone=1, index=1), released
        )

    def _shared_cap(self) -> None:
        number = self._owned()
        self._world.policy = replace(self._world.policy, caps=(ALL_CAPS_OF_ALL,))
        self._measure(
            "credit under a shared cap", Floor(entries=1, accounts=1, beside=1),
            self._settles(number),
        )  # fmt: skip
        self._world.policy = replace(self._world.policy, caps=())

    def _expiry(self) -> None:
        """Notices that were not recorded are due as well: the account moves on in the index, or leaves it."""
        self._world.clock.advance(timedelta(days=460))
        self._measure("expiry", Floor(entries=1, accounts=1, index=1), self._enters_due)

    def _transfer(self) -> None:
        """The order, the case, both claims and both ledgers change together."""
        number = self._owned()
        self._settles(number)()
        ref = OrderRef(self._world.hashes.order_ref("taobao", number))
        claim = self._claim(number, self._berta)
        match(self._world.messages.claims[-1], desk=self._world.claim_desk())
        case = claim_case(claim, "it is my order", self._world.clock.now())
        desk = self._dispute_desk()
        desk.cases.open_case(case)
        self._measure(
            "transfer to another member",
            # her claim and the case leave their indexes, her account appears in its own
            Floor(entries=2, accounts=2, beside=4, index=3),
            lambda: decide(case, "transfer", "operator@example.com", None, desk=desk),
        )
        account = self._world.ledger.account(self._berta)
        assert account.balance > 0, claim_id_of(self._berta, ref)

    def _dispute_desk(self) -> DisputeDesk:
        world = self._world
        return DisputeDesk(
            database=world.database, pool=world.orders, book=world.orders,
            cases=DisputeStore(world.database, world.tables.orders), store=world.ledger,
            ledger=world.desk, shared_caps=SharedCaps(world.database, world.tables.points),
            lineage=lambda member_id: (member_id,), terms_of=lambda terms, _: terms,
        )  # fmt: skip

    # ---- what the movements begin with

    def _owned(self, *, lines: int = 1, release_after_days: int = 0) -> str:
        number = self._world.new_order(lines=lines)
        self._claim(number, self._anna)
        desk = self._world.claim_desk(release_after_days=release_after_days)
        match(self._world.messages.claims[-1], desk=desk)
        return number

    def _claim(self, number: str, member_id: MemberId) -> Claim:
        command = SubmitClaim(
            member_id=member_id, programme_id="demo", platform="taobao", order_number=number,
            account=None, room_level=None, submission="a-request",
        )  # fmt: skip
        return submit(command, desk=self._world.claim_desk(), hashes=self._world.hashes).claim

    def _settles(self, number: str) -> Callable[[], object]:
        ref = self._world.hashes.order_ref("taobao", number)
        return lambda: settle(self._anna, [ref], quotes=self._world.quotes, desk=self._world.desk)

    def _enters_due(self) -> None:
        assert moving.enter_due(self._anna, desk=self._world.desk)

    def _measure(self, movement: str, floor: Floor, move: Callable[[], object]) -> None:
        self._recorder.reset()
        move()
        cost: Cost = self._recorder.cost()
        self.moved.append(Moved(movement=movement, cost=cost, floor=floor))


def measured(client: Any, reader: Any, tables: TableNames) -> list[Moved]:
    """All movements on empty tables of the engine behind both clients."""
    world = World(client, tables)
    with Recorder(client, reader=reader) as recorder:
        return Movements(world, recorder).all()
