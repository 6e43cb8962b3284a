"""From a file to examples: read and checked by a worker, looked at by a person, written down by a worker.

Each step claims its row first, does its work in files of its own, and hands the row over only while it still holds it.
So a step that is killed and done again leaves nothing doubled."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import families, item_tables, mapping, reading
from projects.errors import UserError, reference
from projects.formats import Reading
from projects.models import AuditEvent, Dataset, Project, Upload
from projects.refusals import ReadingError, explain

logger = logging.getLogger(__name__)
ATTEMPTS = 3  # a file that takes its reader down this often is refused
State = Dataset.State
ROLES = ("text", "label")  # the columns of a file of labelled texts that the studio writes itself


class Taken(Exception):
    """Somebody else has the row now, or it is gone."""


class Heart:
    """Says every second that the worker lives and how far it is."""

    def __init__(self, dataset: Dataset, worker: str) -> None:
        self.dataset, self.worker = dataset, worker
        self.started = time.time()
        self.last = 0.0

    def beat(self, progress: float, **fields: Any) -> None:
        if not self.dataset.beat(self.worker, progress, **fields):
            raise Taken
        self.last = time.monotonic()

    def part(self, begin: float, end: float) -> Callable[..., None]:
        """A progress callback for the part of the work between two shares of the whole."""

        def progress(share: float, rows: int = 0) -> None:
            if time.monotonic() - self.last >= 1:
                self.beat(begin + (end - begin) * share, counts={"rows": rows, "started": self.started})

        return progress


def create_dataset(project: Project, upload: Upload, user: Any, **given: Any) -> Dataset:
    """A dataset to be read, and the word to a worker. GIVEN: fields of the row such as mapping, purpose, choices."""
    from projects import tasks

    given.setdefault("name", upload.name)
    dataset = Dataset.objects.create(project=project, upload=upload, created_by=user, **given)
    AuditEvent.record(project.team, user, "dataset.added", dataset.name, dataset=dataset.pk, bytes=upload.size)
    tasks.read_dataset.delay_on_commit(dataset.pk)
    return dataset


def read(dataset: Dataset, worker: str = "") -> bool:
    """What the file is, its rows, a guess for the columns, the quality report. False when somebody else is at it."""
    worker = worker or worker_name()
    dataset.move(State.UPLOADED, State.READING)
    if not dataset.claim(State.READING, worker):
        return False
    with _refusing(dataset, worker):
        _read(dataset, Heart(dataset, worker))
    if dataset.accepted and dataset.state == State.CHECKING:
        finish(dataset, worker)
    return True


def finish(dataset: Dataset, worker: str = "") -> bool:
    """Writes the examples down and makes the dataset ready. False when somebody else is at it."""
    worker = worker or worker_name()
    dataset.move(State.CHECKING, State.IMPORTING)
    if not dataset.claim(State.IMPORTING, worker):
        return False
    with _refusing(dataset, worker):
        _finish(dataset, Heart(dataset, worker))
    return True


def dataset_from_corrections(project: Project, pairs: Sequence[tuple[str, str]], user: Any) -> Dataset:
    """A new dataset: the newest ready one with the corrected answers. It is read and made ready by itself."""
    source = project.datasets.filter(state=State.READY, purpose="all").first()
    if source is None or not pairs:
        raise UserError(
            _("There is nothing to put the corrections into."), todo=_("Add data to the project first."), status=409
        )
    from projects import uploading

    name = ngettext("%(name)s with %(n)d correction", "%(name)s with %(n)d corrections", len(pairs)) % {
        "name": source.name[:200],
        "n": len(pairs),
    }
    roles = [role.name for role in project.case.roles][:2]
    with transaction.atomic():
        upload = uploading.store(project, user, f"{name}.jsonl", _corrected(source, pairs, roles))
        given = {"name": name, "accepted": True, "choices": source.choices, "mapping": {role: role for role in roles}}
        return create_dataset(project, upload, user, **given)


def corrected_labels(
    source: Dataset,
    labels: Mapping[str, Sequence[str]],
    user: Any,
    extra: Sequence[tuple[str, Sequence[str]]] = (),
) -> Dataset:
    """A new dataset: SOURCE with other labels for some examples (by id) and with EXTRA texts. Made ready by itself."""
    from projects import uploading
    from projects.labels import relabelling

    if source.state != State.READY or not (labels or extra):
        raise UserError(_("There is no corrected label to put into the data."), todo=_("Correct a label first."))
    facts = relabelling.facts(source.folder)
    several = facts.get("multi") or any(len(one) > 1 for one in [*labels.values(), *(one for _text, one in extra)])
    known = [*facts.get("labels", {}), *(one for some in labels.values() for one in some)]
    sign = relabelling.sign_for([*known, *(one for _text, some in extra for one in some)]) if several else ""
    many = len(labels) + len(extra)
    name = ngettext("%(name)s with %(n)d label", "%(name)s with %(n)d labels", many) % {
        "name": source.name[:200],
        "n": many,
    }
    choices = {flag: choice for flag, choice in source.choices.items() if flag != "labels"}
    choices |= {"labels": {"split": sign}} if sign else {}
    with transaction.atomic():
        lines = relabelling.corrected(source.folder, labels, extra, sign)
        upload = uploading.store(source.project, user, f"{name}.jsonl", lines)
        roles = [role.name for role in source.project.case.roles[:2]]
        given = {"name": name, "accepted": True, "choices": choices, "mapping": dict(zip(roles, ROLES, strict=True))}
        AuditEvent.record(source.project.team, user, "labels.corrected", name, dataset=source.pk, labels=many)
        return create_dataset(source.project, upload, user, **given)


def examples(folder: Path) -> Iterator[tuple[str, str]]:
    """Question and answer of every example of a ready dataset, in the order of its rows."""
    found: list[tuple[int, str, str]] = []
    for side in ("train", "validation", "test"):
        for line in (folder / f"{side}.jsonl").open(encoding="utf-8"):
            example = json.loads(line)
            found.append((example["row"], *(message["content"] for message in example["messages"][:2])))
    for _row, question, answer in sorted(found):
        yield question, answer


def worker_name() -> str:
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"


# The work -------------------------------------------------------------------------------------------------


def _read(dataset: Dataset, heart: Heart) -> None:
    if dataset.attempts > ATTEMPTS:
        raise _deadly()
    found = _load(dataset, heart)
    roles = dataset.project.case.roles
    columns, guesses = _map(dataset, found)
    report: dict[str, Any] = {}
    dataset.mapping = columns
    if all(columns.get(role.name) for role in roles if role.required):
        report = families.of(dataset.project.case.family).examine(dataset, heart.part(0.7, 0.95))
    fields = {"mapping": columns, "guesses": guesses, "report": report, "counts": {}, "error": {}}
    if dataset.items:
        fields |= item_tables.read(dataset, heart.part(0.95, 1), examined=bool(report))
    dataset.end(heart.worker, State.CHECKING, **fields)


def _load(dataset: Dataset, heart: Heart) -> Reading:
    """The rows of the file in rows.sqlite3; what is there already is not read again."""
    if dataset.rows_file.exists() and dataset.reading.get("asked") == dataset.overrides:
        return Reading.from_json(dataset.reading)
    if dataset.upload is None or not dataset.upload.path.exists():
        raise UserError(_("The uploaded file is not there any more."), todo=_("Upload it again."))
    path, name = dataset.upload.path, dataset.upload.name
    heart.beat(0)
    found = reading.detect_guarded(path, name, dataset.overrides)
    dataset.folder.mkdir(parents=True, exist_ok=True)
    part = dataset.folder / f"rows-{secrets.token_hex(4)}.part"
    try:
        result = reading.load_guarded(path, name, found, part, heart.part(0, 0.7))
        said = {
            **result.reading.to_json(),
            "asked": dataset.overrides,
            "problems": result.problems,
            "first": result.first,
        }
        heart.beat(0.7, reading=said)
        os.replace(part, dataset.rows_file)
    finally:
        part.unlink(missing_ok=True)
    dataset.reading = said
    return result.reading


def _map(dataset: Dataset, found: Reading) -> tuple[dict[str, str | None], dict[str, Any]]:
    """Role → column: the person's where there is one, else the best guess with its reason."""
    roles = dataset.project.case.roles
    set_by_person = {role: column for role, column in dataset.mapping.items() if column}
    for column in set_by_person.values():
        if column not in found.names:
            raise _no_column(column, found.names)
    guesses = mapping.guess(found.columns, found.sample, roles)
    guesses = families.guessed(dataset.project.case.family, guesses)
    columns = {role.name: set_by_person.get(role.name) or guesses[role.name].column for role in roles}
    if set_by_person:
        given = set(set_by_person.values())
        columns = {
            role: None if role not in set_by_person and column in given else column for role, column in columns.items()
        }
    reasons = {
        role: {"reason": one.reason, "facts": one.facts, "column": one.column, "confidence": one.confidence}
        for role, one in guesses.items()
    }
    return columns, reasons


