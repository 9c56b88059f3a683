"""The log and the metrics of one test alone."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from huixue.edge import observability


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the functions write to their log, a JSON object a line."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Huixue")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "unit-tests")
    observability.logger.cache_clear()
    observability.metrics.cache_clear()
    stream = io.StringIO()
    for handler in observability.logger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
    yield stream
    observability.logger.cache_clear()
    observability.metrics.cache_clear()
