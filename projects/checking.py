"""What a person decides about a dataset while it waits for the check: how it is read, which column is what, which
rows stay. Nothing here touches a dataset that is ready."""

from __future__ import annotations

import shutil
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from projects import families, importing
from projects.errors import UserError
from projects.models import AuditEvent, Dataset, Upload

State = Dataset.State
KEPT_CHANGES = 50  # how far undo goes back


def read_again(dataset: Dataset, user: Any, overrides: dict[str, Any] | None = None) -> None:
    """Reads the file again, with the person's corrections."""
    from projects import tasks

    fields: dict[str, Any] = {"error": {}}
    if overrides is not None and overrides != dataset.overrides:
        fields |= {"overrides": overrides, "mapping": {}, "reading": {}}
    if not (
        dataset.move(State.CHECKING, State.UPLOADED, **fields) or dataset.move(State.REJECTED, State.UPLOADED, **fields)
    ):
        raise _too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.read_again", dataset.name, dataset=dataset.pk)
    tasks.read_dataset.delay_on_commit(dataset.pk)


def map_columns(dataset: Dataset, user: Any, mapping: dict[str, str | None]) -> None:
    """Other columns for the roles; the rows are examined again, the file is not read again."""
    from projects import tasks

    fields: dict[str, Any] = {"mapping": mapping}
    if mapping.get("label") != dataset.mapping.get("label"):
        # What was decided about the labels of one column says nothing about another.
        fields["choices"] = {name: choice for name, choice in dataset.choices.items() if name != "labels"}
        fields["history"] = []
    if not dataset.move(State.CHECKING, State.UPLOADED, **fields):
        raise _too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.mapped", dataset.name, dataset=dataset.pk, **mapping)
    tasks.read_dataset.delay_on_commit(dataset.pk)


def choose(dataset: Dataset, user: Any, flag: str, choice: str) -> None:
    """What happens to the rows with this flag."""
    family = families.of(dataset.project.case.family)
    if choice not in family.allowed(dataset, flag):
        raise UserError(_("There is no such choice."), todo=_("Reload the page and choose again."))
    if {**dataset.choices, **family.chosen(dataset.choices)}.get(flag) == choice:
        return
    change(dataset, {**dataset.choices, flag: choice}, [*dataset.history, dataset.choices][-KEPT_CHANGES:])
    AuditEvent.record(dataset.project.team, user, "dataset.choice", dataset.name, flag=flag, choice=choice)


def undo(dataset: Dataset, user: Any) -> None:
    """Takes the last choice back."""
    if not dataset.history:
        return
    change(dataset, dataset.history[-1], dataset.history[:-1])
    AuditEvent.record(dataset.project.team, user, "dataset.choice_undone", dataset.name, dataset=dataset.pk)


def accept(dataset: Dataset, user: Any) -> None:
    """The person has looked: the examples may be written."""
    from projects import tasks

    if dataset.state in (State.IMPORTING, State.READY):
        return  # the button was pressed twice
    missing = [role for role in dataset.project.case.roles if role.required and not dataset.mapping.get(role.name)]
    if missing:
        raise UserError(
            _("No column is chosen for “%(role)s”.") % {"role": missing[0].title},
            _("Your file is stored."),
            _("Choose the column that holds it."),
        )
    family = families.of(dataset.project.case.family)
    if not family.kept(dataset):
        raise importing.nothing_left()
    family.refuse(dataset)
    if not dataset.move(State.CHECKING, State.IMPORTING):
        raise _too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.accepted", dataset.name, dataset=dataset.pk)
    tasks.import_dataset.delay_on_commit(dataset.pk)


def used(dataset: Dataset) -> bool:
    """Whether something was trained with it or tested on it, so that it has to stay."""
    project = dataset.project
    return project.runs.filter(dataset=dataset).exists() or project.runs.filter(test_dataset=dataset).exists()


def delete(dataset: Dataset, user: Any) -> None:
    """Removes the dataset, its rows and its file. What a model was trained with stays."""
    if used(dataset):
        raise UserError(
            _("A model was trained with this data, so it stays."),
            _("Nothing was deleted."),
            _("Add new data instead. The newest data is offered for the next training."),
            status=409,
        )
    folder, uploads = dataset.folder, [one for one in (dataset.upload, dataset.items) if one]
    with transaction.atomic():
        AuditEvent.record(dataset.project.team, user, "dataset.deleted", dataset.name, dataset=dataset.pk)
        # A half-sent table of items would go with the dataset; its file has to go too.
        uploads += [one for one in dataset.item_uploads.all() if one not in uploads]
        Upload.objects.filter(items_for=dataset).update(items_for=None)
        dataset.delete()
        left = [one for one in uploads if not one.datasets.exists() and not one.item_tables.exists()]
        paths = [one.path for one in left]
        for one in left:
            one.delete()

    def sweep() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(sweep)


def change(dataset: Dataset, choices: dict[str, Any], history: list[dict[str, Any]]) -> None:
    """Other choices, with the earlier ones for undo."""
    from projects import tasks

    family = families.of(dataset.project.case.family)
    if family.looks_again(dataset.choices, choices):
        if not dataset.move(State.CHECKING, State.UPLOADED, choices=choices, history=history):
            raise _too_late(dataset)
        tasks.read_dataset.delay_on_commit(dataset.pk)
        return
    held = Dataset.objects.filter(pk=dataset.pk, state=State.CHECKING)
    if not held.update(choices=choices, history=history):
        raise _too_late(dataset)
    before, dataset.choices, dataset.history = dataset.choices, choices, history
    if before.get("labels") != choices.get("labels"):
        family.settle(dataset)


def _too_late(dataset: Dataset) -> UserError:
    dataset.refresh_from_db()
    return UserError(
        _("This data is being worked on or is ready already, so it does not change any more."),
        _("Nothing was lost."),
        _("Reload the page to see where it is."),
        status=409,
    )
