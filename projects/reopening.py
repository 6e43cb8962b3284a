"""The check of a file once more, after its data was used: with the choices as they are, as a set beside the one there is.

What is ready never changes, so nothing has to be taken back: models, corrections and edits of single rows stay with the
set in which they were made."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext as _

from projects.datasets import Act, create_dataset
from projects.errors import UserError
from projects.models import Dataset, Upload
from projects.users import Doer

State = Dataset.State
OPEN = (State.UPLOADED, State.READING, State.CHECKING)
KEPT = (
    "mapping", "overrides", "choices", "history", "pinned", "items", "items_mapping", "tested_by",
)  # fmt: skip
"""What of a set is still true when its file is read once more."""
MOST_BEFORE = 50
NUMBERED = re.compile(r" \(\d{1,4}\)$")


def reopened(dataset: Dataset, user: Doer) -> Dataset:
    """A new set of the same file that waits for its check; the one that waits already where there is one."""
    with transaction.atomic():
        Dataset.objects.select_for_update().get(pk=dataset.pk)  # two presses at once come here one by one
        if waiting := waits(dataset):
            return waiting
        if not readable(dataset) or dataset.upload is None:
            raise UserError(
                _("The file of this data is not kept any more."),
                _("The data itself stays as it is."),
                _("Add the file again to read it another way."),
                status=409,
            )
        return beside(dataset, dataset.upload, user, Act("dataset.reopened"))


def beside(dataset: Dataset, upload: Upload, user: Doer, act: Act, **other: object) -> Dataset:
    """A set of the same file with the choices of DATASET, or with OTHER ones."""
    same = {name: getattr(dataset, name) for name in KEPT} | other
    return create_dataset(dataset.project, upload, user, [dataset], act, name=_numbered(dataset), **same)


def readable(dataset: Dataset) -> bool:
    """Whether the check of a set can be opened again."""
    kept = dataset.upload is not None and dataset.upload.path.exists()
    return dataset.state == State.READY and dataset.purpose != "test" and kept


def waits(dataset: Dataset) -> Dataset | None:
    """The check of a set that was opened again and waits for a person."""
    again = dataset.project.datasets.filter(made_of=dataset, upload=dataset.upload_id, state__in=OPEN, accepted=False)
    return again.first()


def before(dataset: Dataset) -> Dataset | None:
    """The set whose file is read once more by this one."""
    return dataset.made_of.filter(upload=dataset.upload_id).first() if dataset.upload_id else None


def brought(dataset: Dataset) -> list[Dataset]:
    """The sets of the files as somebody brought them, where the rows of this one were put together in the studio."""
    seen, open_ones, found = {dataset.pk}, list(dataset.made_of.all()), []
    while open_ones and len(seen) < MOST_BEFORE:
        one = open_ones.pop(0)
        if one.pk in seen:
            continue
        seen.add(one.pk)
        earlier = list(one.made_of.exclude(upload=one.upload_id))
        if not earlier and one.upload_id != dataset.upload_id and readable(one):
            found.append(one)
        open_ones += earlier
    return found


def too_late(dataset: Dataset) -> UserError:
    """Why a choice cannot be made now, and where it can be."""
    dataset.refresh_from_db()
    if dataset.state == State.READY:
        return UserError(
            _("This data is ready and used as it is, so its choices do not change any more."),
            _("Nothing was lost."),
            _("Choose “Read the file another way” on its page. Its check opens again beside it.")
            if readable(dataset)
            else _("Add the file again to read it another way."),
            status=409,
        )
    return UserError(
        _("This data is being worked on, so it does not change now."),
        _("Nothing was lost."),
        _("Reload the page to see where it is."),
        status=409,
    )


def _numbered(dataset: Dataset) -> str:
    """Its name with a number that no set of the project has."""
    # A number that was given here goes; that of a year, say, is the team's own.
    plain = (NUMBERED.sub("", dataset.name) if before(dataset) else dataset.name)[:240]
    taken, number = set(dataset.project.datasets.values_list("name", flat=True)), 2
    while f"{plain} ({number})" in taken:
        number += 1
    return f"{plain} ({number})"
