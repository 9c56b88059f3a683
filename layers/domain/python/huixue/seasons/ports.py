"""What the seasons use cases need from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from huixue.seasons.model import Edition, Month, Slots

MAX_PARTS = 100
"""Of one transaction."""


class SeasonStore(Protocol):
    """`consistent` reads for whoever will write; others may be a moment old. Writes are one transaction that raises
    SeasonChangedError where any part is no longer as it was read (its revision or version less one), and
    then wrote nothing. A part that is there already exactly as it is to be written does not count as changed, so that
    a lost reply reads as done."""

    def edition(self, programme_id: str, *, consistent: bool = False) -> Edition | None: ...

    def edition_version(self, programme_id: str, version: int) -> Edition | None: ...

    def months(
        self, programme_id: str, months: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Month]:
        """Those that are there. Several are read as one run from the first to the last, so that small ones share a
        read unit."""
        ...

    def all_months(self, programme_id: str) -> Mapping[str, Month]:
        """Every month that is stored, in order; consistent."""
        ...

    def months_from(self, programme_id: str, month: str) -> Mapping[str, Month]:
        """Every month that is stored from `month` on, in order, in one reading."""
        ...

    def slots(
        self, programme_id: str, stream_ids: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Slots]:
        """Those that are there."""
        ...

    def must_fit(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        """Raises SeasonTooLargeError where `write` would; writes nothing."""
        ...

    def must_fit_edition(self, edition: Edition) -> None:
        """Raises SeasonTooLargeError where `publish` would; writes nothing."""
        ...

    def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        """Each with its next revision; at most MAX_PARTS parts. Raises SeasonTooLargeError before anything is
        written."""
        ...

    def publish(self, edition: Edition) -> None:
        """The next version in force, and the same kept for ever."""
        ...
