"""Runs in the fresh process that `cold_start.py` times: import the handler, call it once, say how far it came.

Arguments: the file for its report, the event as JSON, then the import path. Ends without Python's teardown, which
Lambda does not run either.
"""

import importlib
import json
import os
import sys
import time
from types import SimpleNamespace

began = time.perf_counter()
report, event, *paths = sys.argv[1:]
sys.path[:0] = paths

app = importlib.import_module("app")

imported = time.perf_counter()
context = SimpleNamespace(
    function_name="cold",
    function_version="1",
    invoked_function_arn="arn:aws:lambda:ap-east-1:000000000000:function:cold",
    memory_limit_in_mb=1024,
    aws_request_id="cold",
    log_group_name="cold",
    log_stream_name="cold",
    get_remaining_time_in_millis=lambda: 15_000,
)
try:
    answer = app.handler(json.loads(event), context)
    status = answer.get("statusCode", "answered") if isinstance(answer, dict) else "answered"
except Exception as error:  # noqa: BLE001 - how far it came is what is reported
    status = type(error).__name__
called = time.perf_counter()
said = {"import_ms": (imported - began) * 1000, "call_ms": (called - imported) * 1000}
with open(report, "w") as file:  # noqa: PTH123 - pathlib would add to the very time measured
    json.dump({**said, "outcome": str(status)}, file)
os._exit(0)
