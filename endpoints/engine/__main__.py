"""Starts the engine: `python -m endpoints.engine --port 8100`. It needs no Django; its settings are the environment's."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

# Waiting computing threads sleep. By default they spin, and beside a training on the same cores one token then takes
# a second or two instead of a twentieth. It must be said before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def arguments() -> argparse.Namespace:
    home = Path(os.environ.get("ATELIER_HOME") or "var")
    parser = argparse.ArgumentParser(prog="endpoints.engine", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback by default: the engine is for the studio only")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("ATELIER_MODELS") or home / "models"))
    data = Path(os.environ.get("ATELIER_DATA") or home / "data")
    parser.add_argument("--adapters", type=Path, nargs="*", default=[data], help="folders that adapters may come from")
    parser.add_argument("--preload", nargs="*", default=[], help="base models to load before the first request")
    for name, usual, text in (
        ("most-adapters", 8, "adapters kept in memory"),
        ("most-models", 4, "classifiers and recommenders kept in memory"),
        ("slots", 4, "answers written at the same time, a token of each in turn"),
        ("queue", 64, "requests that may wait"),
        ("per-client", 16, "requests of one client that may wait"),
        ("context", 4096, "longest conversation in tokens, where the base could take more"),
    ):
        default = os.environ.get(f"ENGINE_{name.replace('-', '_').upper()}") or usual
        parser.add_argument(f"--{name}", type=int, default=default, help=text)
    return parser.parse_args()


def main() -> None:
    from aiohttp import web

    from endpoints.engine.library import Library, Shelf
    from endpoints.engine.scheduler import Scheduler
    from endpoints.engine.server import Engine, application

    given = arguments()
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s: %(message)s")
    library = Library(Shelf(given.models, tuple(given.adapters), given.most_adapters, given.context))
    for slug in given.preload:
        library.base(slug)
    scheduler = Scheduler(given.slots, given.queue, given.per_client)
    # A browser that goes away cancels its request, which frees its place at the model.
    web.run_app(
        application(Engine(library, os.environ.get("ENGINE_TOKEN", ""), scheduler, most_models=given.most_models)),
        host=given.host,
        port=given.port,
        print=None,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=2.0,
    )


if __name__ == "__main__":
    main()
