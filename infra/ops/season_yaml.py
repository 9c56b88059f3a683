"""A season's YAML file: what members will see, what brings points, or every problem with its line.

Shape first (`season.schema.json`), then product lists, then what must hold across its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from huixue.check_ins import drafts as check_in_drafts
from huixue.check_ins.drafts import DraftRule
from huixue.check_ins.drafts import Problem as CheckInProblem
from huixue.kernel.check_ins import Task
from huixue.programme.model import Programme
from huixue.programme.reading import Problem
from huixue.seasons.drafts import Allowed, SeasonDraft, problems_of
from huixue.seasons.model import Block, Edition, Guide, GuideRow, Slot, Stream
from infra.ops import season_content as content
from infra.ops import season_values as values
from infra.ops.audience_tags import problems_of_tags
from infra.ops.product_lists import Product, ProductListError, read_products
from infra.ops.season_file import BlockPart, CheckInPart, GuidePart, SeasonPart, TaskPart
from infra.ops.season_refusals import STREAM_OVER
from infra.ops.season_schema import problems_of_shape
from infra.ops.season_streams import StreamReader
from infra.ops.yaml_files import Document, KeyPath, YamlFileError, read_document

MAX_FILE_BYTES = 2_000_000

SeasonFileError = YamlFileError

_INSTANT = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,}\+00:00")
_NAMES = {
    "blocks": "home", "price_fen": "price_yuan", "list_price_fen": "list_price_yuan",
    "offset_min": "at_min", "slot_id": "product", "room_id": "room",
    "check_ins": "check_in", "day_starts": "day_starts_at", "cycle_days": "cycle",
}  # fmt: skip
"""What the product calls it → the key of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Everything a season file says."""

    draft: SeasonDraft
    check_in: DraftRule | None
    """None: the file says nothing about check-ins, and the rules stay."""
    tasks: tuple[Task, ...] | None
    """None: the file says nothing about tasks, and those there are stay."""
    document: Document
    """What was read, for lines of problems that show later."""


def read_season(file: Path) -> Season:
    """The valid season in this file and its product lists. Raises SeasonFileError that names every problem, in the
    order of lines."""
    return season_of(read_document(file, max_bytes=MAX_FILE_BYTES))


def season_of(document: Document) -> Season:
    """The valid season in what was read of a file. Raises SeasonFileError."""
    shape = problems_of_shape(document.data)
    if shape:
        raise _refused(document, shape)
    reading = _Reading(document, msgspec.convert(document.data, SeasonPart))
    season = reading.season()
    if reading.problems or reading.lines:
        raise _refused(document, reading.problems, reading.lines)
    return season


def must_fit(season: Season, programme: Programme) -> None:
    """Raises SeasonFileError where the file names another zone than its programme, or rooms that it does not have."""
    rooms = [room.room_id for room in programme.rooms]
    problems = [
        Problem(
            path=("streams", at, "room"), found=repr(stream.room_id),
            expected=f"a room of {programme.programme_id} ({', '.join(rooms)})",
        )
        for at, (stream, _) in enumerate(season.draft.streams)
        if stream.room_id and stream.room_id not in rooms
    ]  # fmt: skip
    if season.draft.zone != programme.zone:
        expected = f"{programme.zone}, as {programme.programme_id} says"
        problems.append(Problem(path=("zone",), expected=expected, found=repr(season.draft.zone)))
    if problems:
        raise _refused(season.document, problems)


def check_ins_refused(season: Season, problems: Iterable[CheckInProblem]) -> SeasonFileError:
    """What is wrong with its rules beside those in force, with lines."""
    return _refused(season.document, [_check_in_problem(each) for each in problems])


def streams_over_refused(season: Season, over: Sequence[Stream]) -> SeasonFileError:
    """Streams that are over and get another start in this file, with the line of that. `over`: as they stand."""
    zone, stands = ZoneInfo(season.draft.zone), {each.stream_id: each for each in over}
    refused = _refused(season.document, [
        Problem(
            path=("streams", at, "starts_at"), found=_local(stream.starts_at, zone),
            expected=f"{_old_starts(stands[stream.stream_id], zone)}: {stream.stream_id} is over",
        )
        for at, (stream, _) in enumerate(season.draft.streams)
        if stream.stream_id in stands
    ])  # fmt: skip
    return SeasonFileError(refused.lines, next_step=STREAM_OVER)


def _old_starts(stream: Stream, zone: ZoneInfo) -> str:
    """Those that the file may give it."""
    planned, stands = (_local(at, zone) for at in (stream.planned_starts_at, stream.starts_at))
    return f"{planned} as planned" + ("" if stands == planned else f" or {stands} as it stands")


def _local(instant: datetime, zone: ZoneInfo) -> str:
    """As the file writes times."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def _check_in_problem(problem: CheckInProblem) -> Problem:
    """Its path is text: `check_ins/consecutive/0/days`."""
    path = tuple(int(each) if each.isdigit() else each for each in problem.path.split("/"))
    return Problem(path=_renamed(path), expected=problem.expected, found=problem.found)


