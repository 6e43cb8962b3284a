"""Everything on one machine under one command: web, worker, trainer, engine, with one log."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from studio.supervisor import lock, machine
from studio.supervisor.console import Console
from studio.supervisor.loop import Supervisor
from studio.supervisor.probe import Probe
from studio.supervisor.processes import Setup, plans

ENGINE_FILE = "engine_url"


class Command(BaseCommand):
    help = "Starts the whole studio on this machine and keeps it running until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the pages are served (8000)")
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines in (127.0.0.1)")

    def handle(self, *args: Any, port: int, host: str, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        address = f"http://{'localhost' if host in LOCAL else host}:{port}"
        with self._only_one(address):
            self._check_port(host, port)
            self._migrate()
            setup = Setup(host, port, engine_port(), tuple(machine.gpus()))
            try:
                self._supervise(setup, address)
            finally:
                (settings.HOME / ENGINE_FILE).unlink(missing_ok=True)

    def _supervise(self, setup: Setup, address: str) -> None:
        processes = plans(setup, environment(setup, address))
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        console = Console(settings.LOG_ROOT, [plan.name for plan in processes])
        welcome = [*self._welcome(address), f"The logs are in {settings.LOG_ROOT}. Ctrl-C stops everything."]
        probe = Probe(f"http://{knock_at(setup.host)}:{setup.port}", lambda text: console.line("studio", text), welcome)
        connections.close_all()
        try:
            Supervisor(processes, console).run(probe)
        finally:
            console.close()

    def _only_one(self, address: str) -> Any:
        try:
            return lock.hold(settings.HOME / "up.lock", address)
        except lock.AlreadyRunning as error:
            process, _, where = str(error).partition(" ")
            raise CommandError(
                f"Atelier already runs from {settings.HOME} (process {process}, {where}). Stop that one first, "
                "or set ATELIER_HOME to another folder to run a second one.",
                returncode=2,
            ) from error

    def _check_port(self, host: str, port: int) -> None:
        if not machine.is_free(host, port):
            raise CommandError(
                f"Port {port} is used by another program. Choose another one: make run PORT={port + 1}, "
                f"or python manage.py up --port {port + 1}",
                returncode=2,
            )

    def _migrate(self) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        except OperationalError as error:
            reason = str(error).strip()
            raise CommandError(
                f"The database cannot be reached: {reason}. Check DATABASE_URL.", returncode=2
            ) from error

    def _welcome(self, address: str) -> list[str]:
        if get_user_model()._default_manager.exists():
            return [f"Atelier is at {address}"]
        return [f"Atelier is at {address}", "Open it in your browser: the first visitor creates the owner's account."]


LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}  # noqa: S104  (compared with, not bound to)


def knock_at(host: str) -> str:
    """Where a server that listens at HOST is asked from this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def engine_port() -> int | None:
    """Where our engine listens; None when ENGINE_URL says that another one is used."""
    if os.environ.get("ENGINE_URL") or os.environ.get("ENGINE_URL_FILE"):
        return None
    return machine.free_port("127.0.0.1", urlsplit(settings.DEFAULT_ENGINE_URL).port or 8100)


def environment(setup: Setup, address: str) -> dict[str, str]:
    """What every process is told."""
    # PYTHONUNBUFFERED: a line is in the log when it is said. MALLOC_ARENA_MAX: threads do not each hoard memory.
    env = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", "TOKENIZERS_PARALLELISM": "false"}
    env["LOG_FORMAT"] = os.environ.get("LOG_FORMAT") or "%(levelname)s %(name)s: %(message)s"  # we print the time
    folders = {
        "ATELIER_HOME": settings.HOME,
        "ATELIER_DATA": settings.DATA_ROOT,
        "ATELIER_MODELS": settings.MODELS_ROOT,
    }
    env.update({name: str(folder) for name, folder in folders.items()})
    env["SITE_URL"] = os.environ.get("SITE_URL") or address
    if setup.engine_port is not None:
        url = f"http://127.0.0.1:{setup.engine_port}"
        env["ENGINE_URL"] = url
        # For commands in another terminal, when the usual port was taken.
        (settings.HOME / ENGINE_FILE).write_text(url, encoding="ascii")
    return {**env, **{name: os.environ[name] for name in os.environ if name.endswith("_NUM_THREADS")}}
