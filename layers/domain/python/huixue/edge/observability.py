"""One logger and one set of metrics (CloudWatch's embedded format) for all functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

Entry = Callable[[dict[str, Any], Any], Any]


@cache
def logger() -> Logger:
    """Structured; the service is the function's purpose."""
    return Logger()


@cache
def metrics() -> Metrics:
    return Metrics()


class Counts:
    """The domain's `Metrics` port: a number under a name, with its dimensions where it has some."""

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        if not dimensions:
            metrics().add_metric(name=name, unit=MetricUnit.Count, value=value)
            return
        with single_metric(name=name, unit=MetricUnit.Count, value=value) as metric:
            for dimension, content in dimensions.items():
                metric.add_dimension(name=dimension, value=content)


def watched(entry: Entry) -> Entry:
    """A Lambda entry whose log lines carry the request's id and whose metrics are written when it ends."""

    @wraps(entry)
    def handler(event: dict[str, Any], context: Any) -> Any:
        logger().append_keys(request_id=getattr(context, "aws_request_id", "-"))
        try:
            return entry(event, context)
        finally:
            if metrics().metric_set:
                metrics().flush_metrics()

    return handler
