"""Erasing a member: announced before it is written, all her ids at once, and once only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from huixue.dynamodb.writes import ConditionFailedError, Delete, Write
from huixue.kernel.errors import ContentionError, MemberErasedError, UnavailableError
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.erasing import MAX_ROUNDS, Erased, buried, erase_member
from huixue.members.model import BrokenMergeError, Member

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HER, GONE, DEMO = MemberId("m1"), MemberId("m0"), ProgrammeId("demo")


def row(member_id: MemberId = HER, **changes: object) -> Member:
    member = Member(
        member_id=member_id, programme_id=DEMO, openids={"wx1": "o1"}, created_at=NOW,
        identity_refs=("a", "b", "c"),
    )  # fmt: skip
    return replace(member, **changes)  # type: ignore[arg-type]  # fields of a member


@dataclass
class Graves:
    """Rows in memory; `meanwhile`: what somebody else does before each burial, taken from the front."""

    by_id: dict[MemberId, Member] = field(default_factory=dict)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)
    loses_reply: bool = False
    journal: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)

    def rows(self, member_ids: Sequence[MemberId]) -> list[Member]:
        return [self.by_id[each] for each in member_ids if each in self.by_id]

    def bury(
        self, living: Member, merged: Sequence[MemberId], now: datetime, *, ledger: Sequence[Write]
    ) -> None:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        present = self.by_id.get(living.member_id)
        if (present.revision if present else 0) != living.revision:
            raise ConditionFailedError(0, None)
        self.journal.append("buried")
        self.marked += [each.key[0] for each in ledger]
        for each in (living.member_id, *merged):
            self.by_id[each] = Member(
                member_id=each, programme_id=DEMO, openids={}, created_at=now,
                revision=living.revision + 1, erased_at=now,
            )  # fmt: skip
        if self.loses_reply:
            raise ConditionFailedError(0, None)

    def remove(self, member_ids: Sequence[MemberId]) -> Counter[str]:
        return Counter(len(member_ids) * ["rows"])

    def erase_writes(self, member_ids: Sequence[MemberId], now: datetime) -> list[Write]:
        """As the ledger offers them."""
        return [
            Delete(table="points", key=(each, "ACCOUNT"), condition=None) for each in member_ids
        ]

    def announce(self, member_ids: tuple[MemberId, ...]) -> None:
        self.journal.append(" ".join(member_ids))

    def changed(self, **changes: object) -> None:
        before = self.by_id[HER]
        self.by_id[HER] = row(HER, revision=before.revision + 1, **changes)


def graves(*members: Member) -> Graves:
    return Graves(by_id={each.member_id: each for each in members})


def erased(store: Graves, member_id: MemberId = HER) -> Erased:
    return erase_member(
        member_id, DEMO, store=store, ledger=store, now=NOW, announce=store.announce
    )


def test_it_is_announced_before_it_is_written() -> None:
    store = graves(row())

    assert erased(store) == Erased(member_ids=(HER,), erased_at=NOW, identities=3)
    assert store.journal == ["m1", "buried"]


def test_all_ids_of_one_person_go_together_whichever_is_asked_for() -> None:
    store = graves(row(merged_from=(GONE,)), row(GONE, merged_into=HER))

    assert erased(store, GONE).member_ids == (HER, GONE)
    assert store.journal == ["m1 m0", "buried"]
    assert buried([HER, GONE], store=store) == [HER, GONE]


def test_the_accounts_of_all_her_ids_are_marked_in_the_same_write() -> None:
    store = graves(row(merged_from=(GONE,)), row(GONE, merged_into=HER))
    store.meanwhile.append(store.changed)

    erased(store)

    assert store.marked == [HER]
    assert store.journal == ["m1 m0", "m1", "buried"]


def test_who_merges_at_that_moment_is_announced_again_with_all_her_ids() -> None:
    store = graves(row(), row(GONE, merged_into=HER))
    store.meanwhile.append(lambda: store.changed(merged_from=(GONE,)))

    assert erased(store).member_ids == (HER, GONE)
    assert store.journal == ["m1", "m1 m0", "buried"]


def test_an_id_without_a_row_gets_a_tombstone_too() -> None:
    store = graves()

    assert erased(store) == Erased(member_ids=(HER,), erased_at=NOW, identities=0)
    assert buried([HER], store=store) == [HER]


@pytest.mark.parametrize("asked", [HER, GONE])
def test_who_was_erased_before_is_nobody(asked: MemberId) -> None:
    store = graves(row(merged_from=(GONE,)), row(GONE, merged_into=HER))
    erased(store)

    with pytest.raises(MemberErasedError):
        erased(store, asked)
    assert store.journal == ["m1 m0", "buried"]


def test_a_lost_reply_is_found_done() -> None:
    store = graves(row())
    store.loses_reply = True

    assert erased(store).identities == 3
    assert store.journal == ["m1", "buried"]


def test_what_cannot_be_announced_is_not_written() -> None:
    store = graves(row())

    def announce(member_ids: tuple[MemberId, ...]) -> None:
        raise UnavailableError("no queue")

    with pytest.raises(UnavailableError):
        erase_member(HER, DEMO, store=store, ledger=store, now=NOW, announce=announce)
    assert buried([HER], store=store) == []


def test_who_keeps_changing_is_not_written() -> None:
    store = graves(row())
    store.meanwhile = [store.changed] * MAX_ROUNDS

    with pytest.raises(ContentionError):
        erased(store)
    assert buried([HER], store=store) == []


def test_mergers_without_an_end_are_an_operators_to_mend() -> None:
    store = graves(row(merged_into=GONE), row(GONE, merged_into=HER))

    with pytest.raises(BrokenMergeError):
        erased(store)
