"""Which tables this code was written for, and which the database has: processes of two versions may meet at one database."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

Numbers = dict[str, int]


def number(name: str) -> int:
    """Of a migration; a squashed one has the number of the last that it stands for."""
    return max(map(int, re.findall(r"\d{4}", name)), default=0)


@cache
def known() -> Numbers:
    """The last migration of each of our packages, as it lies on this process's disk."""
    last: Numbers = {}
    for config in apps.get_app_configs():
        if Path(config.path).parent != settings.BASE_DIR:
            continue
        files = (Path(config.path) / "migrations").glob("[0-9]*.py")
        last[config.label] = max((number(file.stem) for file in files), default=0)
    return last


@cache
def version() -> str:
    """The version of this process's code, and how many steps its tables have had: `1.2+31`. Both change with an update
    from a repository, where only the second may."""
    return f"{settings.VERSION}+{sum(known().values())}"


def mismatch() -> str:
    """ "older" or "newer" where this code is of another time than the database's tables, else nothing."""
    applied: Numbers = {}
    for label, name in MigrationRecorder(connection).applied_migrations():
        applied[label] = max(applied.get(label, 0), number(name))
    if any(applied.get(label, 0) > last for label, last in known().items()):
        return "older"
    return "newer" if any(applied.get(label, 0) < last for label, last in known().items()) else ""
