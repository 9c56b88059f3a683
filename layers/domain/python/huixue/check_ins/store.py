"""Rules of check-ins in DynamoDB: one item of the Seasons table; keys as in `layers/domain/README.md`."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from huixue.check_ins.ports import RulesChangedError
from huixue.dynamodb.database import Database
from huixue.dynamodb.items import Item, Key
from huixue.dynamodb.writes import ABSENT, ConditionFailedError, Put
from huixue.kernel.check_ins import CheckInRules


class RuleStore:
    """`CheckInRuleStore` on one table. A read costs 0.5 RCU for every 4 KB, 1 where it is consistent."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def rules(self, programme_id: str, *, consistent: bool = False) -> CheckInRules:
        item = self._database.get(self._table, _key(programme_id), consistent=consistent)
        return CheckInRules(programme_id=programme_id) if item is None else _rules(item)

    def write(self, rules: CheckInRules, read_revision: int) -> None:
        written = replace(rules, revision=read_revision + 1)
        put = Put(
            table=self._table,
            item=_item(written),
            condition=ABSENT if read_revision == 0 else "revision = :read",
            values={} if read_revision == 0 else {":read": read_revision},
        )
        try:
            self._database.write(put)
        except ConditionFailedError as error:
            # a lost reply to our own write looks like somebody else's: what is there decides
            if self.rules(rules.programme_id, consistent=True) != written:
                raise RulesChangedError(
                    "the rules were changed at the same moment: look at the differences again",
                    programme_id=rules.programme_id,
                ) from error


def _key(programme_id: str) -> Key:
    return f"S#{programme_id}", "CHECK_INS"


def _item(rules: CheckInRules) -> Item:
    pk, sk = _key(rules.programme_id)
    content = msgspec.json.encode(rules).decode()
    return {"pk": pk, "sk": sk, "revision": rules.revision, "content": content}


def _rules(item: Item) -> CheckInRules:
    return msgspec.json.decode(item["content"], type=CheckInRules)
