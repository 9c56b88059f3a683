"""`huixue preview`: the home page at any instant, as some member would see it (CT-M1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from huixue.kernel.calendar import SystemClock, to_text
from huixue.members.viewing import addressed_by
from huixue.seasons.home import Home, Viewer, home_at
from huixue.seasons.instants import months_around, streams_of
from huixue.seasons.model import Block, Edition, Stream, Target
from infra.ops import stores
from infra.ops.audience_tags import expected_tag
from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import plain_console
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Region, Stage
from infra.ops.season_differences import when, yuan
from infra.ops.season_publishing import change_of, season_doors
from infra.ops.season_refusals import told_of_season
from infra.ops.season_yaml import Season, must_fit, read_season
from infra.ops.stream_doors import print_facts, streams_at, time_of
from infra.ops.stream_views import stream_facts, stream_sentence

_PARTS = ("entries", "banners", "featured", "markets", "brands", "notices")


def preview(
    file: Annotated[
        Path | None,
        typer.Argument(help="A season file, as if it were published; default: what is published."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help='An instant: "2026-11-20 20:00" in the season\'s zone; default: now.'),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="GROUP=VALUE the member has; may be given several times."),
    ] = None,
    joined: Annotated[str | None, typer.Option(help="The day she joined: 2026-11-01.")] = None,
    programme: Annotated[
        str | None,
        typer.Option(help=f"Its id; default: that of the file, else {DEFAULT_PROGRAMME}."),
    ] = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show the home page at an instant, from what is published or from a season file; writes nothing."""
    viewer = Viewer(tags=_tags(tag or []), joined_on=None if joined is None else _day(joined))
    season = None if file is None else read_season(file)
    if season is not None and programme not in (None, season.draft.programme_id):
        raise OperatorError(
            f"{file} is a season of {season.draft.programme_id}, not of {programme}",
            next_step="Leave --programme out, or name the file of that programme.",
        )
    with told_of_season():
        edition, streams, instant = _content(
            season, at, programme or DEFAULT_PROGRAMME, stage, region
        )
    home = home_at(edition, streams, instant, viewer)
    if as_json:
        print_facts(_facts(home, instant))
    else:
        _show(home, instant, ZoneInfo(edition.zone), plain_console())


def _content(
    season: Season | None, at: str | None, programme: str, stage: str, region: str | None
) -> tuple[Edition, Sequence[Stream], datetime]:
    """Raises what a publication of the file would, with its lines."""
    now = SystemClock().now()
    if season is not None:
        deployed = load(stage, region=region)
        must_fit(season, stores.published_programme(deployed, season.draft.programme_id))
        after = change_of(season, at=season_doors(deployed), now=now).plan.after
        if after.edition is None:
            raise AssertionError("a publication has an edition")
        instant = _instant(at, after.edition, now)
        return after.edition, streams_of(after.months), instant
    found = streams_at(stage, region, programme)
    instant = _instant(at, found.edition, now)
    months = found.store.months(programme, months_around(instant, found.edition.zone))
    return found.edition, streams_of(months), instant


def _instant(text: str | None, edition: Edition, now: datetime) -> datetime:
    if text is None:
        return now
    return time_of(text, now.astimezone(ZoneInfo(edition.zone)))


def _tags(texts: Sequence[str]) -> Mapping[str, frozenset[str]]:
    tags: dict[str, frozenset[str]] = {}
    for text in texts:
        group, equals, value = text.partition("=")
        if not group or not equals or not value:
            raise OperatorError(
                f"{text!r} is no GROUP=VALUE", next_step="For example --tag skin_type=dry."
            )
        if (expected := expected_tag(group, value)) is not None:
            raise OperatorError(
                f"{text!r} is no tag of members: expected {expected}",
                next_step="Correct it: for example --tag skin_type=dry.",
            )
        tags[group] = tags.get(group, frozenset()) | {value}
    return addressed_by(tags)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OperatorError(
            f"{text!r} is no day", next_step="Write it like --joined 2026-11-01."
        ) from None


def _facts(home: Home, instant: datetime) -> dict[str, Any]:
    facts: dict[str, Any] = {"at": to_text(instant)}
    for name in _PARTS:
        facts[name] = [_block_facts(each) for each in getattr(home, name)]
    for name in ("tonight", "next_stream"):
        stream: Stream | None = getattr(home, name)
        facts[name] = None if stream is None else stream_facts(stream, instant)
    return facts | {"changes_at": None if home.changes_at is None else to_text(home.changes_at)}


def _block_facts(block: Block) -> dict[str, Any]:
    return {
        "block_id": block.block_id, "title": block.title, "subtitle": block.subtitle,
        "target": _target(block.target), "goods": [each.title for each in block.goods],
        "ends_at": None if block.ends_at is None else to_text(block.ends_at),
    }  # fmt: skip


def _target(target: Target | None) -> str:
    if target is None:
        return ""
    place = " ".join(each for each in (target.app_id, target.path, target.url, target.text) if each)
    return f"{target.kind} {place}"


def _show(home: Home, instant: datetime, zone: ZoneInfo, console: Console) -> None:
    console.print(f"home at {when(instant, zone)}")
    if home.tonight is not None:
        console.print(f"tonight: {stream_sentence(home.tonight, zone, instant)}")
    elif home.next_stream is not None:
        console.print(f"next: {stream_sentence(home.next_stream, zone, instant)}")
    else:
        console.print("no stream within a week")
    for name in _PARTS:
        blocks: Sequence[Block] = getattr(home, name)
        console.print(f"{name}{'' if blocks else ': none'}")
        for block in blocks:
            until = "" if block.ends_at is None else f", until {when(block.ends_at, zone)}"
            console.print(f"  {block.title} ({block.block_id}{until}) → {_target(block.target)}")
            for good in block.goods:
                price = "" if good.price_fen is None else f" {yuan(good.price_fen)}"
                console.print(f"    {good.brand} {good.title}{price}")
    if home.changes_at is not None:
        console.print(f"it changes by itself next: {when(home.changes_at, zone)}")
