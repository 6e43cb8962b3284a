"""Everything on one machine under one command: web, worker, trainer, engine, with one log."""

from __future__ import annotations

import os
import secrets
import socket
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from projects.errors import disk_full
from studio import private, running, setup_code
from studio.supervisor import lock, machine
from studio.supervisor.console import Console
from studio.supervisor.loop import Supervisor
from studio.supervisor.probe import Probe
from studio.supervisor.processes import Setup, plans
from studio.supervisor.watch import Watch


class Command(BaseCommand):
    help = "Starts the whole studio on this machine and keeps it running until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the pages are served (8000)")
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines in (127.0.0.1)")

    def handle(self, *args: object, port: int, host: str, **options: object) -> None:
        os.chdir(settings.BASE_DIR)
        address = f"http://{'localhost' if host in LOCAL else host}:{port}"
        with self._only_one(address):
            self._check_port(host, port)
            self.stdout.write("Starting. The first time, and on a busy machine, this takes a minute or more.")
            self.stdout.flush()
            self._migrate()
            private.mend(settings.HOME, settings.DATA_ROOT, leave=settings.MODELS_ROOT)
            setup = Setup(host, port, engine_socket(), tuple(machine.gpus()))
            try:
                self._supervise(setup, address)
            finally:
                running.forget(settings.HOME)

    def _supervise(self, setup: Setup, address: str) -> None:
        processes = plans(setup, environment(setup, address))
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        console = Console(settings.LOG_ROOT, [plan.name for plan in processes])
        welcome = [*self._welcome(address), f"The logs are in {settings.LOG_ROOT}. Ctrl-C stops everything."]
        probe = Probe(f"http://{knock_at(setup.host)}:{setup.port}", lambda text: console.line("studio", text), welcome)
        connections.close_all()
        try:
            supervisor = Supervisor(processes, console)
            web = next(child for child in supervisor.children if child.name == "web")
            watch = Watch(web, knock_at(setup.host), setup.port, lambda text: console.line("studio", text))
            supervisor.run(probe, watch)
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
            if disk_full(error):
                raise full() from error
            reason = str(error).strip()
            raise CommandError(
                f"The database cannot be reached: {reason}. Check DATABASE_URL.", returncode=2
            ) from error

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except OSError as error:
            if disk_full(error):
                raise full() from error
            raise

    def _welcome(self, address: str) -> list[str]:
        if get_user_model()._default_manager.exists():
            return [f"Atelier is at {address}"]
        return [
            f"Atelier is at {address}",
            "Open it in your browser: the first visitor creates the owner's account.",
            f"From another machine, or through a proxy, it asks for this code: {setup_code.code()}",
        ]


def full() -> CommandError:
    return CommandError(
        f"The disk with {settings.HOME} is full. What is stored there is safe. Make some room and start again.",
        returncode=2,
    )


LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}  # noqa: S104  (compared with, not bound to)


def knock_at(host: str) -> str:
    """Where a server that listens at HOST is asked from this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def engine_socket() -> socket.socket | None:
    """Where our engine listens; None when ENGINE_URL says that another one is used."""
    if os.environ.get("ENGINE_URL") or os.environ.get("ENGINE_URL_FILE"):
        return None
    return machine.held_port("127.0.0.1", urlsplit(settings.DEFAULT_ENGINE_URL).port or 8100)


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
    site = os.environ.get("SITE_URL") or address  # noted, not set: only an owner's own choice limits the host names
    about = running.Running(str(settings.HOME), os.getpid(), site)
    if setup.engine is not None:
        url = f"http://127.0.0.1:{setup.engine.getsockname()[1]}"
        token = os.environ.get("ENGINE_TOKEN") or secrets.token_urlsafe(32)
        env |= {"ENGINE_URL": url, "ENGINE_TOKEN": token, "STUDIO_ID": settings.STUDIO_ID}
        about = replace(about, engine_url=url, engine_token=token)
    running.note(settings.HOME, about)
    return {**env, **{name: os.environ[name] for name in os.environ if name.endswith("_NUM_THREADS")}}
