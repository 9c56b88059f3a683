"""The register of proposals in memory, with the promises of `Proposals`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from huixue.points.four_eyes import Proposal


@dataclass(slots=True)
class FakeProposals:
    stored: dict[tuple[str, str], Proposal] = field(default_factory=dict)
    writes: int = 0
    before_change: list[Callable[[], object]] = field(default_factory=list)
    """Taken from the front, one before each change: what somebody else does at that moment."""
    after_change: list[Callable[[], object]] = field(default_factory=list)
    """The same right after a change was made: raising here is dying between it and what follows."""

    def add(self, wished: Proposal) -> Proposal:
        key = wished.programme_id, wished.proposal_id
        if key not in self.stored:
            self.writes += 1
        return self.stored.setdefault(key, wished)

    def load(self, programme_id: str, proposal_id: str) -> Proposal | None:
        return self.stored.get((programme_id, proposal_id))

    def change(self, before: Proposal, after: Proposal) -> bool:
        if self.before_change:
            self.before_change.pop(0)()
        key = before.programme_id, before.proposal_id
        stands = self.stored[key]
        if (stands.state, stands.decided_by) != (before.state, before.decided_by):
            return False
        self.stored[key] = replace(
            stands, state=after.state, decided_by=after.decided_by, decided_at=after.decided_at
        )
        self.writes += 1
        if self.after_change:
            self.after_change.pop(0)()
        return True

    def everything(self, programme_id: str) -> Iterator[Proposal]:
        for key in sorted(self.stored):
            if key[0] == programme_id:
                yield self.stored[key]
