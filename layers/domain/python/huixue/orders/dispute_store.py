"""Cases in the Orders table, and the writes by which a verdict becomes true.

Item `M#{member}` / `A#{claim id}` (or `A#{freeze id}`). While a case is open it waits in the sparse due index under the
partition `case`, by the instant it was made: operators list open cases without an index of their own, and the sweep,
which reads the partitions `due#n`, never meets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update, Write
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import ClaimId, MemberId
from huixue.orders import records
from huixue.orders.disputes import CASE_OF_CLAIM, CLAIM_PREFIX, Case
from huixue.orders.model import Order, Reason

DUE = "DueClaims"
"""The due index, named when only claims waited in it."""
CASE_PREFIX = "A#"
OPEN_SHARD = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Whose a platform account is, and which sync proved it."""

    member_id: MemberId
    sync_id: str
    bound_at: datetime


class DisputeStore:
    """Implements `CaseBook`; the writes are for a unit of work that a composition commits."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def case(self, member_id: MemberId, case_id: str) -> Case | None:
        found = self.cases([member_id], case_id)
        return found[0] if found else None

    def cases(self, member_ids: Sequence[MemberId], case_id: str) -> list[Case]:
        keys = [case_key(each, case_id) for each in member_ids]
        found = self._database.batch_get(self._table, keys, consistent=True)
        return [case_from(item) for item in found.values()]

    def open_case(self, case: Case) -> Case:
        try:
            self._database.write(Put(table=self._table, item=_case_item(case), condition=ABSENT))
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return case_from(error.item)
        return case

    def open_cases(self, limit: int) -> list[Case]:
        page = self._database.query_page(
            self._table, "due_shard = :shard", {":shard": OPEN_SHARD},
            consistent=False, index=DUE, limit=limit,
        )  # fmt: skip
        keys = [(item["pk"], item["sk"]) for item in page.items]
        found = self._database.batch_get(self._table, keys, consistent=True) if keys else {}
        cases = [case_from(found[key]) for key in keys if key in found]
        return [case for case in cases if case.status == "open"]

    def binding(self, programme_id: str, account_ref: str) -> Binding | None:
        key = records.binding_key(programme_id, account_ref)
        item = self._database.get(self._table, key, consistent=True)
        if item is None:
            return None
        return Binding(
            member_id=item["member_id"], sync_id=item["sync_id"],
            bound_at=from_text(item["bound_at"]),
        )  # fmt: skip

    def decided(self, case: Case) -> Write:
        """The verdict, if the case is still open."""
        return Put(
            table=self._table, item=_case_item(case),
            condition="attribute_exists(pk) AND attribute_not_exists(decided_at)",
        )  # fmt: skip

    def moved(self, order: Order) -> Write:
        """The order as it is from now on, if nobody changed it since it was read."""
        stored = replace(order, revision=order.revision + 1)
        return Put(
            table=self._table, item=records.order_item(stored), condition="revision = :read",
            values={":read": order.revision},
        )  # fmt: skip

    def answered(self, member_id: str, claim_id: str, reason: Reason | None) -> Update:
        """The claim refused for a reason, or no longer refused; in either case nobody checks it again. Only for a
        claim that is there."""
        expression = "REMOVE next_check_at, due_shard"
        if reason is None:
            expression += ", rejected_reason"
        else:
            expression = f"SET rejected_reason = :reason {expression}"
        return Update(
            table=self._table, key=records.claim_key(member_id, claim_id), expression=expression,
            condition="attribute_exists(pk)", values={":reason": reason} if reason else {},
        )  # fmt: skip


def case_key(member_id: str, case_id: str) -> Key:
    subject = case_id
    if case_id.startswith(CASE_OF_CLAIM):
        subject = CLAIM_PREFIX + case_id.removeprefix(CASE_OF_CLAIM)
    return records.member_pk(member_id), CASE_PREFIX + subject


def _case_item(case: Case) -> Item:
    pk, sk = case_key(case.member_id, case.case_id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "case_id": case.case_id,
        "programme_id": case.programme_id,
        "message": case.message,
        "created_at": to_text(case.created_at),
        "status": case.status,
    }
    is_open = case.status == "open"
    optional = {
        "claim_id": case.claim_id,
        "frozen_since": _text(case.frozen_since),
        "note": case.note,
        "decided_by": case.decided_by,
        "decided_at": _text(case.decided_at),
        "due_shard": OPEN_SHARD if is_open else None,
        "next_check_at": to_text(case.created_at) if is_open else None,
    }
    return item | {name: value for name, value in optional.items() if value is not None}


def case_from(item: Item) -> Case:
    claim_id = item.get("claim_id")
    return Case(
        case_id=item["case_id"],
        member_id=MemberId(str(item["pk"]).removeprefix("M#")),
        programme_id=item["programme_id"],
        claim_id=None if claim_id is None else ClaimId(claim_id),
        message=item["message"],
        created_at=from_text(item["created_at"]),
        frozen_since=_time(item.get("frozen_since")),
        status=item["status"],
        note=item.get("note"),
        decided_by=item.get("decided_by"),
        decided_at=_time(item.get("decided_at")),
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _time(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
