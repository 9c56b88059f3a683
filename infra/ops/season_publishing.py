"""Publishing a season file: rules of check-ins first, then streams month by month, the edition last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huixue.check_ins.days import business_date
from huixue.check_ins.ports import CheckInRuleStore
from huixue.check_ins.store import RuleStore
from huixue.check_ins.versions import next_rules
from huixue.kernel.check_ins import CheckInRules
from huixue.seasons.model import Edition, Month, Slots
from huixue.seasons.ports import SeasonStore
from huixue.seasons.publishing import Plan, batches, preview, publish
from huixue.seasons.standing import StreamOverError
from huixue.seasons.store import DynamoDbSeasons
from infra.ops import season_differences, stores
from infra.ops.deployment import Deployment
from infra.ops.season_yaml import Season, check_ins_refused, streams_over_refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonDoors:
    seasons: SeasonStore
    rules: CheckInRuleStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonChange:
    """What a publication comes to, decided but not written."""

    season: Season
    plan: Plan
    rules_before: CheckInRules
    rules: CheckInRules
    today: date
    """The business day, by the rules before."""

    @property
    def changes(self) -> bool:
        return self.plan.changes or self.rules != self.rules_before

    @property
    def version(self) -> int:
        """Of the edition in force afterwards."""
        return self.plan.after.edition.version if self.plan.after.edition else 0

    @property
    def cut_on(self) -> date | None:
        return season_differences.cut_on(self.rules_before, self.rules)

    def differences(self) -> Mapping[str, Sequence[str]]:
        """Surface → what members will see differently there."""
        zone = ZoneInfo(self.season.draft.zone)
        found = season_differences.of_season(self.plan.effects, zone)
        found |= season_differences.of_rules(self.rules_before, self.rules)
        return {name: found[name] for name in season_differences.SURFACES if name in found}

    def steps(self) -> int:
        """How many transactions of streams and slots it takes."""
        return len(list(batches(self.plan)))


def season_doors(deployment: Deployment) -> SeasonDoors:
    database, table = stores.database(deployment), deployment.output("SeasonsTableName")
    return SeasonDoors(seasons=DynamoDbSeasons(database, table), rules=RuleStore(database, table))


def change_of(season: Season, *, at: SeasonDoors, now: datetime) -> SeasonChange:
    """What publishing it now would come to; writes nothing. Raises SeasonFileError for rules that cannot follow those
    in force and for streams that are over and get another start, StreamTakenError, ZoneFixedError,
    SeasonTooLargeError, SeasonChangedError."""
    draft = season.draft
    try:
        plan = preview(draft, store=at.seasons, now=now)
    except StreamOverError as over:
        raise streams_over_refused(season, over.over) from over
    present = at.rules.rules(draft.programme_id, consistent=True)
    if present.revision == 0:
        present = replace(present, zone_name=draft.zone)
    today = business_date(present, now)
    tasks = present.tasks if season.tasks is None else season.tasks
    rules = next_rules(present, season.check_in, tasks, draft.zone, now)
    if not isinstance(rules, CheckInRules):
        raise check_ins_refused(season, rules)
    return SeasonChange(
        season=season, plan=plan, rules_before=present, rules=rules, today=today
    )  # fmt: skip


def publish_season(
    season: Season, *, at: SeasonDoors, now: datetime, step: Callable[[], None] = lambda: None
) -> SeasonChange:
    """Publishes it; what stands as the file says is not written again. Died between two steps, it may be run again and
    goes on. `step` hears of every transaction of streams.

    Raises as `change_of` does, before anything is written; RulesChangedError and SeasonChangedError where somebody
    else published or changed a stream at the same moment.
    """
    change = change_of(season, at=at, now=now)
    if change.rules != change.rules_before:
        at.rules.write(change.rules, change.rules_before.revision)
    if change.plan.changes:
        publish(season.draft, store=_Stepping(at.seasons, step), now=now)
    return change


class _Stepping:
    """A store that tells of its writes."""

    def __init__(self, store: SeasonStore, step: Callable[[], None]) -> None:
        self._store = store
        self._step = step

    def edition(self, programme_id: str, *, consistent: bool = False) -> Edition | None:
        return self._store.edition(programme_id, consistent=consistent)

    def edition_version(self, programme_id: str, version: int) -> Edition | None:
        return self._store.edition_version(programme_id, version)

    def months(
        self, programme_id: str, months: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Month]:
        return self._store.months(programme_id, months, consistent=consistent)

    def all_months(self, programme_id: str) -> Mapping[str, Month]:
        return self._store.all_months(programme_id)

    def months_from(self, programme_id: str, month: str) -> Mapping[str, Month]:
        return self._store.months_from(programme_id, month)

    def slots(
        self, programme_id: str, stream_ids: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Slots]:
        return self._store.slots(programme_id, stream_ids, consistent=consistent)

    def must_fit(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        self._store.must_fit(programme_id, months, slots)

    def must_fit_edition(self, edition: Edition) -> None:
        self._store.must_fit_edition(edition)

    def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        self._store.write(programme_id, months, slots)
        self._step()

    def publish(self, edition: Edition) -> None:
        self._store.publish(edition)
