"""What a person decides about a dataset while it waits for the check: how it is read, which column is what, which
rows stay. Nothing here touches a dataset that is ready."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from projects import columns, contacts, contradictions, families, importing, queue, reopening
from projects.choices import Choices
from projects.columns import Played
from projects.errors import UserError
from projects.models import AuditEvent, Dataset, Upload
from projects.users import Doer

State = Dataset.State
KEPT_CHANGES = 50  # how far undo goes back


def read_again(dataset: Dataset, user: Doer, overrides: dict[str, object] | None = None) -> None:
    """Reads the file again, with the person's corrections."""
    fields: dict[str, object] = {"error": {}}
    if overrides is not None and overrides != dataset.overrides:
        fields |= {"overrides": overrides, "mapping": {}, "reading": {}}
    if not (
        dataset.move(State.CHECKING, State.UPLOADED, **fields) or dataset.move(State.REJECTED, State.UPLOADED, **fields)
    ):
        raise reopening.too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.read_again", dataset.name, dataset=dataset.pk)
    queue.tell("read_dataset", dataset.pk)


def map_columns(dataset: Dataset, user: Doer, mapping: dict[str, Played]) -> None:
    """Other columns for the roles; the rows are examined again, the file is not read again."""
    fields: dict[str, object] = {"mapping": mapping}
    if mapping.get("label") != dataset.mapping.get("label"):
        # What was decided about the labels of one column says nothing about another.
        fields["choices"] = {name: choice for name, choice in dataset.choices.items() if name != "labels"}
        fields["history"] = []
    if not dataset.move(State.CHECKING, State.UPLOADED, **fields):
        raise reopening.too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.mapped", dataset.name, dataset=dataset.pk, **mapping)
    queue.tell("read_dataset", dataset.pk)


def read_together(dataset: Dataset, user: Doer, role: str, wanted: bool) -> None:
    """Reads all the columns that say a part of a text, or only the one that says most of it."""
    guess = dataset.guesses.get(role) or {}
    maybe = list(guess.get("maybe", ()))
    if not maybe or not columns.of(dataset.mapping, role):
        raise UserError(_("There is no such choice."), todo=_("Reload the page and choose again."))
    held = columns.stored(maybe if wanted else [guess["column"]])
    if held != dataset.mapping.get(role):
        map_columns(dataset, user, {**dataset.mapping, role: held})


def choose(dataset: Dataset, user: Doer, flag: str, choice: str) -> None:
    """What happens to the rows with this flag."""
    family = families.of_project(dataset.project)
    if choice not in family.allowed(dataset, flag):
        raise UserError(_("There is no such choice."), todo=_("Reload the page and choose again."))
    if {**dataset.choices, **family.chosen(dataset.choices)}.get(flag) == choice:
        return
    change(dataset, {**dataset.choices, flag: choice}, [*dataset.history, dataset.choices][-KEPT_CHANGES:])
    AuditEvent.record(dataset.project.team, user, "dataset.choice", dataset.name, flag=flag, choice=choice)


def choose_value(dataset: Dataset, user: Doer, value: str, choice: str) -> None:
    """What happens to one number or address of the answers, or to all of them."""
    if dataset.state != State.CHECKING or not dataset.rows_file.exists():
        raise reopening.too_late(dataset)
    values = contacts.decided(dataset.rows_file, dataset.choices, value, choice)
    if values is None:
        raise UserError(_("There is no such choice."), todo=_("Reload the page and choose again."))
    if values == (dataset.choices.get(contacts.VALUES) or {}):
        return
    change(
        dataset,
        {**dataset.choices, contacts.VALUES: values},
        [*dataset.history, dataset.choices][-KEPT_CHANGES:],
    )
    # What is hidden does not go into the record.
    AuditEvent.record(dataset.project.team, user, "dataset.choice", dataset.name, flag=contacts.VALUES, choice=choice)


