"""Starts the engine: `python -m endpoints.engine --port 8100`. It needs no Django; its settings are the environment's."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

from aiohttp import web

from endpoints.engine.library import Library
from endpoints.engine.server import Engine, application


def arguments() -> argparse.Namespace:
    home = Path(os.environ.get("ATELIER_HOME") or "var")
    parser = argparse.ArgumentParser(prog="endpoints.engine", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback by default: the engine is for the studio only")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("ATELIER_MODELS") or home / "models"))
    data = Path(os.environ.get("ATELIER_DATA") or home / "data")
    parser.add_argument("--adapters", type=Path, nargs="*", default=[data], help="folders that adapters may come from")
    parser.add_argument("--most-adapters", type=int, default=8, help="adapters kept in memory")
    parser.add_argument("--preload", nargs="*", default=[], help="base models to load before the first request")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s: %(message)s")
    engine = Engine(
        Library(given.models, tuple(given.adapters), given.most_adapters), os.environ.get("ENGINE_TOKEN", "")
    )
    for slug in given.preload:
        engine.thread.submit(engine.library.base, slug).result()
    # A browser that goes away cancels its request, which frees its place at the model.
    web.run_app(
        application(engine),
        host=given.host,
        port=given.port,
        print=None,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=2.0,
    )


if __name__ == "__main__":
    main()
