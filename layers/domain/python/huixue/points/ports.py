"""What the points use cases need from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from huixue.kernel.errors import HuixueError
from huixue.kernel.events import LineQuote
from huixue.kernel.ids import MemberId
from huixue.points.model import Account, Entry, LinePostings


class LedgerChangedError(HuixueError):
    """Nothing was posted: somebody else posted first. Read again and decide again."""

    code = "LEDGER_CHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The account that holds a member's points now, and what the ledger holds for the lines asked about."""

    account: Account
    postings: Mapping[str, LinePostings]


class Quotes(Protocol):
    """The order pool's present word on the lines of some orders; a consistent read."""

    def __call__(self, order_refs: Sequence[str]) -> Sequence[LineQuote]: ...


class Ledger(Protocol):
    def standing(self, member_id: MemberId, line_ids: Sequence[str]) -> Standing:
        """Consistent; follows mergers to the account that is open now."""
        ...

    def post(self, before: Account, after: Account, entries: Sequence[Entry]) -> None:
        """All entries and the account in one transaction. Raises LedgerChangedError and posts nothing if the
        account is no longer `before` or one of the sources is entered already."""
        ...

    def account(self, member_id: MemberId) -> Account:
        """Eventually consistent, 0.5 RCU; an empty account where there is none."""
        ...

    def entries(self, member_id: MemberId, source_keys: Sequence[str]) -> dict[str, Entry]:
        """Those of the entries that are there; none that an account read before names is left out."""
        ...
