"""Accounts and entries as items of the Points table; keys are built and parsed only here.

What is zero or empty is left out: an entry stays below 1 KB.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zlib import crc32

from huixue.dynamodb.items import Item, Key
from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.ids import MemberId
from huixue.points.model import Account, Entry, Frozen, Hold, TierStanding

ACCOUNT = "ACCOUNT"
ENTRIES = "E#"
"""How the sort keys of all entries begin."""
BEHIND_ENTRIES = "E$"
"""The first text behind all of them."""
DUE_SHARDS = 64
"""Partitions of the `DueAccounts` index: at a month's end every account is in it at once."""

_NUMBERS = ("pending", "held", "earned", "bonus", "capped", "written_off")
_MAPS = ("qualifying", "caps")


def entry_key(member_id: str, source_key: str) -> Key:
    return member_id, ENTRIES + source_key


def source_key_from(sk: str) -> str:
    return sk.removeprefix(ENTRIES)


def is_entry(item: Item) -> bool:
    return str(item["sk"]).startswith(ENTRIES)


def due_shard(member_id: str) -> str:
    return f"due#{crc32(member_id.encode()) % DUE_SHARDS:02}"


def due_shards() -> list[str]:
    return [f"due#{shard:02}" for shard in range(DUE_SHARDS)]


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
    due = account.due_at
    optional: dict[str, object] = {
        "programme_id": account.programme_id,
        "holds": {hold_id: _hold_map(each) for hold_id, each in account.holds.items()},
        "qualifying": dict(account.qualifying),
        "standing": _standing_map(account.standing),
        "caps": {cap_id: list(each) for cap_id, each in account.caps.items()},
        "in_debt_since": account.in_debt_since,
        "frozen": frozen_map(account.frozen),
        "due_at": to_text(due) if due is not None else None,
        "due_shard": due_shard(account.member_id) if due is not None else None,
        "merged_into": account.merged_into,
        "merged_from": list(account.merged_from),
        "check_in_sheet": account.check_in_sheet,
        "erased_at": to_text(account.erased_at) if account.erased_at is not None else None,
    }
    return item | {name: value for name, value in optional.items() if value}


def account_from(member_id: MemberId, item: Item | None) -> Account:
    """An account that was never written is an empty one of version 0."""
    if item is None:
        return Account(member_id=member_id)
    plain = ("version", "balance", "pending", "held", "lifetime", "lots", "entry_count")
    holds: Mapping[str, Any] = item.get("holds", {})
    return Account(
        member_id=member_id,
        programme_id=item.get("programme_id", ""),
        holds={hold_id: _hold_from(each) for hold_id, each in holds.items()},
        qualifying=item.get("qualifying", {}),
        standing=_standing_from(item.get("standing")),
        caps={cap_id: (each[0], each[1]) for cap_id, each in item.get("caps", {}).items()},
        in_debt_since=item.get("in_debt_since"),
        frozen=_frozen_from(item.get("frozen")),
        due_at=_time(item.get("due_at")),
        recent=tuple(item["recent"]),
        merged_into=item.get("merged_into"),
        merged_from=tuple(item.get("merged_from", ())),
        check_in_sheet=item.get("check_in_sheet", ""),
        erased_at=_time(item.get("erased_at")),
        **{name: item[name] for name in plain},
    )


def entry_item(entry: Entry) -> Item:
    pk, sk = entry_key(entry.member_id, entry.source_key)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "number": entry.number,
        "scene": entry.scene,
        "points": entry.points,
        "balance_after": entry.balance_after,
        "business_date": entry.business_date.isoformat(),
        "recorded_at": to_text(entry.recorded_at),
        "previous": list(entry.previous),
        "source": dict(entry.source),
    }
    in_home = entry.lot is not None and dict(entry.lots) == {entry.lot: entry.points}
    late = entry.effective_at != entry.recorded_at
    optional: dict[str, object] = {
        **{name: getattr(entry, name) for name in _NUMBERS},
        **{name: dict(getattr(entry, name)) for name in _MAPS},
        "lot": entry.lot,
        "repays": entry.repays,
        "check_in_sheet": entry.check_in_sheet,
        "effective_at": to_text(entry.effective_at) if late else None,
        "explanation": None if entry.explanation is None else dict(entry.explanation),
    }
    item |= {name: value for name, value in optional.items() if value}
    # a credit that lies in its home lot and nowhere else does not say so twice
    return item if in_home or entry_lots_are_plain(entry) else item | {"lots": dict(entry.lots)}


def entry_lots_are_plain(entry: Entry) -> bool:
    """No lots, and none to be guessed from the home lot when it is read."""
    return not entry.lots and (entry.lot is None or entry.points == 0)


def entry_from(item: Item) -> Entry:
    lot, points = item.get("lot"), item["points"]
    in_home = {lot: points} if lot is not None and points else {}
    return Entry(
        member_id=item["pk"],
        source_key=source_key_from(item["sk"]),
        number=item["number"],
        scene=item["scene"],
        points=points,
        lots=item.get("lots", in_home),
        balance_after=item["balance_after"],
        lot=lot,
        repays=item.get("repays"),
        check_in_sheet=item.get("check_in_sheet"),
        business_date=date.fromisoformat(item["business_date"]),
        effective_at=from_text(item["effective_at" if "effective_at" in item else "recorded_at"]),
        recorded_at=from_text(item["recorded_at"]),
        previous=tuple(item["previous"]),
        source=item["source"],
        explanation=item.get("explanation"),
        **{name: item.get(name, 0) for name in _NUMBERS},
        **{name: item.get(name, {}) for name in _MAPS},
    )


def _hold_map(hold: Hold) -> dict[str, object]:
    return {"until": to_text(hold.until), "lots": dict(hold.lots)}


def _hold_from(content: Mapping[str, Any]) -> Hold:
    return Hold(until=from_text(content["until"]), lots=content["lots"])


def _standing_map(standing: TierStanding | None) -> dict[str, object] | None:
    if standing is None:
        return None
    return {"period": standing.period, "tier": standing.tier, "floor": standing.floor}


def _standing_from(content: Mapping[str, Any] | None) -> TierStanding | None:
    return None if content is None else TierStanding(**content)


def frozen_map(frozen: Frozen | None) -> dict[str, object] | None:
    """Also written by itself, when redemptions are stopped."""
    if frozen is None:
        return None
    out: dict[str, object] = {"reason": frozen.reason, "since": to_text(frozen.since)}
    return out | ({"until": to_text(frozen.until)} if frozen.until is not None else {})


def _frozen_from(content: Mapping[str, Any] | None) -> Frozen | None:
    if content is None:
        return None
    return Frozen(
        reason=content["reason"], since=from_text(content["since"]),
        until=_time(content.get("until")),
    )  # fmt: skip


def _time(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
