"""People correct the labels of a ready dataset: kept beside it, and put into the next one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

from django.utils.translation import gettext as _

from projects import users
from projects.errors import UserError
from projects.labels.names import tidy
from projects.labels.suggesting import SIGNS
from projects.models import AuditEvent, Dataset, Relabel
from projects.quality import key
from projects.users import Doer

FILES = ("train", "validation", "test", "unlabelled")


def relabel(dataset: Dataset, example_id: str, labels: Sequence[str], user: Doer) -> Relabel:
    """What the labels of an example should be; said again, the last word counts. The dataset stays as it is.

    Raises UserError without a label, with several where rows have one, and for an example that is not there."""
    wanted = list(dict.fromkeys(name for label in labels if (name := tidy(label))))
    if not wanted:
        raise UserError(_("No label was chosen."), _("Nothing was changed."), _("Choose a label."))
    if len(wanted) > 1 and not facts(dataset.folder).get("multi"):
        raise UserError(_("A text of this data has one label."), _("Nothing was changed."), _("Choose one label."))
    if not any(one["id"] == example_id for one in examples(dataset.folder)):
        raise UserError(
            _("This text is not in the data."),
            _("Nothing was changed."),
            _("Reload the page and try again."),
            status=404,
        )
    before = Relabel.objects.filter(dataset=dataset, example_id=example_id).first()
    found, _made = Relabel.objects.update_or_create(
        dataset=dataset, example_id=example_id, defaults={"labels": wanted, "user_id": users.key(user)}
    )
    if before is None or before.labels != wanted:  # said again, it is no other act
        AuditEvent.record(
            dataset.project.team, user, "dataset.relabelled", dataset.name, dataset=dataset.pk, example=example_id
        )
    return found


def undo_relabel(dataset: Dataset, example_id: str, user: Doer) -> bool:
    """The example has its old labels again; False where they had not been changed."""
    gone, _kinds = Relabel.objects.filter(dataset=dataset, example_id=example_id).delete()
    if gone:
        AuditEvent.record(
            dataset.project.team, user, "dataset.relabel_undone", dataset.name, dataset=dataset.pk, example=example_id
        )
    return bool(gone)


class Example(TypedDict):
    """A line of a ready dataset, as far as labels go."""

    id: str
    row: int
    text: str
    labels: NotRequired[list[str]]


class Facts(TypedDict, total=False):
    """dataset.json of a ready dataset, as far as labels go."""

    multi: bool
    labels: dict[str, int]


def relabelled(dataset: Dataset) -> dict[str, list[str]]:
    """Example → its corrected labels."""
    return dict(Relabel.objects.filter(dataset=dataset).values_list("example_id", "labels"))


def facts(folder: Path) -> Facts:
    """dataset.json of a ready dataset; empty where it has none."""
    path = folder / "dataset.json"
    found: Facts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def examples(folder: Path) -> Iterator[Example]:
    """Every example of a ready dataset; those without a label have no "labels"."""
    for name in FILES:
        path = folder / f"{name}.jsonl"
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)


def sign_for(labels: Sequence[str]) -> str:
    """A sign that can stand between these labels because none of them has it."""
    used = "".join(labels)
    return next((sign for sign in (*SIGNS, "\u241f") if sign not in used), "\u241e")


def corrected(
    folder: Path, changes: Mapping[str, Sequence[str]], extra: Sequence[tuple[str, Sequence[str]]], sign: str
) -> Iterator[bytes]:
    """A file (JSON Lines: text, label) of the examples with other labels and with EXTRA texts.

    A corrected or extra text replaces every row with the same text, so that no old label stays beside the new one."""
    right = {key(text): (text, list(labels)) for text, labels in extra}
    for one in examples(folder):
        if one["id"] in changes:
            right.setdefault(key(one["text"]), (one["text"], list(changes[one["id"]])))
    for _row, text, labels in sorted((one["row"], one["text"], one.get("labels", [])) for one in examples(folder)):
        if key(text) not in right:
            yield _line(text, labels, sign)
    for text, labels in right.values():
        yield _line(text, labels, sign)


def _line(text: str, labels: Sequence[str], sign: str) -> bytes:
    said = {"text": text, "label": sign.join(labels) if sign else "".join(labels[:1])}
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"
