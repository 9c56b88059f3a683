from __future__ import annotations

from typing import Any

import pytest

from tests.engines.tables import TableNames
from tests.races.main_job import MainJob
from tests.races.surroundings import KeptMessages


@pytest.fixture
def job(dynamodb: Any, tables: TableNames) -> MainJob:
    queues = KeptMessages()
    return MainJob(dynamodb, tables, queues, queues.taken)
