"""Publishes again what a lost message or a dead worker left behind: each package's `sweeping.sweep()`, now and then."""

from __future__ import annotations

import importlib
import logging
import time
from argparse import ArgumentParser
from collections.abc import Callable

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.module_loading import module_has_submodule

logger = logging.getLogger(__name__)


def sweepers() -> dict[str, Callable[[], int]]:
    """`sweep` of every installed package that has a module `sweeping`."""
    names = [app.name for app in apps.get_app_configs() if app.module and module_has_submodule(app.module, "sweeping")]
    return {name: importlib.import_module(f"{name}.sweeping").sweep for name in names}


def sweep_all() -> int:
    """One round. What goes wrong in one package is logged and does not stop the others."""
    found = 0
    for name, sweep in sweepers().items():
        try:
            found += sweep()
        except Exception:
            logger.exception("The sweep of %s failed; it is tried again in the next round", name)
    return found


class Command(BaseCommand):
    help = "Publishes waiting and abandoned work again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=0, help="seconds between two rounds; 0: one round only")

    def handle(self, *args: object, every: float, **options: object) -> None:
        while True:
            close_old_connections()
            found = sweep_all()
            if found:
                logger.info("%d waiting tasks published", found)
            if not every:
                return
            time.sleep(every)
