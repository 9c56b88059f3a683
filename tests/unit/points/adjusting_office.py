"""A ledger, the register, and what operators of adjustments do there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.adjusting import Adjusted, Adjustment, adjust, approve, reject
from huixue.points.four_eyes import Proposal
from huixue.points.ports import LedgerDesk
from tests.unit.points.fakes import ANNA, MAIN, POLICY, Clock, FakeLedger, desk_of
from tests.unit.points.register_fakes import FakeProposals


class Died(Exception):
    """The process ended here."""


def die() -> None:
    raise Died


class Office:
    """A ledger, the register, and what operators do there."""

    def __init__(self, policy: LedgerPolicy = POLICY) -> None:
        self.ledger, self.register, self.clock = FakeLedger(), FakeProposals(), Clock()
        self.desk: LedgerDesk = desk_of(self.ledger, policy=policy, clock=self.clock)

    def adjust(self, points: int, adjustment_id: str = "a1", **other: Any) -> Adjusted:
        return adjust(
            asked(points, adjustment_id, **other), desk=self.desk, proposals=self.register
        )

    def approve(self, by: str, adjustment_id: str = "a1") -> Adjusted:
        return approve(MAIN, adjustment_id, by, desk=self.desk, proposals=self.register)

    def reject(self, by: str, adjustment_id: str = "a1") -> Proposal:
        return reject(MAIN, adjustment_id, by, desk=self.desk, proposals=self.register)

    def balance(self, member_id: MemberId = ANNA) -> int:
        return self.ledger.account(member_id).balance


def asked(points: int, adjustment_id: str = "a1", **other: Any) -> Adjustment:
    plain = Adjustment(
        adjustment_id=adjustment_id, programme_id=MAIN, member_id=ANNA, points=points,
        reason="goodwill", member_note="感谢支持", internal_note="ticket 7", by="zoe",
    )  # fmt: skip
    return replace(plain, **other)
