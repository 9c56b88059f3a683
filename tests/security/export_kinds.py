"""Where in the export each attribute of each kind of item is told, or why it is not, and how the two are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huixue.members.consents import ConsentChange
from huixue.members.model import Member, VerifiedLevel
from huixue.members.tags import TagChange
from huixue.orders.disputes import Case
from huixue.orders.model import Claim, OrderSync, Tries
from huixue.points.bans import Ban
from huixue.points.model import Account, Entry
from huixue.points.notices import Notice

KEY = "a key of ours, made of what is exported"
HASH = "a keyed hash: nobody can read it, and the same number or account was hers to begin with"
ONE_PROGRAMME = "said once, in the profile"
INDEX = "a place in an index of ours"
COUNTER = "counts writes, so that none is lost"
OPERATOR = "which operator it was"
KEYS = {"pk": KEY, "sk": KEY}
IN_KEYS = {"claim_id", "sync_id", "member_id", "source_key"}
NEVER_HERE = {"effective_at", "explanation", "rejected_reason", "former", "reason"}
"""Of what this member happens to have none, or what is told in another shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    rows: str
    """Where in the export its rows are."""
    names: Mapping[str, str]
    """Attribute of the item → name in its row; "" where `NAMED_APART` tells the value in the shape of the row."""
    left_out: Mapping[str, str]
    model: type | None
    renamed: Mapping[str, str]
    """Field of the model → attribute of the item, or why there is none."""

    def attributes(self) -> set[str]:
        return {*self.names, *self.left_out}


