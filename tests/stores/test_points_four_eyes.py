"""The register on real tables: an id is one request for ever, and whoever agrees, it is entered once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.errors import HuixueError
from huixue.kernel.ids import MemberId
from huixue.points.adjusting import Adjusted, Adjustment, adjust, approve
from huixue.points.adjustment_store import AdjustmentStore
from huixue.points.audit import violations
from huixue.points.four_eyes import Proposal, reject
from huixue.points.granting import Granted, run
from huixue.points.grants import Grant, GrantDesk, preview
from huixue.points.model import Account, Entry
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from tests.engines.tables import TableNames
from tests.unit.points.fakes import ANNA, MAIN, NOW, POLICY, recomputed
from tests.unit.points.granting_office import grant, one_by_one, rows

pytestmark = pytest.mark.exact_engines

THRESHOLD = POLICY.four_eyes_above_points
_T = TypeVar("_T")
_R = TypeVar("_R")


class Died(Exception):
    """The process ended here."""


class Place:
    """The ledger and the register as a process has them; `dies_at` names the call after which it ends."""

    def __init__(self, database: Database, tables: TableNames) -> None:
        self.ledger = LedgerStore(database, tables.points)
        self.register = AdjustmentStore(database, tables.points)
        self.desk = LedgerDesk(
            ledger=self.ledger, policy_of=lambda _: POLICY, now=lambda: NOW, pause=lambda lost: None
        )
        self.grants = GrantDesk(
            desk=self.desk, programme_of=lambda asked: dict.fromkeys(asked, MAIN),
            proposals=self.register, in_parallel=in_four_threads,
        )  # fmt: skip

    def adjust(self, points: int, adjustment_id: str = "a1") -> Adjusted:
        asked = Adjustment(
            adjustment_id=adjustment_id, programme_id=MAIN, member_id=ANNA, points=points,
            reason="goodwill", member_note="感谢", internal_note="7", by="zoe",
        )  # fmt: skip
        return adjust(asked, desk=self.desk, proposals=self.register)

    def approve(self, by: str) -> Adjusted:
        return approve(MAIN, "a1", by, desk=self.desk, proposals=self.register)

    def run(self, wished: Grant, seen: str) -> Granted:
        return run(wished, seen, at=self.grants, entered=lambda _: None)

    def assert_holds(self, member_id: MemberId, points: int, entries: int) -> None:
        account, stored = self.ledger.whole(member_id)
        assert (account.balance, len(stored)) == (points, entries)
        assert violations(account, stored, recomputed) == []


class DyingRegister(AdjustmentStore):
    """The process ends after its first change of a state."""

    def change(self, before: Proposal, after: Proposal) -> bool:
        super().change(before, after)
        raise Died


class DyingLedger(LedgerStore):
    """The process ends after its first posting."""

    def post(self, before: Account, after: Account, entries: Sequence[Entry], **more: Any) -> None:
        super().post(before, after, entries, **more)
        raise Died


def in_four_threads(work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    with ThreadPoolExecutor(4) as workers:
        yield from workers.map(work, items)


def at_once(calls: Sequence[Callable[[], _R]]) -> list[_R | HuixueError]:
    def tried(call: Callable[[], _R]) -> _R | HuixueError:
        try:
            return call()
        except HuixueError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as workers:
        return list(workers.map(tried, calls))


@pytest.fixture
def database(dynamodb: Any) -> Database:
    return Database(dynamodb)


@pytest.fixture
def place(database: Database, tables: TableNames) -> Place:
    return Place(database, tables)


def test_a_proposal_is_read_back_whole_and_listed_by_programme(place: Place) -> None:
    first = Proposal(
        proposal_id="a1", programme_id=MAIN, kind="adjustment",
        content={"points": -5, "member_note": "感谢"}, by="zoe", at=NOW, state="proposed",
    )  # fmt: skip
    decided = replace(first, state="agreed", decided_by="yan", decided_at=NOW + timedelta(hours=1))
    place.register.add(first)
    place.register.add(replace(first, programme_id="other"))

    assert place.register.change(first, decided)
    assert place.register.load(MAIN, "a1") == decided
    assert list(place.register.everything(MAIN)) == [decided]
    assert place.register.load(MAIN, "a2") is None


def test_what_stands_under_an_id_stays_and_is_changed_only_as_it_was_read(place: Place) -> None:
    first = Proposal(
        proposal_id="a1", programme_id=MAIN, kind="grant", content={"points": 1}, by="zoe", at=NOW,
        state="proposed",
    )  # fmt: skip
    by_yan = replace(first, state="agreed", decided_by="yan", decided_at=NOW)
    by_xia = replace(first, state="agreed", decided_by="xia", decided_at=NOW)
    place.register.add(first)

    assert place.register.add(replace(first, content={"points": 2})) == first
    assert place.register.change(first, by_yan)
    assert not place.register.change(first, by_xia)
    assert not place.register.change(by_xia, replace(by_xia, state="done"))
    assert place.register.load(MAIN, "a1") == by_yan


def test_five_who_agree_at_once_enter_it_once(place: Place) -> None:
    place.adjust(THRESHOLD + 1)

    found = at_once([partial(place.approve, name) for name in ("yan", "xia", "wei", "vic", "uli")])

    assert [each for each in found if isinstance(each, HuixueError)] == []
    place.assert_holds(ANNA, THRESHOLD + 1, 1)


def test_yes_and_no_at_once_end_in_one_of_the_two(place: Place) -> None:
    place.adjust(THRESHOLD + 1)

    def yes() -> object:
        return place.approve("yan")

    def no() -> object:
        return reject(MAIN, "a1", "xia", NOW, proposals=place.register)

    at_once([yes, no])

    stands = place.register.load(MAIN, "a1")
    assert stands is not None
    assert stands.state in {"done", "rejected"}
    entered = stands.state == "done"
    assert len(place.ledger.whole(ANNA)[1]) == (1 if entered else 0)


@pytest.mark.parametrize("dies", ["register", "ledger"])
def test_an_approval_that_dies_is_finished_by_the_next(
    place: Place, database: Database, tables: TableNames, dies: str
) -> None:
    place.adjust(THRESHOLD + 1)
    dying = Place(database, tables)
    if dies == "register":
        dying.register = DyingRegister(database, tables.points)
    else:
        dying.desk = replace(dying.desk, ledger=DyingLedger(database, tables.points))
    with pytest.raises(Died):
        dying.approve("yan")

    done = place.approve("xia")

    assert done.proposal.decided_by == "yan"
    place.assert_holds(ANNA, THRESHOLD + 1, 1)


def test_the_same_small_adjustment_five_times_at_once_is_entered_once(place: Place) -> None:
    found = at_once([partial(place.adjust, 50)] * 5)

    assert [each for each in found if isinstance(each, HuixueError)] == []
    place.assert_holds(ANNA, 50, 1)


def test_small_pieces_at_once_come_to_no_more_than_one_operator_may(place: Place) -> None:
    pieces = [partial(place.adjust, THRESHOLD // 2, f"a{number}") for number in range(6)]

    found = at_once(pieces)

    entered = [each for each in found if isinstance(each, Adjusted) and each.moved is not None]
    assert len(entered) == 2
    place.assert_holds(ANNA, THRESHOLD, 2)


def test_two_runs_of_a_grant_at_once_enter_every_row_once(place: Place) -> None:
    wished = grant(rows(**{f"m{number}": number + 1 for number in range(12)}))
    seen = preview(wished, at=place.grants).hash

    found = at_once([partial(place.run, wished, seen)] * 2)

    entered = [each.entered for each in found if isinstance(each, Granted)]
    assert sum(each for each in entered if each is not None) == 12
    for number in range(12):
        place.assert_holds(MemberId(f"mem_m{number}"), number + 1, 1)


def test_a_grant_that_dies_half_way_is_finished_by_the_next_run(
    place: Place, database: Database, tables: TableNames
) -> None:
    wished = grant(rows(m0=1, m1=2, m2=3))
    seen = preview(wished, at=place.grants).hash
    dying = replace(place.desk, ledger=DyingLedger(database, tables.points))
    at = replace(place.grants, desk=dying, in_parallel=one_by_one)
    with pytest.raises(Died):
        run(wished, seen, at=at, entered=lambda _: None)

    done = place.run(wished, seen)

    assert done.entered == 2
    for number in range(3):
        place.assert_holds(MemberId(f"mem_m{number}"), number + 1, 1)
