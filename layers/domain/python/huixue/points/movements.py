"""Movements beside order lines: spend, give back, hold, capture, release, adjust, grant, reward, merge. Pure.

Every movement has a key of its own, made by whoever asks; `request` is what was asked for, kept in the entry so
that the same key with another request can be refused (LG-M3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from huixue.kernel.calendar import to_text
from huixue.kernel.errors import NotFoundError, RuleError
from huixue.kernel.policies import LedgerPolicy
from huixue.points import lots
from huixue.points.changes import Change
from huixue.points.model import MAX_HOLDS, Account, Entry, Hold, Scene

Request = Mapping[str, object]


MAX_ID_CHARS = 64


class InDebtError(RuleError):
    """Nothing can be redeemed before the debt is repaid."""

    code = "IN_DEBT"


class AccountFrozenError(RuleError):
    """Her redemptions are stopped for now; `reason` says why."""

    code = "ACCOUNT_FROZEN"


class HoldResolvedError(RuleError):
    """The hold was captured, released or timed out before; `resolution` is the scene of that entry."""

    code = "HOLD_RESOLVED"


class TooManyHoldsError(RuleError):
    """She has as many open holds as one member may."""

    code = "TOO_MANY_HOLDS"


class ReturnTooLargeError(RuleError):
    """More would come back than the spend took."""

    code = "RETURN_TOO_LARGE"


def at_least_one(points: int) -> int:
    """Raises RuleError: a movement of nothing, or against its own direction, is a mistake of whoever asks."""
    if points < 1:
        raise RuleError("points are a whole number from 1", points=points)
    return points


def not_negative(points: int) -> int:
    """Raises RuleError."""
    if points < 0:
        raise RuleError("points are a whole number from 0", points=points)
    return points


def plain_id(text: str) -> str:
    """Raises RuleError: ids are parts of the keys of entries, which `#` divides."""
    if not 1 <= len(text) <= MAX_ID_CHARS or "#" in text:
        raise RuleError(f"an id has 1 to {MAX_ID_CHARS} characters, and no #")
    return text


def return_prefix(spend_key: str) -> str:
    """How the keys of all returns of one spend or capture begin, and of nothing else."""
    return f"return#{spend_key}#"


def spend(spend_id: str, points: int, request: Request) -> Change:
    """Points for a redemption, earliest expiry first (LG-M4)."""
    at_least_one(points)
    return Change(
        source_key=f"spend#{plain_id(spend_id)}", scene="spend", points=-points,
        source={"kind": "spend", "spend_id": spend_id, "points": points, **request},
    )  # fmt: skip


def hold(hold_id: str, points: int, until: datetime, request: Request) -> Change:
    """Points set aside; they count against what is available at once (LG-M5)."""
    at_least_one(points)
    return Change(
        source_key=f"hold#{plain_id(hold_id)}", scene="hold", points=-points, held=points,
        opens=(hold_id, until),
        source={
            "kind": "hold", "hold_id": hold_id, "points": points, "until": to_text(until),
            **request,
        },
    )  # fmt: skip


def may_redeem(account: Account, now: datetime) -> None:
    """Raises AccountFrozenError or InDebtError."""
    if account.is_frozen(now) and account.frozen is not None:
        raise AccountFrozenError("her redemptions are stopped", reason=account.frozen.reason)
    if account.debt > 0:
        raise InDebtError("her debt comes first", debt=account.debt)


def may_hold(account: Account, now: datetime) -> None:
    """Raises AccountFrozenError, InDebtError or TooManyHoldsError."""
    may_redeem(account, now)
    if len(account.holds) >= MAX_HOLDS:
        raise TooManyHoldsError("she has too many open holds", most=MAX_HOLDS)


def resolution(
    account: Account,
    hold_id: str,
    captured: int,
    scene: Literal["capture", "release"],
    request: Request,
) -> Change:
    """The one end of a hold: `captured` of its points are spent, those that expire first; the rest goes back to
    its lots. Raises NotFoundError, RuleError for more than was held."""
    held: Hold | None = account.holds.get(hold_id)
    if held is None:
        raise NotFoundError("there is no such open hold")
    if not 0 <= captured <= held.points:
        raise RuleError("a hold gives at most what it holds", held=held.points)
    taken = lots.taken(held.lots, captured)
    back = lots.changed(held.lots, lots.negative(taken))
    return Change(
        source_key=f"resolve#{hold_id}",
        scene=scene,
        source={
            "kind": "hold", "hold_id": hold_id, "captured": captured, "taken": taken, **request,
        },
        points=held.points - captured,
        held=-held.points,
        lots_in=back,
        resolves=hold_id,
    )  # fmt: skip


def spend_return(
    spent: Entry, returned: Sequence[Entry], return_id: str, points: int, request: Request
) -> Change:
    """Points of a spend (or of a hold's capture) back to the lots they came from, those that expire last first;
    `returned` are the earlier returns of the same spend. Raises ReturnTooLargeError (LG-M6)."""
    at_least_one(points)
    left = _taken_by(spent)
    for entry in returned:
        left = lots.changed(left, lots.negative(_returned_to(entry)))
    if points > sum(left.values()):
        raise ReturnTooLargeError("more would come back than it took", most=sum(left.values()))
    kept = lots.taken(left, sum(left.values()) - points)
    back = lots.changed(left, lots.negative(kept))
    spend_id = str(spent.source.get("spend_id") or spent.source["hold_id"])
    return Change(
        source_key=f"{return_prefix(spent.source_key)}{plain_id(return_id)}",
        scene="spend_return",
        source={
            "kind": "spend", "spend_id": spend_id, "return_id": return_id, "points": points,
            "from_lots": back, **request,
        },
        points=points,
        lots_in=back,
    )  # fmt: skip


def _taken_by(spent: Entry) -> Mapping[str, int]:
    """Of a capture what it kept of the hold, of a spend what left the lots. Nothing else can be given back."""
    if spent.scene not in {"spend", "capture"}:
        raise NotFoundError("there is no such spend")
    taken = spent.source.get("taken")
    return taken if isinstance(taken, Mapping) else lots.negative(spent.lots)


def _returned_to(entry: Entry) -> Mapping[str, int]:
    """The lots as the spend knew them, whatever grace or debt made of them since."""
    found = entry.source["from_lots"]
    return found if isinstance(found, Mapping) else {}


def adjustment(
    adjustment_id: str, points: int, today: date, policy: LedgerPolicy, request: Request
) -> Change:
    """A manual correction. What it takes beyond her lots is a shortfall by the programme's policy."""
    at_least_one(abs(points))
    change = Change(
        source_key=f"adjust#{adjustment_id}", scene="adjustment", points=points,
        source={
            "kind": "adjustment", "adjustment_id": adjustment_id, "points": points, **request,
        },
        shortfall="policy",
    )  # fmt: skip
    if points > 0:
        return replace(change, lots_in={lots.new_lot("adjust", today, policy): points})
    return change


def grant(
    grant_id: str, points: int, today: date, policy: LedgerPolicy, request: Request
) -> Change:
    """Points of a bulk grant; caps may cut them."""
    at_least_one(points)
    return Change(
        source_key=f"grant#{grant_id}", scene="grant", points=points, earns="grant",
        lots_in={lots.new_lot("grant", today, policy): points},
        source={"kind": "grant", "grant_id": grant_id, "points": points, **request},
    )  # fmt: skip


def reward(
    key: str, scene: Scene, points: int, today: date, policy: LedgerPolicy, request: Request,
    *, check_in_sheet: str | None = None,
) -> Change:  # fmt: skip
    """Points for a day, a milestone or a task, in a lot of the class `check_in`; caps may cut them. Nought is allowed:
    the entry then says that it happened, and guards against a second time. `today`: the business day that the entry
    belongs to, by the hour at which days of check-ins begin."""
    not_negative(points)
    return Change(
        source_key=key, scene=scene, points=points, earns=scene,
        lots_in={lots.new_lot("check_in", today, policy): points} if points else {},
        source={"kind": "task" if scene == "task" else "check_in", **request},
        check_in_sheet=check_in_sheet, business_date=today,
    )  # fmt: skip


def make_up(
    key: str, price: int, request: Request, *, check_in_sheet: str, today: date | None = None
) -> Change:
    """A missed day made up for, for a price that may be nought. What her lots do not cover is refused when it is
    posted (InsufficientPointsError). `today` as of `reward`; None: the ledger's own."""
    not_negative(price)
    return Change(
        source_key=key, scene="make_up", points=-price,
        source={"kind": "check_in", "price": price, **request}, check_in_sheet=check_in_sheet,
        business_date=today,
    )  # fmt: skip


def merge_out(old: Account, survivor: str) -> Change:
    return Change(
        source_key=f"merge#{survivor}",
        scene="merge_out",
        source={"kind": "merge", "member_id": survivor},
        points=-old.balance,
        pending=-old.pending,
        held=-old.held,
        leaves=True,
    )


def merge_in(old: Account, *, check_in_sheet: str | None) -> Change:
    """Everything of a merged account: points, pending, holds, debt, lots, counters, a stop of redemptions."""
    return Change(
        source_key=f"merge#{old.member_id}",
        scene="merge_in",
        source={"kind": "merge", "member_id": old.member_id, "holds": _told(old.holds)},
        points=old.balance,
        pending=old.pending,
        held=old.held,
        merges=old,
        check_in_sheet=check_in_sheet,
    )


def _told(holds: Mapping[str, Hold]) -> dict[str, object]:
    return {
        hold_id: {"until": to_text(each.until), "lots": dict(each.lots)}
        for hold_id, each in holds.items()
    }
