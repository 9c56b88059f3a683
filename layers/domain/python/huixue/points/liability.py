"""What a programme owes its members in points, by the month in which they expire and by their class (LG-E8). Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from huixue.kernel.policies import LedgerPolicy
from huixue.points import lots
from huixue.points.model import Account
from huixue.points.posting import as_of

_MILLI_FEN_PER_YUAN = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Spendable points of one class that expire in one month."""

    month: str
    """`2026-11`, or `never`."""
    lot_class: str
    points: int


@dataclass(slots=True, kw_only=True)
class Liability:
    """Sums over the accounts of one programme; balance = Σ buckets - debt."""

    programme_id: str
    cost_milli_fen: int
    accounts: int = 0
    balance: int = 0
    pending: int = 0
    """Not earned for certain yet."""
    held: int = 0
    """Set aside in open holds: owed until they are captured."""
    erased: int = 0
    """Of `outstanding`, what erased members had: it can only expire, never be redeemed."""
    debt: int = 0
    """What members owe: clawed back after it had been spent."""
    _points: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, account: Account, policy: LedgerPolicy, at: datetime) -> None:
        """The account as it is at that instant, whether what is due has been entered or not."""
        present = as_of(account, policy, at)
        self.accounts += 1
        self.balance += present.balance
        self.pending += present.pending
        self.held += present.held
        self.debt += present.debt
        if account.erased_at is not None and account.erased_at <= at:
            self.erased += sum(present.lots.values())
        for key, points in present.lots.items():
            self._points[_month(key), lots.kind_of(key)] += points

    @property
    def buckets(self) -> list[Bucket]:
        """Soonest month first."""
        return [
            Bucket(month=month, lot_class=lot_class, points=points)
            for (month, lot_class), points in sorted(self._points.items())
        ]

    @property
    def outstanding(self) -> int:
        return sum(self._points.values())

    def yuan(self, points: int) -> str:
        return yuan(points, self.cost_milli_fen)


def yuan(points: int, cost_milli_fen: int) -> str:
    """What points cost in yuan with two decimals, rounded half up once, at the end."""
    exact = Decimal(points * cost_milli_fen) / _MILLI_FEN_PER_YUAN
    return f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


def _month(key: str) -> str:
    day = lots.last_day_of(key)
    return lots.NEVER if day is None else f"{day:%Y-%m}"