def _renamed(path: KeyPath) -> KeyPath:
    return tuple(_NAMES.get(each, each) if isinstance(each, str) else each for each in path)


def _in_file(document: Document, path: KeyPath) -> KeyPath:
    """A stream's value that `stream_defaults` says is told there, once."""
    of_defaults = ("stream_defaults", *path[2:])
    is_default = path[:1] == ("streams",) and len(path) > 2 and path[:3] not in document.lines
    return of_defaults if is_default and of_defaults[:2] in document.lines else path


def _refused(
    document: Document, problems: Iterable[Problem], of_lists: Sequence[str] = ()
) -> SeasonFileError:
    placed = [replace(each, path=_in_file(document, each.path)) for each in problems]
    once = dict.fromkeys((each.path, str(each)) for each in placed)
    told = document.refused(once).lines
    return SeasonFileError([*told, *of_lists])


@dataclass(slots=True)
class _Reading:
    document: Document
    part: SeasonPart
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Of product lists, with their own file and line."""
    origins: dict[KeyPath, KeyPath] = field(default_factory=dict)
    rows: dict[KeyPath, str] = field(default_factory=dict)
    """Of slots taken from product lists: where their product stands."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.part.zone)

    def season(self) -> Season:
        draft = self._draft()
        allowed = Allowed(
            app_ids=frozenset(self.part.allowed.app_ids), hosts=frozenset(self.part.allowed.hosts)
        )
        for each in problems_of(draft, allowed):
            self._wrong_in_draft(each.path, each.expected, each.found)
        rule = None if self.part.check_in is None else _rule(self.part.check_in)
        tasks = tuple(content.task(each, self.zone) for each in self.part.tasks or ())
        for at, part in enumerate(self.part.tasks or ()):
            self._bounds(("tasks", at), part, 1)
        for problem in check_in_drafts.problems_of(rule, tasks, self.part.zone):
            self.problems.append(_check_in_problem(problem))
        for at, task in enumerate(tasks):
            self._subject(at, task, draft)
        told_tasks = None if self.part.tasks is None else tasks
        return Season(draft=draft, check_in=rule, tasks=told_tasks, document=self.document)

    def _subject(self, at: int, task: Task, draft: SeasonDraft) -> None:
        known = {
            "guide": {each.guide_id for each in draft.edition.guides},
            "reservation": {stream.stream_id for stream, _ in draft.streams},
        }.get(task.kind, set())
        if task.subject is not None and task.subject not in known:
            expected = {"guide": "a guide of this file", "reservation": "a stream of this file"}
            self._wrong(
                ("tasks", at, "subject"), expected.get(task.kind, f"none with kind: {task.kind}"),
                repr(task.subject),
            )  # fmt: skip

    def _draft(self) -> SeasonDraft:
        part = self.part
        reader = StreamReader(
            season_id=part.season_id, zone=self.zone, lists=self._lists(),
            named_lists=part.products, problems=self.problems, origins=self.origins, rows=self.rows,
        )  # fmt: skip
        streams = tuple(
            reader.stream(at, {**part.stream_defaults, **data})
            for at, data in enumerate(part.streams)
        )
        edition = Edition(
            programme_id=part.programme_id, season_id=part.season_id, title=part.title,
            zone=part.zone, blocks=tuple(self._blocks()),
            guides=tuple(self._guides({each.stream_id: slots for each, slots in streams})),
            member_days=tuple(content.member_day(each) for each in part.member_days),
            feed_generation=part.calendar_feed.generation,
        )  # fmt: skip
        return SeasonDraft(
            season_id=part.season_id, programme_id=part.programme_id, title=part.title,
            zone=part.zone, edition=edition, streams=streams,
        )  # fmt: skip

    def _lists(self) -> Mapping[str, Sequence[Product]]:
        found: dict[str, Sequence[Product]] = {}
        for name, file in self.part.products.items():
            try:
                found[name] = read_products(self.document.file.parent / file)
            except ProductListError as error:
                self._wrong(("products", name), "a product list without mistakes", f"{file!r}")
                self.lines += error.lines
        return found

    def _bounds(self, path: KeyPath, part: BlockPart | GuidePart | TaskPart, weeks: int) -> None:
        """Times at which something begins or ends must be there."""
        for key in ("starts_at", "ends_at"):
            text = getattr(part, key)
            if not all(values.is_shown(text, self.zone, week) for week in range(weeks)):
                self._wrong((*path, key), values.SHOWN.format(self.part.zone), repr(text))

    def _blocks(self) -> list[Block]:
        found: list[Block] = []
        for at, part in enumerate(self.part.home):
            self._bounds(("home", at), part, part.weeks)
            if part.audience is not None:
                self.problems += problems_of_tags(
                    ("home", at, "audience", "tags"), part.audience.tags
                )
            for block in content.blocks(part, self.zone):
                self.origins["blocks", len(found)] = ("home", at)
                found.append(block)
        return found

    def _guides(self, slots: Mapping[str, Sequence[Slot]]) -> list[Guide]:
        found: list[Guide] = []
        for at, part in enumerate(self.part.guides):
            self._bounds(("guides", at), part, 1)
            self.problems += problems_of_tags(("guides", at, "tags"), part.tags)
            rows: list[GuideRow] = []
            for index, row in enumerate(part.rows):
                path: KeyPath = ("guides", at, "rows", index)
                named = content.guide_rows(row, slots)
                if not named and not (self.lines and row.stream in slots):  # its list was told
                    known = "a stream of this file that has slots"
                    self._wrong((*path, "stream"), known, repr(row.stream))
                for number in range(len(rows), len(rows) + len(named)):
                    self.origins["guides", at, "rows", number] = path
                rows += named
            found.append(content.guide(part, rows, self.zone))
        return found

    def _wrong_in_draft(self, path: KeyPath, expected: str, found: str) -> None:
        """`path`: in the draft; told by the keys of the file, in its zone, with the product's row in its list."""
        if self.lines and path[:1] == ("guides",) and "rows" in path:
            return  # slots are missing because a list is: that was told
        row = self.rows.get(path[:4])
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                path = (*self.origins[path[:length]], *path[length:])
                break
        expected, found = (_INSTANT.sub(self._local, each) for each in (expected, found))
        self._wrong(_renamed(path), expected, found if row is None else f"{found} ({row})")

    def _wrong(self, path: KeyPath, expected: str, found: str) -> None:
        self.problems.append(Problem(path=path, expected=expected, found=found))

    def _local(self, instant: re.Match[str]) -> str:
        return _local(datetime.fromisoformat(instant[0]), self.zone)


def _rule(part: CheckInPart) -> DraftRule:
    kind, days = content.cycle(part)
    return DraftRule(
        starts_on=None if part.starts_on is None else date.fromisoformat(part.starts_on),
        ends_cycle=part.ends_cycle,
        day_starts_min=values.minutes(part.day_starts_at),
        cycle=kind,
        cycle_days=days,
        base_points=part.base_points,
        consecutive=content.milestones(part.consecutive),
        cumulative=content.milestones(part.cumulative),
        make_up=content.make_up(part.make_up),
    )
