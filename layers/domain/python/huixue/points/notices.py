"""Notices of points about to expire (LG-M10): which are due, as values. Pure; another context sends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.due import expiring, notices_at
from huixue.points.model import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """All points of one member that expire at the end of one day; at most one for each of `policy.notice_days`."""

    member_id: MemberId
    expires_on: date
    days_before: int
    """Which of the programme's notices it is; a job that came late records it later than that."""
    points: int
    created_at: datetime
    state: Literal["due"] = "due"


def due_notices(
    account: Account, policy: LedgerPolicy, *, since: datetime | None, now: datetime
) -> list[Notice]:
    """Notices whose instant lies from `since`, when somebody should have looked, to `now`; none without `since`.

    `account` is as of now, so what is over has no notice. Of several for one day only the one nearest to the
    expiry is due: those a job missed are not made up. Who was erased gets none."""
    if since is None or since > now or account.erased_at is not None:
        return []
    due: list[Notice] = []
    for day, points in expiring(account):
        instants = zip(policy.notice_days, notices_at(day, policy), strict=True)
        reached = [days for days, at in instants if since <= at <= now]
        if reached:
            due.append(
                Notice(
                    member_id=account.member_id, expires_on=day, days_before=min(reached),
                    points=points, created_at=now,
                )
            )  # fmt: skip
    return due
