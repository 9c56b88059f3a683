"""`huixue rebuild`: what a member's entries come to, field by field, and over the account that does not say so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer
from rich.table import Table

from huixue.kernel.ids import MemberId
from huixue.orders.worth import points_of
from huixue.points.audit import Violation, violations
from huixue.points.audit_runs import SENSELESS
from huixue.points.model import Account, Entry
from huixue.points.rebuilding import differences, mended, rebuilt
from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import LedgerDoors, doors, plain_console, told
from infra.ops.options import AsJson, MemberArgument, Region, Stage

_LINES = "line "
"""What an order line's explanation comes to is not in the account: writing the account anew does not touch it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    account: Account
    differences: dict[str, tuple[Any, Any]]
    broken: list[Violation]
    """What does not hold among the entries themselves: nothing can be rebuilt on them."""
    unsound: list[Violation]
    """Lines whose explanation does not come to what was entered."""
    mended: Account

    @property
    def is_to_be_written(self) -> bool:
        return bool(self.differences) or self.lifts

    @property
    def lifts(self) -> bool:
        """Whether the audit froze the account, and it is sound once this is written."""
        frozen = self.account.frozen
        return frozen is not None and frozen.reason == "audit" and not self.unsound


def rebuild(
    member: MemberArgument,
    diff: Annotated[bool, typer.Option("--diff", help="Only show it; the default.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write what the entries come to.")] = False,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Compare a member's account with what her entries come to; --apply writes that, and lifts the audit's freeze.

    Exit code 1 while the account differs or the entries are broken.
    """
    if diff and apply:
        raise OperatorError(
            "--diff writes nothing, --apply does", next_step="Choose one of the two."
        )
    with told():
        at = doors(load(stage, region=region))
        try:
            found = _found(at, MemberId(member))
        except SENSELESS as error:
            raise OperatorError(
                f"the rows of {member} make no sense ({type(error).__name__}: {error})",
                next_step="If it is the account alone: export the item ACCOUNT, delete it, and run this again "
                "with --apply: it is made anew from the entries. Entries come from a backup.",
            ) from error
        applied = apply and _applied(found, at)
    if as_json:
        typer.echo(json.dumps(_facts(found, applied=applied), default=_plain))
    else:
        _show(found, applied=applied)
    is_well = not found.broken and not found.unsound
    raise typer.Exit(0 if is_well and (applied or not found.is_to_be_written) else 1)


def _found(at: LedgerDoors, member_id: MemberId) -> Rebuilding:
    account, entries = at.ledger.whole(member_id)
    if not entries and not account.version:
        at.member(member_id)  # a member without points is no mistake, nobody is
    merged = at.ledger.merged_entries(entries)
    if not account.version:
        account = _as_if_it_stood(at, account, entries, merged)
    fresh = rebuilt(account, entries)
    rest = violations(fresh, entries, points_of, merged=merged)
    policy = at.desk.policy_of(account.programme_id)
    new = mended(account, entries, policy, at.desk.now())
    found = Rebuilding(
        account=account, differences=differences(account, fresh), mended=new,
        broken=[each for each in rest if not each.rule.startswith(_LINES)],
        unsound=[each for each in rest if each.rule.startswith(_LINES)],
    )  # fmt: skip
    return replace(found, mended=replace(new, frozen=None)) if found.lifts else found


def _as_if_it_stood(
    at: LedgerDoors, account: Account, entries: Sequence[Entry], merged: Sequence[Entry]
) -> Account:
    """The account item is gone: what entries do not tell comes from the member and from her mergers."""
    if not entries:
        return account
    into = [each for each in entries if each.scene == "merge_out"]
    return replace(
        account,
        programme_id=str(at.member(account.member_id).programme_id),
        merged_from=tuple(dict.fromkeys(each.member_id for each in merged)),
        merged_into=MemberId(str(into[-1].source["member_id"])) if into else None,
    )


def _applied(found: Rebuilding, at: LedgerDoors) -> bool:
    if found.broken:
        raise OperatorError(
            f"the entries of {found.account.member_id} are broken themselves: {found.broken[0].rule} "
            f"(found {found.broken[0].found}, expected {found.broken[0].expected})",
            next_step="Nothing was written. Restore the entries from a backup, then run it again.",
        )
    if found.is_to_be_written:
        at.ledger.restore(found.account, found.mended)
    return True


def _facts(found: Rebuilding, *, applied: bool) -> dict[str, Any]:
    return {
        "member_id": found.account.member_id,
        "differences": {
            name: {"stands": stands, "comes_to": comes_to}
            for name, (stands, comes_to) in found.differences.items()
        },
        "broken": [each.rule for each in found.broken],
        "unsound": [each.rule for each in found.unsound],
        "applied": applied and found.is_to_be_written,
        "freeze_lifted": applied and found.lifts,
    }


def _plain(value: object) -> Any:
    """Holds and standings, for JSON."""
    return str(value)


def _show(found: Rebuilding, *, applied: bool) -> None:
    console = plain_console()
    member_id = found.account.member_id
    if found.differences:
        table = Table("field", "stands", "entries come to")
        for name, (stands, comes_to) in found.differences.items():
            table.add_row(name, str(stands), str(comes_to))
        console.print(table)
    for each in [*found.broken, *found.unsound]:
        console.print(f"{each.rule}: found {each.found}, expected {each.expected}")
    if found.broken:
        console.print(f"The entries of {member_id} are broken themselves: nothing can be rebuilt.")
    elif applied and found.is_to_be_written:
        lifted = " and its freeze is lifted" if found.lifts else ""
        console.print(f"The account of {member_id} says what its entries come to{lifted}.")
    elif found.is_to_be_written:
        console.print(f"`huixue rebuild {member_id} --apply` writes what the entries come to.")
    else:
        console.print(f"The account of {member_id} is what its entries come to.")
