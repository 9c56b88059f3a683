"""`huixue stream …`: what happens to one stream or slot between two publications; every surface follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from huixue.seasons import changing
from huixue.seasons.model import Said, SlotState, Stream, stream_of_slot
from infra.ops import stream_views
from infra.ops.deployment import LOCAL
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import plain_console
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Programme, Region, Stage
from infra.ops.season_refusals import told_of_season
from infra.ops.stream_doors import At, print_facts, reason_of, streams_at, time_of

app = typer.Typer(
    no_args_is_help=True, help="Move, cancel, begin, restore a stream; put slots on the shelf."
)

StreamArgument = Annotated[str, typer.Argument(metavar="STREAM", help="The stream's id.")]
SlotArgument = Annotated[
    str, typer.Argument(metavar="SLOT", help="The slot's id, or STREAM#3 for the stream's third.")
]
Reason = Annotated[str, typer.Option(help="Why, in Chinese: members read it.")]
_FOLLOW = "Calendar, feed, home and guides follow within a minute."


@app.command()
def move(
    stream: StreamArgument,
    time: Annotated[
        str,
        typer.Argument(help="2026-11-20 20:00 in the season's zone; 21:30 for the same day."),
    ],
    reason: Reason,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Move a stream to another time; its slots move with it. To where it stands already changes nothing."""

    def moved(at: At) -> tuple[Stream, bool]:
        before = stream_views.found(at.store, at.programme_id, stream)[0]
        starts_at = time_of(time, before.starts_at.astimezone(at.zone))
        return changing.move(
            at.programme_id, stream, starts_at, reason_of(reason), store=at.store, now=at.now
        )

    _change(moved, programme, stage, region, as_json=as_json)


@app.command()
def cancel(
    stream: StreamArgument,
    reason: Reason,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Cancel a stream; it stays in the calendar, struck out. Publishing the file again does not bring it back."""

    def cancelled(at: At) -> tuple[Stream, bool]:
        return changing.cancel(
            at.programme_id, stream, reason_of(reason), store=at.store, now=at.now
        )

    _change(cancelled, programme, stage, region, as_json=as_json)


@app.command()
def restore(
    stream: StreamArgument,
    said: Annotated[
        Said, typer.Option(help="What to take back; one of them at a time.")
    ] = "cancel",
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Take back that a stream is cancelled, or what `finish` or `begin` said by mistake (--said)."""

    def restored(at: At) -> tuple[Stream, bool]:
        return changing.restore(at.programme_id, stream, said, store=at.store, now=at.now)

    _change(restored, programme, stage, region, as_json=as_json, takes_back=said)


@app.command()
def begin(
    stream: StreamArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say that a stream is live from now on, whatever the clock says."""

    def begun(at: At) -> tuple[Stream, bool]:
        return changing.begin(at.programme_id, stream, store=at.store, now=at.now)

    _change(begun, programme, stage, region, as_json=as_json)


@app.command()
def finish(
    stream: StreamArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say that a stream is over."""

    def finished(at: At) -> tuple[Stream, bool]:
        return changing.finish(at.programme_id, stream, store=at.store, now=at.now)

    _change(finished, programme, stage, region, as_json=as_json)


@app.command("on-shelf")
def on_shelf(
    slot: SlotArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say that a product can be bought now."""
    _set_slot(slot, "on_shelf", programme, stage, region, as_json=as_json)


@app.command("sold-out")
def sold_out(
    slot: SlotArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say that a product is sold out."""
    _set_slot(slot, "sold_out", programme, stage, region, as_json=as_json)


@app.command()
def withdraw(
    slot: SlotArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Take a product out of its stream."""
    _set_slot(slot, "withdrawn", programme, stage, region, as_json=as_json)


@app.command()
def replan(
    slot: SlotArgument,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Back to planned: a product that was withdrawn, or put on the shelf by mistake."""
    _set_slot(slot, "planned", programme, stage, region, as_json=as_json)


@app.command("list")
def list_streams(
    month: Annotated[
        str | None, typer.Option(help="A month such as 2026-11; default: all.")
    ] = None,
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """List the streams of a programme by time."""
    with told_of_season():
        at = streams_at(stage, region, programme)
        months = at.store.all_months(programme)
    if month is not None and month not in months:
        raise OperatorError(
            f"there are no streams in {month}",
            next_step=f"Choose one of {', '.join(months) or 'none: publish a season first'}.",
        )
    chosen = [months[month]] if month is not None else list(months.values())
    streams = [stream for each in chosen for stream in each.streams]
    if as_json:
        print_facts([stream_views.stream_facts(each, at.now) for each in streams])
    else:
        plain_console().print(stream_views.streams_table(streams, at.zone, at.now))


@app.command()
def show(
    stream: Annotated[
        str, typer.Argument(metavar="STREAM", help="A stream, or a slot: its id or STREAM#3.")
    ],
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show a stream with all its slots, or one slot of it."""
    with told_of_season():
        at = streams_at(stage, region, programme)
        stream_id = stream_of_slot(stream.partition("#")[0])
        found, slots = stream_views.found(at.store, programme, stream_id)
        numbered: Sequence[tuple[int, str]] = [
            (number, each.slot_id) for number, each in enumerate(slots.slots, 1)
        ]
        if "#" in stream or "." in stream:
            only = stream_views.slot_id_of(at.store, programme, stream)
            numbered = [each for each in numbered if each[1] == only]
    if as_json:
        print_facts(stream_views.whole_facts(found, slots, numbered, at.now))
    else:
        for part in stream_views.whole_tables(found, slots, numbered, at.zone, at.now):
            plain_console().print(part)


def _change(
    change: Callable[[At], tuple[Stream, bool]], programme: str, stage: str, region: str | None, *,
    as_json: bool, takes_back: Said | None = None,
) -> None:  # fmt: skip
    with told_of_season():
        at = streams_at(stage, region, programme)
        stream, changed = change(at)
    if as_json:
        told = {"took_back": takes_back} if takes_back is not None and changed else {}
        print_facts({**stream_views.stream_facts(stream, at.now), "changed": changed, **told})
        return
    sentence = stream_views.stream_sentence(stream, at.zone, at.now)
    if takes_back is not None and changed:
        sentence = f"Taken back: {takes_back}. {sentence}"
    elif takes_back is not None:
        stands = stream_views.said_of(stream)
        sentence += (
            f" Nobody said {takes_back}." if not stands else f" What stands: --said {stands}."
        )
    plain_console().print(f"{sentence} {_FOLLOW if changed else 'It was so already.'}")


def _set_slot(
    slot: str, state: SlotState, programme: str, stage: str, region: str | None, *, as_json: bool
) -> None:
    with told_of_season():
        at = streams_at(stage, region, programme)
        slot_id = stream_views.slot_id_of(at.store, programme, slot)
        found, changed = changing.set_slot_state(
            programme, slot_id, state, store=at.store, now=at.now
        )
    if as_json:
        print_facts({**stream_views.slot_facts(found), "changed": changed})
        return
    sentence = f"{found.slot_id} {found.brand} {found.title} is {found.state}."
    plain_console().print(f"{sentence} {_FOLLOW if changed else 'It was so already.'}")
