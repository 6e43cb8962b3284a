"""Starts the engine: `python -m endpoints.engine --port 8100`. It needs no Django; its settings are the environment's."""

from __future__ import annotations

import argparse
import logging
import os
import socket
from pathlib import Path
from typing import Any

from endpoints.engine import knobs
from projects.loglines import Line

# Waiting computing threads sleep. By default they spin, and beside a training on the same cores one token then takes
# a second or two instead of a twentieth. It must be said before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def arguments() -> argparse.Namespace:
    home = Path(os.environ.get("ATELIER_HOME") or "var")
    parser = argparse.ArgumentParser(prog="endpoints.engine", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback by default: the engine is for the studio only")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--fd", type=int, help="listen at this socket, which the starter bound, instead of a port")
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("ATELIER_MODELS") or home / "models"))
    data = Path(os.environ.get("ATELIER_DATA") or home / "data")
    parser.add_argument("--adapters", type=Path, nargs="*", default=[data], help="folders that adapters may come from")
    parser.add_argument("--preload", nargs="*", default=[], help="base models to load before the first request")
    for name, (usual, text) in knobs.NUMBERS.items():
        flag = name.removeprefix("ENGINE_").replace("_", "-").lower()
        parser.add_argument(f"--{flag}", type=int, default=number(name, usual), help=text)
    return parser.parse_args()


def setting(name: str) -> str:
    """NAME of the environment, or what stands in the file that NAME_FILE points to."""
    file = os.environ.get(f"{name}_FILE")
    try:
        return Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get(name, "").strip()
    except OSError as error:
        raise SystemExit(f"{name}_FILE={file} cannot be read ({error.strerror}). Check the path.") from error


def number(name: str, usual: int) -> int:
    given = setting(name)
    if given and not (given.isascii() and given.isdigit() and int(given) > 0):
        raise SystemExit(f"Unexpected value {name}={given}. Use a whole number above 0, such as {usual}.")
    return int(given or usual)


def check_device() -> None:
    """A card that was asked for and is not there is said at the start, not found out by how slow it is."""
    asked = setting("ATELIER_DEVICE")
    if asked and not knobs.DEVICE.fullmatch(asked):
        raise SystemExit(f"Unexpected value ATELIER_DEVICE={asked[:80]!r}. Use cpu, cuda or cuda:1, or leave it empty.")
    if asked.startswith("cuda"):
        import torch

        if not torch.cuda.is_available():
            raise SystemExit(f"ATELIER_DEVICE={asked}, but there is no such card here. Use cpu, or leave it empty.")


def main() -> None:
    given = arguments()
    check_device()
    level = setting("LOG_LEVEL") or "INFO"
    if level not in logging.getLevelNamesMapping():
        raise SystemExit(f"Unexpected value LOG_LEVEL={level}. Use DEBUG, INFO, WARNING or ERROR.")

    # The libraries of learning take seconds to load: what is wrong with the settings is said before.
    from aiohttp import web

    from endpoints.engine.library import Library, Shelf
    from endpoints.engine.scheduler import Scheduler
    from endpoints.engine.server import Engine, application

    logging.basicConfig(level=level)
    logging.getLogger().handlers[0].setFormatter(Line("%(levelname)s %(name)s: %(message)s"))
    library = Library(Shelf(given.models, tuple(given.adapters), given.most_adapters, given.context))
    for slug in given.preload:
        library.base(slug)
    scheduler = Scheduler(given.slots, given.queue, given.per_client)
    engine = Engine(
        library,
        setting("ENGINE_TOKEN"),
        setting("STUDIO_ID"),
        frozenset(name.strip().lower() for name in setting("ENGINE_HOSTS").split(",")),
        scheduler=scheduler,
        most_models=given.most_models,
    )
    place: dict[str, Any] = {"host": given.host, "port": given.port}
    if given.fd is not None:
        place = {"sock": socket.socket(fileno=given.fd)}
    # A browser that goes away cancels its request, which frees its place at the model.
    web.run_app(
        application(engine),
        **place,
        print=None,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=2.0,
    )


if __name__ == "__main__":
    main()