def choose_answer(dataset: Dataset, user: Doer, row: str, choice: str) -> None:
    """Which of the answers to a question stays: that of a row; "back" lets them contradict one another again."""
    family = families.of_project(dataset.project)
    # Under a lock, so that of two presses at once none is lost.
    with transaction.atomic():
        _hold(dataset)
        known = choice in ("keep", "back") and row.isdecimal() and len(row) <= 12
        pair = family.contradicting(dataset, int(row)) if known else None
        if pair is None:
            raise UserError(_("There is no such choice."), todo=_("Reload the page and choose again."))
        before = contradictions.decided(dataset.choices)
        kept = contradictions.settled(before, pair[0], pair[1] if choice == "keep" else None)
        if len(kept) > contradictions.MOST:
            raise UserError(
                _("More than %(most)d are settled by hand already.") % {"most": contradictions.MOST},
                _("They are all kept."),
                _("Decide about the others all at once."),
            )
        choices = {**dataset.choices, contradictions.KEPT: kept}
        if kept == dataset.choices.get(contradictions.KEPT, []):
            return
        change(dataset, choices, [*dataset.history, dataset.choices][-KEPT_CHANGES:])
        # What the row says does not go into the record.
        AuditEvent.record(
            dataset.project.team,
            user,
            "dataset.choice",
            dataset.name,
            flag="contradicting",
            choice=choice,
            row=int(row),
        )


def _hold(dataset: Dataset) -> None:
    """Locks the row and reads it as it is now."""
    dataset.refresh_from_db(from_queryset=Dataset.objects.select_for_update())
    if dataset.state != State.CHECKING or not dataset.rows_file.exists():
        raise reopening.too_late(dataset)


def undo(dataset: Dataset, user: Doer) -> None:
    """Takes the last choice back."""
    if not dataset.history:
        return
    change(dataset, dataset.history[-1], dataset.history[:-1])
    AuditEvent.record(dataset.project.team, user, "dataset.choice_undone", dataset.name, dataset=dataset.pk)


def accept(dataset: Dataset, user: Doer) -> None:
    """The person has looked: the examples may be written."""
    if dataset.state in (State.IMPORTING, State.READY):
        return  # the button was pressed twice
    missing = [role for role in dataset.project.case.roles if role.required and not dataset.mapping.get(role.name)]
    if missing:
        raise UserError(
            _("No column is chosen for “%(role)s”.") % {"role": missing[0].title},
            _("Your file is stored."),
            _("Choose the column that holds it."),
        )
    family = families.of_project(dataset.project)
    if not family.kept(dataset):
        raise importing.nothing_left()
    family.refuse(dataset)
    if not dataset.move(State.CHECKING, State.IMPORTING):
        raise reopening.too_late(dataset)
    AuditEvent.record(dataset.project.team, user, "dataset.accepted", dataset.name, dataset=dataset.pk)
    queue.tell("import_dataset", dataset.pk)


def used(dataset: Dataset) -> bool:
    """Whether something was trained with it or tested on it, so that it has to stay."""
    project = dataset.project
    return project.runs.filter(dataset=dataset).exists() or project.runs.filter(test_dataset=dataset).exists()


def delete(dataset: Dataset, user: Doer) -> None:
    """Removes the dataset, its rows and its file. What a model was trained with stays."""
    if used(dataset):
        raise UserError(
            _("A model was trained with this data, so it stays."),
            _("Nothing was deleted."),
            _("Add new data instead. The newest data is offered for the next training."),
            status=409,
        )
    with transaction.atomic():
        AuditEvent.record(dataset.project.team, user, "dataset.deleted", dataset.name, dataset=dataset.pk)
        take_away(dataset)


def take_away(dataset: Dataset) -> None:
    """Removes a dataset with its files, in the caller's transaction; the caller says so in the record."""
    folder, uploads = dataset.folder, [one for one in (dataset.upload, dataset.items) if one]
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


def change(dataset: Dataset, choices: Choices, history: Sequence[Choices]) -> None:
    """Other choices, with the earlier ones for undo."""
    family = families.of_project(dataset.project)
    if family.looks_again(dataset.choices, choices):
        if not dataset.move(State.CHECKING, State.UPLOADED, choices=choices, history=history):
            raise reopening.too_late(dataset)
        queue.tell("read_dataset", dataset.pk)
        return
    held = Dataset.objects.filter(pk=dataset.pk, state=State.CHECKING)
    if not held.update(choices=choices, history=history):
        raise reopening.too_late(dataset)
    before, dataset.choices, dataset.history = dataset.choices, choices, history
    if any(before.get(name) != choices.get(name) for name in ("labels", contradictions.KEPT)):
        family.settle(dataset)
