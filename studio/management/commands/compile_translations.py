"""Compiles the message catalogues. Written in Python, so that no machine needs the gettext tools."""

from __future__ import annotations

import os
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


def compiled(source: Path) -> bool:
    """Writes the .mo beside a .po that is newer; whether there was something to do."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    fresh = target.with_suffix(f".{os.getpid()}.tmp")
    polib.pofile(str(source)).save_as_mofile(str(fresh))
    fresh.chmod(0o644)  # no secret, and in an image another user reads it
    fresh.replace(target)
    return True


class Command(BaseCommand):
    help = "Compiles the message catalogues that changed."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        for root in settings.LOCALE_PATHS:
            for source in sorted(Path(root).glob("*/LC_MESSAGES/*.po")):
                if compiled(source):
                    self.stdout.write(f"Translations compiled: {source.parent.parent.name}")
