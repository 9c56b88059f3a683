"""Programmes in memory, with the promises of `ProgrammeStore`."""

from __future__ import annotations

from collections.abc import Callable

from huixue.dynamodb.writes import ConditionFailedError
from huixue.programme.ports import PublishedVersion


class FakeProgrammes:
    def __init__(self) -> None:
        self.published: dict[tuple[str, int], PublishedVersion] = {}
        self.in_force: dict[str, PublishedVersion] = {}
        self.reads = 0
        self.before_write: list[Callable[[], object]] = []
        self.lose_replies = False

    def current(self, programme_id: str) -> PublishedVersion | None:
        self.reads += 1
        return self.in_force.get(programme_id)

    def version(self, programme_id: str, version: int) -> PublishedVersion | None:
        self.reads += 1
        return self.published.get((programme_id, version))

    def add(self, published: PublishedVersion) -> None:
        if self.before_write:
            self.before_write.pop(0)()
        programme_id = published.programme.programme_id
        before = self.in_force.get(programme_id)
        if published.version != (before.version if before else 0) + 1:
            raise ConditionFailedError(1, None)
        self.published[programme_id, published.version] = published
        self.in_force[programme_id] = published
        if self.lose_replies:
            raise ConditionFailedError(0, None)