def kind(
    rows: str, exported: str, left_out: Mapping[str, str], model: type | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Kind:  # fmt: skip
    """`exported`: attributes, each with the name it is exported by where that is another (`run:runs`)."""
    parted = [each.partition(":") for each in exported.split()]
    return Kind(
        rows=rows, names={name: other or name for name, _, other in parted},
        left_out={**KEYS, **left_out}, model=model, renamed=renamed or {},
    )  # fmt: skip


KINDS: Mapping[str, Kind] = {
    "MEMBER": kind(
        "profile",
        "member_id programme_id openids unionid created_at:joined_at profile group_nickname tags"
        " consents merged_from:other_member_ids merged_into",
        {
            "identity_refs": HASH, "revision": COUNTER, "profile_revision": COUNTER,
            "to_forget": "what of her history is being forgotten this moment",
            "erased_at": "of a tombstone: who has one can ask for nothing",
        },
        Member,
    ),
    "IDENTITY": kind("profile", "member_id", {}),
    "LEVEL": kind(
        "profile.levels", "room_id level source set_at", {"member_id": KEY, "set_by": OPERATOR},
        VerifiedLevel,
    ),
    "T": kind(
        "profile.tag_history", "group source value former confidence expires_at at",
        {"by": OPERATOR, "revision": COUNTER, "number": COUNTER}, TagChange,
    ),
    "K": kind(
        "profile.consent_history", "purpose room_id granted at", {"revision": COUNTER},
        ConsentChange,
    ),
    "C": kind(
        "claims",
        "platform order_hint claimed_at room_level rejected_reason:reason next_check_at claim_id"
        " member_id:asked_under",
        {
            "programme_id": ONE_PROGRAMME, "order_ref": HASH, "account_ref_said": HASH,
            "submission": "the id of the request that made it", "due_shard": INDEX,
        },
        Claim, {"account_ref": "account_ref_said"},
    ),
    "S": kind(
        "syncs",
        "platform paid_amount_fen run:runs status lines_found lines_credited lines_pending"
        " lines_skipped reason requested_at finished_at sync_id",
        {
            "programme_id": ONE_PROGRAMME, "order_ref": HASH, "account_ref_said": HASH,
            "member_id": KEY,
        },
        OrderSync, {"account_ref": "account_ref_said"},
    ),
    "B": kind("bound_accounts", "", {}),
    "BINDING": kind("bound_accounts", "sync_id bound_at", {"member_id": KEY}),
    "A": kind(
        "cases", "case_id claim_id message created_at status note decided_at",
        {
            "programme_id": ONE_PROGRAMME, "frozen_since": "in `points`, while it stands",
            "decided_by": OPERATOR, "due_shard": INDEX, "next_check_at": INDEX, "member_id": KEY,
        },
        Case,
    ),
    "TRIES": kind("tries", "numbers:claims proofs:syncs", {"version": COUNTER, "member_id": KEY}, Tries),
    "ACCOUNT": kind(
        "points",
        "member_id programme_id balance pending:summary.pending held:summary.held"
        " lifetime:summary.lifetime lots holds qualifying standing caps in_debt_since frozen"
        " due_at:looked_after_at version:changes entry_count merged_into merged_from",
        {
            "due_shard": INDEX, "recent": "keys of the newest entries, which are there themselves",
            "check_in_sheet": "the newest entry that changed it says it",
            "erased_at": "of an erased member: she can ask for nothing",
        },
        Account,
    ),
    "E": kind(
        "entries",
        "number:entry_id scene points pending:pending_points held:held_points lots balance_after"
        " earned:lifetime_points qualifying caps bonus:bonus_points capped:capped_points"
        " written_off:written_off_points lot repays check_in_sheet business_date effective_at"
        " recorded_at explanation source_key:key member_id",
        {
            "previous": "keys of the entries before it, which are there themselves",
            "source": "its parts are looked at one by one: SOURCE_LEFT_OUT",
        },
        Entry,
    ),
    "N": kind("notices", "expires_on days_before points created_at state", {"member_id": KEY}, Notice),
    "BAN": kind(
        "bans", "since until paid refunded lifted_at",
        {"preview": "the dry run that announced it", "member_id": KEY}, Ban,
    ),
}  # fmt: skip
SOURCE_LEFT_OUT = {
    "points": "a number of the entry itself",
    "until": "the hold's, which is in `points` while it is open",
    "holds": "what came along with a merger, each an entry of its own",
    "for": "what a shop said of its redemption",
    "member_note": "in the sentence `note`, word for word",
    "reason": "in the sentence `note`, as a sentence",
    "by": OPERATOR,
    "internal_note": "operators' words among themselves",
    "price": "the points of the entry itself",
    "corrects": "the key of an entry, for operators",
}


IN_KEY: Mapping[str, Callable[[str, str], dict[str, object]]] = {
    "C": lambda owner, key: {"claim_id": key, "asked_under": owner},
    "S": lambda _, key: {"sync_id": key},
    "N": lambda _, key: {
        "expires_on": key.partition("#")[0],
        "days_before": int(key.partition("#")[2]),
    },
    "ACCOUNT": lambda owner, _: {"member_id": owner},
    "E": lambda owner, key: {"member_id": owner, "key": key},
}
"""What the key of an item says of its row: owner and the part of the key behind its kind."""


def shown(name: str, item: Mapping[str, Any]) -> dict[str, object]:
    """The item under the names, and in the shapes, that its row of the export has."""
    names = KINDS[name].names
    row = {names[key]: value for key, value in item.items() if key in names}
    keyed = IN_KEY.get(name)
    if keyed is not None:
        row |= keyed(str(item["pk"]).removeprefix("M#"), str(item["sk"]).partition("#")[2])
    match name:
        case "MEMBER" if "merged_into" in item:
            return {"member_id": item["merged_into"]}
        case "MEMBER":
            said = row.pop("profile")
            row |= {key: said.get(key) for key in ("nickname", "region", "skin_type")}
            row["openids"] = [
                {"app_id": key, "openid": value} for key, value in sorted(item["openids"].items())
            ]
            row["tags"] = [
                {"group": group} | {key: each[key] for key in each if key != "set_by"}
                for group in sorted(item["tags"])
                for each in item["tags"][group]
            ]
            row["consents"] = [
                {"purpose": key.partition("/")[0], "room_id": key.partition("/")[2], **each}
                for key, each in item["consents"].items()
            ]
        case "TRIES":
            for key in ("claims", "syncs"):
                row[key] = {each: ("at", at * 1000) for each, at in row.get(key, {}).items()}
        case "ACCOUNT":
            row |= {"merged_from": item.get("merged_from", [])}
            row["holds"] = [{"hold_id": key, **each} for key, each in row.get("holds", {}).items()]
            standing, frozen = row.pop("standing", None), row.pop("frozen", None)
            row["tier_period"] = standing and standing["period"]
            row["tier_kept"] = standing and standing["floor"]
            row["summary.frozen.since"] = frozen and frozen["since"]
        case "E":
            row["entry_id"] = f"ent_{item['number']}"
            if "lots" not in item and item.get("lot") and item["points"]:
                row["lots"] = {item["lot"]: item["points"]}
            row.pop("explanation", None)
            said = {
                key: value for key, value in item["source"].items() if key not in SOURCE_LEFT_OUT
            }
            row |= {f"source.{key}": value for key, value in said.items()}
    return row


def is_told(row: Mapping[str, Any], wanted: Mapping[str, object]) -> bool:
    return all(same(at_path(row, name), value) for name, value in wanted.items())


def at_path(row: Mapping[str, Any] | None, path: str) -> Any:
    for name in path.split("."):
        row = None if row is None else row.get(name)
    return row


def same(exported: object, stored: object) -> bool:
    """Equal, instants as instants; what is nothing may be left out."""
    one, other = plain(exported), plain(stored)
    return one == other or (not one and not other)


def plain(value: object) -> object:
    match value:
        case dict():
            return {key: found for key, each in value.items() if (found := plain(each))}
        case list():
            return [plain(each) for each in value]
        case str():
            return _instant(value) or value
    return value


def _instant(text: str) -> tuple[str, int] | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        return None
    return "at", round(found.astimezone(UTC).timestamp() * 1000)
