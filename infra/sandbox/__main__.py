"""`python -m infra.sandbox --port N`: the stand-in alone, until Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import signal
import threading

from infra.sandbox.server import SandboxServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.set())
    server = SandboxServer(options.port, options.host)
    server.start()
    print(f"{server.address}/sandbox", flush=True)
    asked_to_stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
