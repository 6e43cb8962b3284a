"""From a file to examples: read and checked by a worker, looked at by a person, written down by a worker.

Each step claims its row first, does its work in files of its own, and hands the row over only while it still holds it.
So a step that is killed and done again leaves nothing doubled."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from projects import (
    claims,
    columns,
    families,
    item_tables,
    mapping,
    reading,
    rows,
    unused,
)
from projects.choosing import Sought
from projects.columns import Played
from projects.conversations.reading import ANSWER, EARLIER, UNSURE
from projects.enumerating import listed
from projects.errors import UserError, reference
from projects.formats import Reading, Talk
from projects.models import Dataset
from projects.refusals import ReadingError, explain
from projects.signals import dataset_ready

logger = logging.getLogger(__name__)
ATTEMPTS = 3  # a file that takes its reader down this often is refused
State = Dataset.State
HALF = ("*.part", "import-*")  # in a dataset's folder: what is being written


class Heart(claims.Heart):
    """Says that the worker lives and how far it is."""

    def __init__(self, dataset: Dataset, worker: str) -> None:
        super().__init__(dataset, worker)
        self.started = time.time()

    def part(self, begin: float, end: float) -> Callable[..., None]:
        """A progress callback for the part of the work between two shares of the whole."""

        def progress(share: float, rows: int = 0) -> None:
            self.note(progress=begin + (end - begin) * share, counts={"rows": rows, "started": self.started})

        return progress


def read(dataset: Dataset, worker: str = "") -> bool:
    """What the file is, its rows, a guess for the columns, the quality report. False when somebody else is at it."""
    worker = worker or claims.me()
    claims.patiently(lambda: dataset.move(State.UPLOADED, State.READING))
    if not claims.patiently(lambda: dataset.claim(State.READING, worker)):
        return False
    with _refusing(dataset, worker), Heart(dataset, worker) as heart:
        claims.going_on(lambda: _read(dataset, heart))
    if dataset.accepted and dataset.state == State.CHECKING:
        finish(dataset, worker)
    return True


def finish(dataset: Dataset, worker: str = "") -> bool:
    """Writes the examples down and makes the dataset ready. False when somebody else is at it."""
    worker = worker or claims.me()
    claims.patiently(lambda: dataset.move(State.CHECKING, State.IMPORTING))
    if not claims.patiently(lambda: dataset.claim(State.IMPORTING, worker)):
        return False
    with _refusing(dataset, worker), Heart(dataset, worker) as heart:
        claims.going_on(lambda: _finish(dataset, heart))
    if dataset.state == State.READY:
        for receiver, error in dataset_ready.send_robust(Dataset, dataset=dataset):
            if isinstance(error, Exception):
                logger.error("What follows on dataset %s failed in %s", dataset.pk, receiver, exc_info=error)
    return True


def _read(dataset: Dataset, heart: Heart) -> None:
    claims.clear(dataset.folder, *HALF)
    if dataset.attempts > ATTEMPTS:
        raise claims.given_up(dataset, ATTEMPTS, _("The file is stored, and everything else in the studio goes on."))
    fields = understand(dataset, heart)
    claims.patiently(lambda: dataset.end(heart.worker, State.CHECKING, **fields))


def understand(dataset: Dataset, heart: Heart) -> dict[str, object]:
    """Reads the file, guesses its columns and looks at every row; what was found out, as fields of the dataset."""
    found = _load(dataset, heart)
    roles = dataset.project.case.roles
    played, guesses = _map(dataset, found)
    report: dict[str, object] = {}
    dataset.mapping = played
    if all(played.get(role.name) for role in roles if role.required):
        report = families.of_project(dataset.project).examine(dataset, heart.part(*_shares(dataset)))
    fields = {"mapping": played, "guesses": guesses, "report": report, "counts": {}, "error": {}}
    if dataset.items:
        fields |= item_tables.read(dataset, heart.part(_shares(dataset)[1], 1), examined=bool(report))
    return fields


def _shares(dataset: Dataset) -> tuple[float, float]:
    """How far the work is when the file is read, and when its rows are looked at: as their cost was measured
    (docs/benchmarks.md). A table of items comes last."""
    looked = 0.9 if dataset.items else 1.0
    return looked * families.of_project(dataset.project).READING, looked


def _load(dataset: Dataset, heart: Heart) -> Reading:
    """The rows of the file in rows.sqlite3; what is there already is not read again."""
    if dataset.rows_file.exists() and dataset.reading.get("asked") == dataset.overrides:
        return Reading.from_json(dataset.reading)
    if dataset.upload is None or not dataset.upload.path.exists():
        raise UserError(_("The uploaded file is not there any more."), todo=_("Upload it again."))
    path, name = dataset.upload.path, dataset.upload.name
    heart.beat(progress=0)
    read, _looked = _shares(dataset)
    roles = [Sought.of(role) for role in dataset.project.case.roles]
    dataset.folder.mkdir(parents=True, exist_ok=True)
    part = dataset.folder / f"rows-{secrets.token_hex(4)}.part"
    try:
        result = reading.read_guarded(path, name, dataset.overrides, part, heart.part(0, read), roles=roles)
        said = {
            **result.reading.to_json(),
            "asked": dataset.overrides,
            "problems": result.problems,
            "first": result.first,
        }
        heart.beat(progress=read, reading=said)
        os.replace(part, dataset.rows_file)
    finally:
        part.unlink(missing_ok=True)
    dataset.reading = said
    return result.reading


def _map(dataset: Dataset, found: Reading) -> tuple[dict[str, Played], dict[str, object]]:
    """Role → columns: the person's where there are some, else the best guess with its reason."""
    roles = dataset.project.case.roles
    set_by_person = {role: held for role, held in dataset.mapping.items() if held}
    given = set(columns.used(set_by_person))
    for column in given.difference(found.names):
        raise _no_column(column, found.names)
    # What was said earlier is kept for its row; it plays no part of its own.
    places = [at for at, column in enumerate(found.columns) if column.name != EARLIER or found.talk is None]
    stored = rows.sample(dataset.rows_file, mapping.SAMPLE)
    sample = [[cells[at] if at < len(cells) else None for at in places] for cells in stored]
    columns_to_guess = [found.columns[at] for at in places]
    looked = mapping.look(columns_to_guess, sample, whole=len(stored) < mapping.SAMPLE)
    guesses = mapping.choose(columns_to_guess, looked, roles)
    if found.talk is not None:
        _doubt(guesses, found.talk)
    guesses = families.of_project(dataset.project).guessed(guesses)
    played = {role.name: set_by_person.get(role.name) or guesses[role.name].played for role in roles}
    for role in played.keys() - set_by_person.keys():
        played[role] = columns.stored(name for name in columns.of(played, role) if name not in given)
    reasons: dict[str, object] = {
        role: {
            "reason": one.reason,
            "facts": one.facts,
            "column": one.column,
            "confidence": one.confidence,
            "maybe": list(one.maybe),
        }
        for role, one in guesses.items()
    }
    reasons[unused.KEY] = {
        column.name: unused.of(content) for column, content in zip(columns_to_guess, looked, strict=True)
    }
    return played, reasons


