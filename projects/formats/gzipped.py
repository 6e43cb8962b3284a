"""Gzip: one packed file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Sheet
from projects.source import Source


def sniff(head: bytes, name: str) -> float:
    return 1.0 if head.startswith(b"\x1f\x8b") else 0.0


def members(source: Source) -> list[Sheet]:
    name = source.name
    return [Sheet(name[:-3] if name.lower().endswith(".gz") else name)]


FORMAT = Format("gzip", _("Gzip archive"), ("gz",), sniff, members=members)
