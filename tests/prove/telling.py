"""What both models know of an account, in words of the same kind."""

from __future__ import annotations

from huixue.points.model import Account
from tests.prove.reference_ledger import Reference


def told(account: Account) -> dict[str, object]:
    """What both models know of an account."""
    return {
        "balance": account.balance,
        "debt": account.debt,
        "lots": dict(account.lots),
        "holds": {key: (each.until, dict(each.lots)) for key, each in account.holds.items()},
        "held": account.held,
        "pending": account.pending,
        "lifetime": account.lifetime,
        "frozen": account.frozen is not None,
        "sheet": account.check_in_sheet,
    }


def told_by(reference: Reference) -> dict[str, object]:
    holds = {
        key: (until, {"|".join(lot): size for lot, size in lots.items()})
        for key, (until, lots) in reference.holds.items()
    }
    return {
        "balance": sum(reference.lots.values()) - reference.debt,
        "debt": reference.debt,
        "lots": {"|".join(lot): size for lot, size in reference.lots.items()},
        "holds": holds,
        "held": sum(sum(lots.values()) for _, lots in holds.values()),
        "pending": sum(line.pending for line in reference.lines.values()),
        "lifetime": reference.earned,
        "frozen": reference.frozen,
        "sheet": reference.sheet,
    }