def _doubt(guesses: dict[str, mapping.Guess], talk: Talk) -> None:
    """An answer is no surer than it is who answers; and what stands beside a conversation is not put into it unasked."""
    for guess in guesses.values():
        guess.columns = ()
        if guess.column == ANSWER and talk.form != "intents":
            guess.confidence = min(
                guess.confidence, talk.confidence if talk.confidence >= UNSURE else talk.confidence / 2
            )


def _no_column(column: str, names: Iterable[str]) -> UserError:
    return UserError(
        _("The file has no column “%(column)s”.") % {"column": column},
        _("The file is stored."),
        _("Its columns are: %(names)s. Choose one of them.") % {"names": listed(list(names)[:30])},
    )


def _finish(dataset: Dataset, heart: Heart) -> None:
    claims.clear(dataset.folder, *HALF)
    if dataset.attempts > ATTEMPTS:
        raise claims.given_up(dataset, ATTEMPTS, _("The file is stored, and everything else in the studio goes on."))
    heart.beat(progress=0)
    folder = dataset.folder / f"import-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    try:
        counts = families.of_project(dataset.project).write(dataset, folder, heart.part(0, 1))
        if not counts.kept and not getattr(counts, "unlabelled", 0):
            raise nothing_left()
        heart.beat(progress=1)
        for file in folder.iterdir():
            os.replace(file, dataset.folder / file.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    numbers = {name: value for name, value in vars(counts).items() if name != "sha256"}
    claims.patiently(lambda: dataset.end(heart.worker, State.READY, counts=numbers, content_hash=counts.sha256))


def nothing_left() -> UserError:
    return UserError(
        _("Under these choices no row is left to learn from."),
        _("Your file is stored as it was."),
        _("Keep some of the rows that are dropped now, or choose other columns."),
    )


@contextmanager
def _refusing(dataset: Dataset, worker: str) -> Iterator[None]:
    """Turns whatever goes wrong into a rejected row with three sentences, in the language of whoever brought the file."""
    person = claims.patiently(lambda: dataset.created_by)
    with translation.override(getattr(person, "language", "") or settings.LANGUAGE_CODE):
        try:
            yield
        except claims.Lost:
            logger.info("Dataset %s was taken by another worker.", dataset.pk)
            if not Dataset.objects.filter(pk=dataset.pk).exists():
                shutil.rmtree(dataset.folder, ignore_errors=True)
        except UserError as error:
            if isinstance(error, ReadingError) and error.ours:
                logger.error("Dataset %s was not read: %s", dataset.pk, error)
            said = _stored(error)
            claims.patiently(lambda: dataset.end(worker, State.REJECTED, error=said, counts={}))
        except Exception:
            ref = reference()
            logger.exception("Dataset %s could not be read, reference %s.", dataset.pk, ref)
            claims.patiently(
                lambda: dataset.end(worker, State.REJECTED, error={**_unexpected(ref).as_dict(), "ref": ref}, counts={})
            )


def _stored(error: UserError) -> Mapping[str, object]:
    if isinstance(error, ReadingError):
        ref = {"ref": error.facts["ref"]} if error.ours else {}
        return {**error.as_dict(), "code": error.code, "facts": error.facts, **ref}
    return error.as_dict()


def error_of(dataset: Dataset) -> UserError:
    """Why a dataset was rejected, in the language of whoever looks at it where the reason has a code."""
    said = dataset.error
    if "code" in said:
        return explain(said["code"], said.get("facts"))
    return UserError(said.get("what", ""), said.get("safe", ""), said.get("todo", ""))


def _unexpected(ref: str) -> UserError:
    return UserError(
        _("Atelier made a mistake with this file. Its reference is %(ref)s.") % {"ref": ref},
        _("The file is stored as you sent it."),
        _("Try once more. If it stops again, tell whoever runs the studio the reference."),
    )
