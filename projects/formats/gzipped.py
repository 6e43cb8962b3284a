"""Gzip: one packed file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Sheet
from projects.source import Source

MAGIC = b"\x1f\x8b"


def sniff(head: bytes, name: str) -> float:
    return 1.0 if head.startswith(MAGIC) else 0.0


def members(source: Source) -> list[Sheet]:
    """The file inside; the first megabytes are unpacked at once, so that a bomb is known before rows are read."""
    name = source.name
    with source.inside("gzip", "", name).open() as stream:
        left = source.limits.ratio_from + 1
        while left > 0 and (data := stream.read(1 << 18)):
            left -= len(data)
    return [Sheet(name[:-3] if name.lower().endswith(".gz") else name)]


FORMAT = Format("gzip", _("Gzip archive"), ("gz",), sniff, members=members, magic=(MAGIC,))
