"""Accounts and entries as items of the Points table; keys are built and parsed only here."""

from __future__ import annotations

from datetime import date

from huixue.dynamodb.items import Item, Key
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId
from huixue.points.model import Account, Entry

ACCOUNT = "ACCOUNT"
_ENTRY_PREFIX = "E#"


def entry_key(member_id: str, source_key: str) -> Key:
    return member_id, _ENTRY_PREFIX + source_key


def source_key_from(sk: str) -> str:
    return sk.removeprefix(_ENTRY_PREFIX)


def is_entry(item: Item) -> bool:
    return str(item["sk"]).startswith(_ENTRY_PREFIX)


def account_item(account: Account) -> Item:
    item: Item = {
        "pk": account.member_id,
        "sk": ACCOUNT,
        "version": account.version,
        "balance": account.balance,
        "pending": account.pending,
        "held": account.held,
        "lifetime": account.lifetime,
        "lots": dict(account.lots),
        "entry_count": account.entry_count,
        "recent": list(account.recent),
    }
    if account.merged_into is not None:
        item["merged_into"] = account.merged_into
    return item


def account_from(member_id: MemberId, item: Item | None) -> Account:
    """An account that was never written is an empty one of version 0."""
    if item is None:
        return Account(member_id=member_id)
    return Account(
        member_id=member_id,
        version=item["version"],
        balance=item["balance"],
        pending=item["pending"],
        held=item["held"],
        lifetime=item["lifetime"],
        lots=item["lots"],
        entry_count=item["entry_count"],
        recent=tuple(item["recent"]),
        merged_into=item.get("merged_into"),
    )


def entry_item(entry: Entry) -> Item:
    pk, sk = entry_key(entry.member_id, entry.source_key)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "number": entry.number,
        "scene": entry.scene,
        "points": entry.points,
        "pending": entry.pending,
        "balance_after": entry.balance_after,
        "business_date": entry.business_date.isoformat(),
        "recorded_at": to_text(entry.recorded_at),
        "previous": list(entry.previous),
        "source": dict(entry.source),
    }
    if entry.lot is not None:
        item["lot"] = entry.lot
    if entry.explanation is not None:
        item["explanation"] = dict(entry.explanation)
    return item


def entry_from(item: Item) -> Entry:
    return Entry(
        member_id=item["pk"],
        source_key=source_key_from(item["sk"]),
        number=item["number"],
        scene=item["scene"],
        points=item["points"],
        pending=item["pending"],
        balance_after=item["balance_after"],
        lot=item.get("lot"),
        business_date=date.fromisoformat(item["business_date"]),
        recorded_at=from_text(item["recorded_at"]),
        previous=tuple(item["previous"]),
        source=item["source"],
        explanation=item.get("explanation"),
    )
