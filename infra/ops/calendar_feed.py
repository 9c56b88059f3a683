"""`huixue calendar-feed`: the address of the calendar that phones subscribe to."""

from __future__ import annotations

import typer

from infra.ops import stores
from infra.ops.deployment import LOCAL, load
from infra.ops.options import DEFAULT_PROGRAMME, AsJson, Programme, Region, Stage
from infra.ops.season_refusals import told_of_season
from infra.ops.stream_doors import print_facts, streams_at


def calendar_feed(
    programme: Programme = DEFAULT_PROGRAMME,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Print the address of the public calendar; `calendar_feed.generation` in the season file changes it."""
    from huixue.edge.season_desk import keyed_feed  # noqa: PLC0415 - with all of the edge, which `--help` can do without

    with told_of_season():
        deployed = load(stage, region=region)
        edition = streams_at(stage, region, programme).edition
        key = keyed_feed(stores.keyed_hash(deployed), programme, edition.feed_generation)
        address = f"{deployed.output('ApiUrl').rstrip('/')}/v1/calendar/{key}.ics"
    if as_json:
        print_facts({"address": address, "generation": edition.feed_generation})
    else:
        typer.echo(address)
