"""Takes files in, piece by piece. Any break can go on, and the person's file name never becomes a path."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from projects import item_tables, users
from projects.datasets import create_dataset
from projects.errors import UserError
from projects.models import Dataset, Project, Upload
from projects.users import Doer
from projects.whole import LARGEST

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ROOM = 6  # a file, its rows, its examples, and what lies beside them while it is read: orders 6, questions 4 times its size


FULL = (errno.ENOSPC, errno.EDQUOT)  # what an OSError says where the disk is full; all else is another mistake


class WrongOffset(Exception):
    """The chunk does not start where the file ends. `received` says where it does."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def clean_name(name: str) -> str:
    """The last part of the name, for showing only."""
    last = CONTROL.sub("", name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].strip()
    return last[-255:] or _("Unnamed file")


def check_size(size: int) -> None:
    if size < 0:
        raise UserError(_("The size of the file is missing."), todo=_("Choose the file again."))
    if size == 0:
        raise UserError(
            _("The file is empty."), _("Nothing was stored."), _("Open the file, check that it has rows, and save it.")
        )
    if size > settings.UPLOAD_LIMIT:
        raise UserError(
            _("The file has %(size)s. The limit is %(limit)s.")
            % {"size": filesizeformat(min(size, LARGEST)), "limit": filesizeformat(settings.UPLOAD_LIMIT)},
            _("Nothing was stored."),
            _("Split the file into parts, or leave out columns that are not needed."),
            status=413,
        )
    if size * ROOM > shutil.disk_usage(_folder()).free:
        raise no_room()


def no_room() -> UserError:
    return UserError(
        _("The disk of the studio has no room left for this file."),
        _("What was there before is untouched."),
        _("Delete datasets that are not needed, or ask whoever runs the studio for more room."),
        status=413,  # not 5xx: trying again by itself would not help
    )


def start(project: Project, user: Doer, name: str, size: int, items_for: Dataset | None = None) -> Upload:
    """A new upload, or the one that this person began with the same file and did not finish. With ITEMS_FOR it is the
    table of items of that dataset."""
    check_size(size)
    name = clean_name(name)
    left = Upload.objects.filter(
        project=project, created_by=users.key(user), received__lt=F("size"), items_for=items_for
    )
    begun = left.filter(name=name, size=size).order_by("-created").first()
    if begun is None:
        return Upload.objects.create(
            project=project, created_by_id=users.key(user), name=name, size=size, items_for=items_for
        )
    there = begun.path.stat().st_size if begun.path.exists() else 0
    if there < begun.received:
        Upload.objects.filter(pk=begun.pk, received=begun.received).update(received=there)
        begun.refresh_from_db()
    return begun


def unfinished(project: Project, user: Doer) -> QuerySet[Upload]:
    """Uploads of this person that broke off, the newest first."""
    mine = Upload.objects.filter(project=project, created_by=users.key(user), received__lt=F("size"), items_for=None)
    return mine.order_by("-created")


def append(upload: Upload, offset: int, chunk: bytes, user: Doer) -> Dataset | None:
    """Puts the chunk at its place. The dataset once the file is whole, else None."""
    if offset + len(chunk) > upload.size:
        raise UserError(_("The file grew while it was being sent."), todo=_("Choose the file again."))
    # The conditional UPDATE holds the row until the bytes lie in the file: a second tab waits, finds 0 rows and
    # is told where to go on; a process that dies in between leaves the row as it was.
    with transaction.atomic():
        row = Upload.objects.filter(pk=upload.pk, received=offset)
        if not row.update(received=offset + len(chunk)):
            upload.refresh_from_db()
            raise WrongOffset(upload.received)
        _write(upload.path, offset, chunk)
        upload.received = offset + len(chunk)
        return dataset_of(upload, user) if upload.complete else None


def dataset_of(upload: Upload, user: Doer) -> Dataset:
    """The dataset of a whole upload; made once however often it is asked for."""
    if upload.items_for is not None:
        return item_tables.add(upload.items_for, upload, user)
    return upload.datasets.first() or create_dataset(upload.project, upload, user)


def store(project: Project, user: Doer, name: str, chunks: Iterable[bytes]) -> Upload:
    """A whole file at once: a plain form, pasted rows, a sample, a file on this machine."""
    upload = Upload(project=project, created_by_id=users.key(user), name=clean_name(name), size=0)
    part = _folder() / f"{upload.pk}.part"  # the sweep removes it where this process is ended in between
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                if file.tell() + len(chunk) > settings.UPLOAD_LIMIT:
                    check_size(file.tell() + len(chunk))
                file.write(chunk)
            upload.size = upload.received = file.tell()
        check_size(upload.size)
        part.replace(upload.path)
        upload.save()
    except BaseException as error:
        part.unlink(missing_ok=True)
        upload.path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in FULL:
            raise no_room() from error
        raise
    return upload


def forget(upload: Upload) -> None:
    """Takes back an upload that nothing was made of."""
    Upload.objects.filter(pk=upload.pk).delete()
    upload.path.unlink(missing_ok=True)


def store_file(project: Project, user: Doer, name: str, path: Path) -> Upload:
    with path.open("rb") as file:
        return store(project, user, name, iter(lambda: file.read(settings.UPLOAD_CHUNK), b""))


def _folder() -> Path:
    folder = Path(settings.DATA_ROOT) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, offset: int, chunk: bytes) -> None:
    _folder()
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            done = 0
            while done < len(chunk):
                done += os.pwrite(file, chunk[done:], offset + done)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno in FULL:
            raise no_room() from error
        raise
