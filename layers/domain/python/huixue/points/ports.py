"""What the points use cases need from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from huixue.kernel.errors import HuixueError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.points.caps import Shared
from huixue.points.model import Account, Entry, Frozen, LinePostings


class LedgerChangedError(HuixueError):
    """Nothing was posted: somebody else posted first. Read again and decide again."""

    code = "LEDGER_CHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The account that holds a member's points now, and what the ledger holds for the lines asked about."""

    account: Account
    postings: Mapping[str, LinePostings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The account that holds a member's points now, and which of the entries asked about were made, in it or in
    one that was merged into it."""

    account: Account
    entries: Mapping[str, Entry]


PolicyOf = Callable[[str], LedgerPolicy]
"""What a programme decides about points, by its id."""


class Quotes(Protocol):
    """The order pool's present word on the lines of some orders; a consistent read."""

    def __call__(self, order_refs: Sequence[str]) -> Sequence[LineQuote]: ...


class Ledger(Protocol):
    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        """Consistent; follows mergers to the account that is open now."""
        ...

    def seat(self, member_id: MemberId, source_keys: Sequence[str]) -> Seat:
        """Consistent; follows mergers both ways."""
        ...

    def shared_caps(self, policy: LedgerPolicy, member_id: MemberId, today: date) -> Shared:
        """What is left of the caps a whole programme shares; no read where it has none."""
        ...

    def post(
        self,
        before: Account,
        after: Account,
        entries: Sequence[Entry],
        *,
        policy: LedgerPolicy,
        shared: Shared,
    ) -> None:
        """All entries, the account and the shared caps they use in one transaction. Raises LedgerChangedError and
        posts nothing if the account is no longer `before`, one of the sources is entered already, or a shared cap
        has less left than it takes."""
        ...

    def account(self, member_id: MemberId) -> Account:
        """Eventually consistent, 0.5 RCU; an empty account where there is none."""
        ...

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        """Those of the entries that are there; none that an account read before names is left out."""
        ...

    def entries_beginning(self, account: Account, prefix: str) -> list[Entry]:
        """Consistent; entries whose source key begins so, also of accounts merged into this one."""
        ...

    def whole(self, member_id: MemberId) -> tuple[Account, list[Entry]]:
        """The account and all its entries as they belong together."""
        ...

    def freeze(self, member_id: MemberId, frozen: Frozen | None) -> None:
        """Stops or lifts her redemptions and nothing else, whatever else stands in the account, that of the survivor
        where hers was merged. May be repeated. Raises NotFoundError where she has no account yet."""
        ...

    def restore(self, before: Account, mended: Account) -> None:
        """The rebuilt account over the broken one, if that is still as it was read; else LedgerChangedError."""
        ...


Now = Callable[[], datetime]
Pause = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDesk:
    """What every movement works with."""

    ledger: Ledger
    policy_of: PolicyOf
    now: Now
    pause: Pause
    """Called with the number of the round that was lost to somebody else."""
