"""Who loses what where a running cycle of check-ins is cut (CI-E2), and the grant that makes up for it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn

from huixue.check_ins.losses import Lost, lost
from huixue.check_ins.sheets import SheetBrokenError
from huixue.kernel.check_ins import CheckInRules
from huixue.points.model import Account
from infra.ops import stores
from infra.ops.deployment import Deployment
from infra.ops.errors import OperatorError
from infra.ops.grant_files import COLUMNS
from infra.ops.ledger_doors import plain_console


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLoss:
    member_id: str
    milestones: tuple[Lost, ...]

    @property
    def points(self) -> int:
        """What is fair to give: of every milestone the share that her days so far are, at least a point."""
        return sum(max(1, each.points * each.has_days // each.days) for each in self.milestones)

    def facts(self) -> dict[str, Any]:
        return {
            "member_id": self.member_id, "compensation": self.points,
            "milestones": [
                {
                    "kind": each.kind, "days": each.days, "points": each.points,
                    "has_days": each.has_days,
                }
                for each in self.milestones
            ],
        }  # fmt: skip


def losses(
    accounts: Iterable[Account], rules: CheckInRules, *, cut_on: date, today: date
) -> Iterator[MemberLoss]:
    """Members of the programme who have begun what the cut takes from them. `rules`: as they stand before the
    publication. Versions of them that have not begun are no measure: a cut that waits to come is what this replaces."""
    begun = tuple(each for each in rules.versions if each.starts_on <= today)
    rules = replace(rules, versions=begun)
    for account in accounts:
        is_hers = account.programme_id == rules.programme_id and account.merged_into is None
        if not is_hers or account.erased_at is not None or not account.check_in_sheet:
            continue
        try:
            milestones = lost(account.check_in_sheet, rules, cut_on, today)
        except SheetBrokenError as error:
            raise OperatorError(
                f"the check-ins of {account.member_id} cannot be read, so no preview would be true",
                next_step=f"See `huixue rebuild {account.member_id}`, then run this again.",
            ) from error
        if milestones:
            yield MemberLoss(member_id=str(account.member_id), milestones=milestones)


def accounts_of(deployment: Deployment, *, quiet: bool) -> Iterator[Account]:
    """Every account of the ledger, with a count on stderr. Raises OperatorError for one that cannot be read."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} accounts read"))
    shown = Progress(*columns, console=plain_console(stderr=True), transient=True, disable=quiet)
    with shown as progress:
        task = progress.add_task("accounts", total=None)
        for sheet in stores.audit_book(deployment).sheets(0, 1, None):
            progress.advance(task)
            if sheet.account is None:
                raise OperatorError(
                    f"the rows of {sheet.member_id} cannot be read, so no preview would be true",
                    next_step=f"See `huixue audit`, then `huixue rebuild {sheet.member_id}`.",
                )
            yield sheet.account


def write_grant(file: Path, found: Sequence[MemberLoss]) -> None:
    """A file for `huixue grant`. Raises OperatorError where it cannot be written."""
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows((each.member_id, each.points) for each in found)
    except OSError as error:
        raise OperatorError(
            f"{file} cannot be written: {error.strerror}", next_step="Name another --compensation."
        ) from None


def summary(found: Sequence[MemberLoss]) -> Mapping[str, int]:
    return {
        "members": len(found),
        "milestones": sum(len(each.milestones) for each in found),
        "compensation": sum(each.points for each in found),
    }
