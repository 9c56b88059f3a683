"""The register of adjustments and bulk grants in DynamoDB: `ADJUSTMENTS#{programme}` / `{id}` in the Points table.

Kept for ever: an id that was used means that one request.
"""

from __future__ import annotations

from collections.abc import Iterator

from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put, Update
from huixue.kernel.calendar import from_text, to_text
from huixue.points.four_eyes import Proposal


def _key(programme_id: str, proposal_id: str) -> Key:
    return f"ADJUSTMENTS#{programme_id}", proposal_id


def _item(proposal: Proposal) -> Item:
    pk, sk = _key(proposal.programme_id, proposal.proposal_id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "kind": proposal.kind,
        "content": dict(proposal.content),
        "made_by": proposal.by,
        "made_at": to_text(proposal.at),
        "stage": proposal.state,
    }
    if proposal.decided_by is not None and proposal.decided_at is not None:
        item |= {"decided_by": proposal.decided_by, "decided_at": to_text(proposal.decided_at)}
    return item


def _from(item: Item) -> Proposal:
    decided_at = item.get("decided_at")
    return Proposal(
        proposal_id=item["sk"],
        programme_id=str(item["pk"]).partition("#")[2],
        kind=item["kind"],
        content=item["content"],
        by=item["made_by"],
        at=from_text(item["made_at"]),
        state=item["stage"],
        decided_by=item.get("decided_by"),
        decided_at=None if decided_at is None else from_text(decided_at),
    )


class AdjustmentStore:
    """`Proposals` on the Points table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def add(self, wished: Proposal) -> Proposal:
        try:
            self._database.write(Put(table=self._table, item=_item(wished), condition=ABSENT))
        except ConditionFailedError:
            found = self.load(wished.programme_id, wished.proposal_id)
            if found is None:
                raise
            return found
        return wished

    def load(self, programme_id: str, proposal_id: str) -> Proposal | None:
        item = self._database.get(self._table, _key(programme_id, proposal_id), consistent=True)
        return None if item is None else _from(item)

    def change(self, before: Proposal, after: Proposal) -> bool:
        values: dict[str, object] = {":was": before.state, ":stage": after.state}
        expression = "SET stage = :stage"
        if after.decided_by is not None and after.decided_at is not None:
            expression += ", decided_by = :by, decided_at = :at"
            values |= {":by": after.decided_by, ":at": to_text(after.decided_at)}
        condition = "stage = :was AND attribute_not_exists(decided_by)"
        if before.decided_by is not None:
            condition = "stage = :was AND decided_by = :before"
            values[":before"] = before.decided_by
        try:
            self._database.write(Update(
                table=self._table,
                key=_key(before.programme_id, before.proposal_id),
                expression=expression,
                condition=condition,
                values=values,
            ))  # fmt: skip
        except ConditionFailedError:
            return False
        return True

    def everything(self, programme_id: str) -> Iterator[Proposal]:
        values = {":pk": _key(programme_id, "")[0]}
        for item in self._database.query(self._table, "pk = :pk", values, consistent=True):
            yield _from(item)
