"""A member who can be erased on real stores: signed in, with claims, a bound account, points, a profile and a level."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from huixue.dynamodb.database import Database
from huixue.edge.erasing import ErasureDesk, Send, erase, erase_again
from huixue.edge.session_tokens import Session
from huixue.kernel.events import MemberErased
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.members.editing import edit_profile
from huixue.members.erasure_store import MemberErasure
from huixue.members.levels import set_verified_level
from huixue.members.model import SignInIdentity
from huixue.members.profiles import ProfileEdit
from huixue.orders.belongings import BelongingsStore
from tests.engines.tables import TableNames
from tests.races.main_job import HASHES, MainJob, order_number
from tests.unit.members.signing_in import HASHES as IDENTITY_HASHES
from tests.unit.members.signing_in import Door, door_of, identity

NOBODY = MemberId("")
KEPT = frozenset({"MEMBER", "ORDER", "ACCOUNT", "E"})
"""Kinds of items that may name her id for ever: tombstones, the owner of orders, the ledger."""


def erasure_desk(job: MainJob, client: Any, tables: TableNames) -> ErasureDesk:
    database = Database(client, sleep=lambda _: None)
    return ErasureDesk(
        members=MemberErasure(database, tables.members),
        belongings=BelongingsStore(database, tables.orders), ledger=job.ledger,
        database=database, points_table=tables.points, now=job.clock.now,
    )  # fmt: skip


@dataclass(slots=True)
class Somebody:
    """One run: a member whom nobody used before."""

    job: MainJob
    desk: ErasureDesk
    send: Send
    number: int
    member_id: MemberId = NOBODY

    @property
    def identity(self) -> SignInIdentity:
        return identity(f"openid-{self.number:05}", f"unionid-{self.number:05}")

    @property
    def nickname(self) -> str:
        return f"nickname-{self.number:05}"

    @property
    def account(self) -> str:
        return f"buyer_{self.number}"

    @property
    def orders(self) -> list[str]:
        """Claimed, proven, waited for."""
        return [order_number(3 * self.number + each) for each in range(3)]

    @property
    def session(self) -> Session:
        return Session(member_id=self.member_id, programme_id=ProgrammeId("demo"))

    @property
    def door(self) -> Door:
        found = door_of(self.job.members)
        found.ledger = self.job
        return found

    def prepare(self) -> None:
        self.member_id = self.door.sign_in(self.identity).member_id
        self.edit(self.nickname)
        self.job.arrive(self.orders[0])
        self.job.arrive(self.orders[1], account=self.account)
        self.job.submit(self.member_id, self.orders[0])
        self.job.submit(self.member_id, self.orders[2])
        self.job.start_sync(self.member_id, self.account, self.orders[1], 10_000)
        self.job.deliver_all()
        self.job.assert_holds(self.member_id, 200)
        self.set_level()

    def edit(self, nickname: str) -> None:
        edit = ProfileEdit(nickname=nickname, region="上海")
        edit_profile(self.member_id, edit, self.job.clock.now(), store=self.job.members)

    def set_level(self) -> None:
        now = self.job.clock.now()
        set_verified_level(
            self.member_id, "main", "gold", "operator", "an operator", now, store=self.job.members
        )

    def erase(self) -> object:
        return erase(self.session, desk=self.desk, send=self.send)

    def erase_again(self, message: MemberErased) -> str:
        return erase_again(message, desk=self.desk)

    def private(self) -> list[str]:
        who = self.identity
        hashes = IDENTITY_HASHES
        assert who.unionid is not None
        return [
            who.openid, who.unionid, self.nickname,
            hashes.identity_ref("openid", f"{who.app_id}|{who.openid}"),
            hashes.identity_ref("unionid", who.unionid),
            f"B#demo#{HASHES.account_ref('taobao', self.account)}",
            HASHES.order_ref("taobao", self.orders[2]),
        ]  # fmt: skip


def is_emptied_stub(item: Mapping[str, Any]) -> bool:
    """The keyed hash of a number that nobody waits for any more, until its time to live ends it."""
    return set(item) == {
        "pk", "sk", "platform", "order_hint", "revision", "sources", "expires_at_epoch_s",
    } and (item["order_hint"], item["sources"]) == ({"S": ""}, {"M": {}})  # fmt: skip


class Stored:
    """Everything in every table, read once."""

    def __init__(self, client: Any, tables: TableNames) -> None:
        items = [item for name in astuple(tables) for item in _scanned(client, name)]
        self._items = [item for item in items if not is_emptied_stub(item)]
        self._text = json.dumps(self._items, ensure_ascii=False)

    def assert_nothing_of(self, somebody: Somebody, *, but: Sequence[str] = ()) -> None:
        texts = [text for text in somebody.private() if text not in but]
        assert [text for text in texts if text in self._text] == []
        kinds = {
            item["sk"]["S"].partition("#")[0]
            for item in self._items
            if somebody.member_id in json.dumps(item)
        }
        assert kinds <= KEPT
        marks = [
            item for item in self._items if somebody.member_id in json.dumps(item.get("waiting"))
        ]
        assert marks == []


def _scanned(client: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    start: dict[str, Any] = {}
    while True:
        page = client.scan(TableName=name, **start)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
