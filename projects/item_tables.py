"""The table of items beside a log: taken in, read by the worker, its columns chosen, left out again."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from projects import mapping, queue, reading, reopening
from projects.choosing import Sought
from projects.datasets import Act
from projects.enumerating import listed
from projects.errors import UserError
from projects.formats import Reading
from projects.interactions import catalogue, flags
from projects.interactions.itemroles import ROLES
from projects.models import AuditEvent, Dataset, Upload
from projects.users import Doer

State = Dataset.State
NONE: dict[str, object] = {"items": None, "items_reading": {}, "items_mapping": {}, "items_guesses": {}}


def add(dataset: Dataset, upload: Upload, user: Doer, columns: dict[str, str] | None = None) -> Dataset:
    """Puts a whole file beside the log; a worker reads it. COLUMNS: role → column where it is known already."""
    there = upload.item_tables.first()
    if there is not None:
        return there
    if dataset.state == State.READY:
        return _beside_ready(dataset, upload, user)
    before = dataset.items
    with transaction.atomic():
        if not dataset.move(
            State.CHECKING, State.UPLOADED, **{**NONE, "items": upload, "items_mapping": columns or {}}
        ):
            raise reopening.too_late(dataset)
        AuditEvent.record(dataset.project.team, user, "dataset.items_added", upload.name, dataset=dataset.pk)
        queue.tell("read_dataset", dataset.pk)
    _forget(dataset, before)
    return dataset


def _beside_ready(dataset: Dataset, upload: Upload, user: Doer) -> Dataset:
    """Ready data stays as it is, so the log is read once more, with the table beside it."""
    if dataset.upload is None:
        raise UserError(_("The uploaded file is not there any more."), todo=_("Upload it again."))
    act = Act("dataset.items_added", target=upload.name)
    chosen: dict[str, object] = {"items": upload, "items_mapping": {}}
    return reopening.beside(dataset, dataset.upload, user, act, **chosen)


def map_columns(dataset: Dataset, user: Doer, columns: dict[str, str | None]) -> None:
    """Other columns for the roles of the table. The file is not read again."""
    fields = {"items_mapping": columns, "items_reading": {**dataset.items_reading, "fit": _fit(dataset, columns)}}
    if not Dataset.objects.filter(pk=dataset.pk, state=State.CHECKING).update(**fields):
        raise reopening.too_late(dataset)
    dataset.refresh_from_db()
    AuditEvent.record(dataset.project.team, user, "dataset.items_mapped", dataset.name, dataset=dataset.pk, **columns)


def remove(dataset: Dataset, user: Doer) -> None:
    """Goes on without the table."""
    before = dataset.items
    if not Dataset.objects.filter(pk=dataset.pk, state=State.CHECKING).update(**NONE):
        raise reopening.too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.items_removed", dataset.name, dataset=dataset.pk)
    dataset.refresh_from_db()
    _forget(dataset, before)


def read(dataset: Dataset, progress: Callable[..., None], examined: bool) -> dict[str, object]:
    """What the worker finds out about the table, as fields of the dataset. A table that cannot be used is put aside
    with the reason; the log stays as it is."""
    upload = dataset.items
    if upload is None or not upload.path.exists():
        return dict(NONE)
    try:
        found = _load(dataset, upload, progress)
    except UserError as error:
        return {**NONE, "items_reading": {"error": error.as_dict(), "name": upload.name}}
    if not examined:
        return {"items_reading": found.to_json() | {"read": str(upload.pk)}}
    guesses = catalogue.guess(dataset.items_file, dataset.rows_file, found)
    columns: dict[str, str | None] = {role: column for role, column in dataset.items_mapping.items() if column}
    for column in columns.values():
        if column not in found.names:
            return {
                **NONE,
                "items_reading": {"error": _no_column(str(column), found.names).as_dict(), "name": upload.name},
            }
    given = set(columns.values())
    for role, one in guesses.items():
        if role not in columns:
            columns[role] = None if one.column in given else one.column
    told = {
        role: {"reason": one.reason, "facts": one.facts, "column": one.column, "confidence": one.confidence}
        for role, one in guesses.items()
    }
    said = found.to_json() | {"read": str(upload.pk), "fit": _fit(dataset, columns)}
    return {"items_reading": said, "items_mapping": columns, "items_guesses": told}


def _fit(dataset: Dataset, columns: dict[str, str | None]) -> dict[str, int]:
    """How many items of the log the table knows, and how many only the table has."""
    if not columns.get("item"):
        return {}
    drop = flags.dropping(dataset.choices)
    return asdict(catalogue.fit(dataset.rows_file, dataset.items_file, columns, drop))


def _load(dataset: Dataset, upload: Upload, progress: Callable[..., None]) -> Reading:
    """The rows of the table in items.sqlite3; what is there already is not read again."""
    if dataset.items_file.exists() and dataset.items_reading.get("read") == str(upload.pk):
        return Reading.from_json(dataset.items_reading)
    part = dataset.folder / f"items-{secrets.token_hex(4)}.part"
    try:
        roles = [Sought.of(role) for role in ROLES]
        result = reading.read_guarded(upload.path, upload.name, {}, part, progress, roles=roles)
        os.replace(part, dataset.items_file)
    finally:
        part.unlink(missing_ok=True)
    return result.reading


def reason(dataset: Dataset, role: str) -> object:
    """Why a column of the table was guessed, in words."""
    guess, column = dataset.items_guesses.get(role) or {}, dataset.items_mapping.get(role)
    if not column and not next(one.required for one in ROLES if one.name == role):
        return _("Not needed.")
    if guess and guess.get("column") == column:
        return mapping.reason_sentence(mapping.Guess(column, 0, guess["reason"], guess["facts"]))
    return _("Chosen by you.") if column else ""


def _forget(dataset: Dataset, upload: Upload | None) -> None:
    """Removes a table that nothing needs any more."""
    if upload is None or upload.item_tables.exists() or upload.datasets.exists():
        return
    path = upload.path
    upload.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _no_column(column: str, names: list[str]) -> UserError:
    return UserError(
        _("The item table has no column “%(column)s”.") % {"column": column},
        _("Your log is stored."),
        _("Its columns are: %(names)s. Choose one of them.") % {"names": listed(names[:30])},
    )