def _no_column(column: str, names: Iterable[str]) -> UserError:
    return UserError(
        _("The file has no column “%(column)s”.") % {"column": column},
        _("The file is stored."),
        _("Its columns are: %(names)s. Choose one of them.") % {"names": ", ".join(list(names)[:30])},
    )


def _finish(dataset: Dataset, heart: Heart) -> None:
    if dataset.attempts > ATTEMPTS:
        raise _deadly()
    heart.beat(0)
    folder = dataset.folder / f"import-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    try:
        counts = families.of(dataset.project.case.family).write(dataset, folder, heart.part(0, 1))
        if not counts.kept and not getattr(counts, "unlabelled", 0):
            raise nothing_left()
        heart.beat(1)
        for file in folder.iterdir():
            os.replace(file, dataset.folder / file.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    numbers = {name: value for name, value in vars(counts).items() if name != "sha256"}
    dataset.end(heart.worker, State.READY, counts=numbers, content_hash=counts.sha256)


def nothing_left() -> UserError:
    return UserError(
        _("Under these choices no row is left to learn from."),
        _("Your file is stored as it was."),
        _("Keep some of the rows that are dropped now, or choose other columns."),
    )


@contextmanager
def _refusing(dataset: Dataset, worker: str) -> Iterator[None]:
    """Turns whatever goes wrong into a rejected row with three sentences, in the language of whoever brought the file."""
    language = getattr(dataset.created_by, "language", "") or settings.LANGUAGE_CODE
    with translation.override(language):
        try:
            yield
        except Taken:
            logger.info("Dataset %s was taken by another worker.", dataset.pk)
            if not Dataset.objects.filter(pk=dataset.pk).exists():
                shutil.rmtree(dataset.folder, ignore_errors=True)
        except UserError as error:
            dataset.end(worker, State.REJECTED, error=_stored(error), counts={})
        except Exception:
            ref = reference()
            logger.exception("Dataset %s could not be read, reference %s.", dataset.pk, ref)
            dataset.end(worker, State.REJECTED, error={**_unexpected(ref).as_dict(), "ref": ref}, counts={})


def _stored(error: UserError) -> dict[str, Any]:
    if isinstance(error, ReadingError):
        return {**error.as_dict(), "code": error.code, "facts": error.facts}
    return error.as_dict()


def error_of(dataset: Dataset) -> UserError:
    """Why a dataset was rejected, in the language of whoever looks at it where the reason has a code."""
    said = dataset.error
    if "code" in said:
        return explain(said["code"], said.get("facts"))
    return UserError(said.get("what", ""), said.get("safe", ""), said.get("todo", ""))


def _deadly() -> UserError:
    return UserError(
        _("Reading this file stopped the reader %(n)d times.") % {"n": ATTEMPTS},
        _("The file is stored, and everything else in the studio goes on."),
        _("Save it as a plain CSV file in your spreadsheet program and upload that."),
    )


def _unexpected(ref: str) -> UserError:
    return UserError(
        _("Atelier made a mistake with this file. Its reference is %(ref)s.") % {"ref": ref},
        _("The file is stored as you sent it."),
        _("Try once more. If it stops again, tell whoever runs the studio the reference."),
    )


def _corrected(source: Dataset, pairs: Sequence[tuple[str, str]], roles: Sequence[str]) -> Iterator[bytes]:
    """The rows of the new file as JSON Lines: a corrected question replaces every old answer to it."""
    right = {_key(question): (question, answer) for question, answer in pairs}
    for question, answer in examples(source.folder):
        if _key(question) not in right:
            yield _line(roles, question, answer)
    for question, answer in right.values():
        yield _line(roles, question, answer)


def _line(roles: Sequence[str], question: str, answer: str) -> bytes:
    return json.dumps(dict(zip(roles, (question, answer), strict=True)), ensure_ascii=False).encode() + b"\n"


def _key(question: str) -> str:
    return " ".join(question.casefold().split())
