"""What publishing and reading programmes needs from its store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from huixue.programme.model import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    version: int
    programme: Programme
    published_at: datetime


class ProgrammeStore(Protocol):
    def current(self, programme_id: str) -> PublishedVersion | None: ...

    def version(self, programme_id: str, version: int) -> PublishedVersion | None: ...

    def add(self, published: PublishedVersion) -> None:
        """One transaction: the version, which must be new, and CURRENT, which must be at the version before it.
        Raises ConditionFailedError and then wrote nothing."""
        ...
