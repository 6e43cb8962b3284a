"""ZIP: tables packed together. Names that climb, archives inside and too many members are refused; nothing is
ever written under a name that stands in the archive."""

from __future__ import annotations

import zipfile

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Refusal, Sheet
from projects.source import Source

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
NESTED = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".jar")


def sniff(head: bytes, name: str) -> float:
    return 0.5 if head.startswith(MAGIC) else 0.0


def members(source: Source) -> list[Sheet]:
    try:
        with zipfile.ZipFile(source.path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refusal("cut_off") from error
    if len(infos) > source.limits.members:
        raise Refusal("too_many_members", count=len(infos), limit=source.limits.members)
    tables = [info for info in infos if not _ignored(info)]
    for info in infos:
        _check(info, source)
    if not tables:
        raise Refusal("empty_archive")
    return [Sheet(info.filename) for info in sorted(tables, key=lambda info: -info.file_size)]


def _ignored(info: zipfile.ZipInfo) -> bool:
    """Folders, and what operating systems add."""
    name = info.filename
    last = name.rsplit("/", 1)[-1]
    return info.is_dir() or name.startswith("__MACOSX/") or last.startswith(".") or not info.file_size


def _check(info: zipfile.ZipInfo, source: Source) -> None:
    name = info.orig_filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        raise Refusal("climbing_path", name=info.filename[:100])
    if info.flag_bits & 1:
        raise Refusal("password")
    if name.lower().endswith(NESTED):
        raise Refusal("nested_archive", name=info.filename[:100])
    limits = source.limits
    if info.file_size > limits.unpacked:
        raise Refusal("unpacks_too_big", limit=limits.unpacked)
    if info.file_size > limits.ratio_from and info.file_size > max(1, info.compress_size) * limits.ratio:
        raise Refusal("bomb", ratio=info.file_size // max(1, info.compress_size))


FORMAT = Format("zip", _("ZIP archive"), ("zip",), sniff, members=members, several=True, magic=MAGIC)
