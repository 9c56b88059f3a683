"""Alarms and the dashboard look at metrics that functions really write, under the service they write them as."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.house.checkout import (
    OBSERVABILITY,
    RUNTIME_CODE,
    TEMPLATE,
    load_template,
    nothing_to_mend,
    sources,
    syntax_of,
)
from tests.house.rules.documents import metric_names
from tests.house.rules.functions import functions_of


def namespace() -> str:
    variables = load_template(TEMPLATE)["Globals"]["Function"]["Environment"]["Variables"]
    return str(variables["POWERTOOLS_METRICS_NAMESPACE"])


def services() -> set[str]:
    functions = functions_of(load_template(TEMPLATE)).values()
    variables = [each.get("Environment", {}).get("Variables", {}) for each in functions]
    return {str(each["POWERTOOLS_SERVICE_NAME"]) for each in variables}


def watched() -> list[tuple[str, str, str]]:
    """(where, metric, service) of every alarm and every line of the dashboard on a metric of ours."""
    resources: dict[str, Any] = load_template(OBSERVABILITY)["Resources"]
    found = [
        (name, body["Properties"]["MetricName"], body["Properties"]["Dimensions"][0]["Value"])
        for name, body in resources.items()
        if body["Properties"].get("Namespace") == namespace()
    ]
    body = json.dumps(resources["Dashboard"]["Properties"]["DashboardBody"])
    line = re.escape(f'\\"{namespace()}\\", ') + r'\\"(\w+)\\", \\"service\\", \\"(\w+)\\"'
    return [*found, *(("Dashboard", metric, service) for metric, service in re.findall(line, body))]


def test_what_is_watched_is_written_by_a_function() -> None:
    written = metric_names(syntax_of(path) for path in sources(RUNTIME_CODE))
    found = watched()
    assert {"LedgerViolationAlarm", "Dashboard"} <= {where for where, _, _ in found}

    nothing_to_mend(
        f"{where}: no function writes {metric} as {service}"
        for where, metric, service in found
        if metric not in written or service not in services()
    )
