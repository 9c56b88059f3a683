"""A programme with five members, and bulk grants to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.granting import Granted, run
from huixue.points.grants import Grant, GrantDesk, GrantRow, Preview, preview
from tests.unit.points.fakes import MAIN, POLICY, Clock, FakeLedger, desk_of
from tests.unit.points.register_fakes import FakeProposals

CARLA = MemberId("mem_carla")
NAMES = ("anna", "berta", "carla", "dora", "ella")
_T = TypeVar("_T")
_R = TypeVar("_R")


class Died(Exception):
    """The process ended here."""


def rows(**points: int) -> tuple[GrantRow, ...]:
    return tuple(
        GrantRow(member_id=MemberId(f"mem_{name}"), points=each) for name, each in points.items()
    )


def grant(of: Sequence[GrantRow], **other: str) -> Grant:
    said: dict[str, Any] = {"reason": "campaign", "member_note": "双11补发", "by": "zoe"} | other
    return Grant(programme_id=MAIN, rows=tuple(of), **said)


def one_by_one(work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    return map(work, items)


class GrantOffice:
    def __init__(self, policy: LedgerPolicy = POLICY) -> None:
        self.ledger, self.register, self.clock = FakeLedger(), FakeProposals(), Clock()
        self.policy = policy
        self.programmes = {MemberId(f"mem_{name}"): MAIN for name in NAMES}
        self.at = GrantDesk(
            desk=desk_of(self.ledger, policy=policy, clock=self.clock),
            programme_of=lambda asked: {e: self.programmes[e] for e in asked if e in self.programmes},
            proposals=self.register, in_parallel=one_by_one,
        )  # fmt: skip

    def preview(self, of: Sequence[GrantRow], **other: str) -> Preview:
        return preview(grant(of, **other), at=self.at)

    def run(self, wished: Grant, seen: str) -> Granted:
        return run(wished, seen, at=self.at, entered=lambda _: None)

    def dies_after(self, postings: int) -> None:
        """The process ends right after so many more postings were made."""

        def die() -> None:
            raise Died

        if postings:
            self.ledger.after_post = [lambda: None] * (postings - 1) + [die]

    def run_or_die(self, wished: Grant, seen: str) -> None:
        with suppress(Died):
            self.run(wished, seen)
        self.ledger.after_post = []
