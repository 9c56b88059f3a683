"""Rules 8 and 9: variables and tables of the templates are those the code reads and uses."""

from __future__ import annotations

import dataclasses
import importlib

from huixue.dynamodb.items import key_of
from tests.house.checkout import (
    DATA,
    RUNTIME_CODE,
    TEMPLATE,
    function_names,
    load_template,
    nothing_to_mend,
    runtime_sources,
    sources,
    syntax_of,
)
from tests.house.rules import settings
from tests.house.rules.functions import logical_id_of
from tests.house.rules.reach import reached_from, read_module

NEVER_READ = {
    "get_order_sync": {
        "order_syncs_queue_url": "it shares the desk of syncs and sends nothing",
        "programmes_table_name": "it shares the desk of syncs and asks for no rule",
    },
    "put_me": {
        "claims_to_match_queue_url": "nicknames are read with `match` of regular expressions, no outbox"
    },
    "run_order_sync": {"order_syncs_queue_url": "it shares the desk of syncs and starts none"},
}
"""What a function's code names without ever coming to read it, each with its reason."""


def setting_names() -> set[str]:
    # imported here, so that its absence fails these rules alone
    settings_class = importlib.import_module("huixue.edge.settings").Settings
    return {field.name for field in dataclasses.fields(settings_class)}


def test_the_template_hands_over_what_settings_read_and_nothing_else() -> None:
    fields = [name.upper() for name in setting_names()]

    nothing_to_mend(settings.variables(load_template(TEMPLATE), fields))


def test_every_function_gets_what_its_code_reads_and_nothing_else() -> None:
    fields = setting_names()
    paths = runtime_sources()
    modules = {name: read_module(syntax_of(path), paths) for name, path in paths.items()}
    everywhere = load_template(TEMPLATE)["Globals"]["Function"]["Environment"]["Variables"]
    variables = settings.variables_of(load_template(TEMPLATE))

    problems = settings.read_per_function(
        handed={
            name: {
                variable.lower()
                for variable in variables.get(logical_id_of(name), set()) - set(everywhere)
            }
            & fields
            for name in function_names()
        },
        reached={
            name: reached_from(modules, (f"functions.{name}", "handler")).strings & fields
            for name in function_names()
        },
        never_read=NEVER_READ,
    )

    nothing_to_mend(problems)


def test_tables_have_the_keys_and_indexes_that_stores_use() -> None:
    modules = [syntax_of(path) for path in sources(RUNTIME_CODE)]

    problems = settings.tables(
        load_template(DATA),
        keys=set(key_of(("partition", "sort"))),
        used_indexes=settings.indexes_named(modules),
        words=settings.strings_in(modules),
    )

    nothing_to_mend(problems)
