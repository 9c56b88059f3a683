"""`huixue freeze` and `unfreeze`: stops a member's redemptions, and lifts that."""

from __future__ import annotations

import json
from typing import Annotated, get_args

import typer

from huixue.kernel.ids import MemberId
from huixue.orders.worth import points_of
from huixue.points.audit import violations
from huixue.points.model import Account, Frozen, FrozenReason
from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import LedgerDoors, doors, plain_console, told
from infra.ops.options import AsJson, MemberArgument, Region, Stage

REASONS: tuple[FrozenReason, ...] = get_args(FrozenReason)


def freeze(
    member: MemberArgument,
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(REASONS)}.")] = "operator",
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Stop a member's redemptions until an operator lifts it; credits, clawbacks and reads go on."""
    known = next((each for each in REASONS if each == reason), None)
    if known is None:
        raise OperatorError(
            f"{reason!r} is no reason to freeze", next_step=f"Use one of {', '.join(REASONS)}."
        )
    with told():
        at = doors(load(stage, region=region))
        account = _account(member, at)
        already = account.is_frozen(at.desk.now()) and account.frozen is not None
        if not (already and account.frozen is not None and account.frozen.reason == known):
            at.ledger.freeze(account.member_id, Frozen(reason=known, since=at.desk.now()))
    _say(
        account, known, "Her redemptions are stopped; `huixue unfreeze` lifts it.", as_json=as_json
    )


def unfreeze(
    member: MemberArgument,
    force: Annotated[
        bool, typer.Option("--force", help="Although her account is not sound.")
    ] = False,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Let a member redeem again. What the audit froze must be sound first."""
    with told():
        at = doors(load(stage, region=region))
        account = _account(member, at)
        frozen = account.frozen
        if frozen is not None:
            if frozen.reason == "audit" and not force:
                _must_be_sound(account.member_id, at)
            at.ledger.freeze(account.member_id, None)
    lifted = "She was not frozen." if frozen is None else f"Lifted: it was {frozen.reason}."
    _say(account, None, lifted, as_json=as_json)


def _account(member: str, at: LedgerDoors) -> Account:
    at.living(member)
    return at.ledger.seat(MemberId(member), []).account


def _must_be_sound(member_id: MemberId, at: LedgerDoors) -> None:
    account, entries = at.ledger.whole(member_id)
    found = violations(account, entries, points_of, merged=at.ledger.merged_entries(entries))
    if found:
        raise OperatorError(
            f"the account of {member_id} is not sound: {found[0].rule} "
            f"(found {found[0].found}, expected {found[0].expected})",
            next_step=f"Look at it: `huixue rebuild {member_id}`; --force lifts the freeze all the same.",
        )


def _say(account: Account, frozen: str | None, sentence: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"member_id": account.member_id, "frozen": frozen}))
    else:
        plain_console().print(sentence)
