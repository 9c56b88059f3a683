"""Rules 8 and 9: variables and tables of the templates are those the code reads and uses."""

from __future__ import annotations

import dataclasses
import importlib

from huixue.dynamodb.items import key_of
from tests.house.checkout import (
    DATA,
    RUNTIME_CODE,
    TEMPLATE,
    load_template,
    nothing_to_mend,
    sources,
    syntax_of,
)
from tests.house.rules import settings


def test_the_template_hands_over_what_settings_read_and_nothing_else() -> None:
    # imported here, so that its absence fails this rule alone
    settings_class = importlib.import_module("huixue.edge.settings").Settings
    fields = [field.name.upper() for field in dataclasses.fields(settings_class)]

    nothing_to_mend(settings.variables(load_template(TEMPLATE), fields))


def test_tables_have_the_keys_and_indexes_that_stores_use() -> None:
    modules = [syntax_of(path) for path in sources(RUNTIME_CODE)]

    problems = settings.tables(
        load_template(DATA),
        keys=set(key_of(("partition", "sort"))),
        used_indexes=settings.indexes_named(modules),
        words=settings.strings_in(modules),
    )

    nothing_to_mend(problems)
