"""Score a file, the worker's side: read the rows, label each different text once, write the rows with their labels.

Every step leaves its result in a file, so a worker that takes over goes on where the last one was killed."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from endpoints import chat, live, serving, tallies, workbook
from endpoints.families.classify import correcting as right
from endpoints.families.classify import labelling
from endpoints.models import Deployment, Scoring
from endpoints.scoring_store import answers, key_of
from endpoints.tallies import Tally
from projects import claims, columns, reading, rows
from projects.cells import Table
from projects.errors import UserError, reference
from projects.formats import Reading
from training.ml.classify.answers import Answer

logger = logging.getLogger(__name__)
State = Scoring.State
BATCH = 256
"""Texts in one request to the engine. Two requests at once were no faster."""
FEW = 4
"""The same with the words that decided: every text is read many times for them, and progress should be seen."""
SIGN_OF_LIFE = 1.0
"""Seconds between looks at whether the work is still ours while the engine works."""
TOO_LONG = 60.0
"""Seconds after which a request that broke off asked for too much at once."""
LONGEST = 20_000
BUSY_PAUSES = 30
ATTEMPTS = 6
"""Goes without an end before we stop trying."""


class Work:
    """One go at one file."""

    def __init__(self, scoring: Scoring, worker: str) -> None:
        self.scoring, self.heart = scoring, claims.Heart(scoring, worker)
        self.many = FEW if scoring.reasons else BATCH
        self.tally = Tally()
        if scoring.deployment is None:
            raise UserError(
                _("The version that was to label this file is gone."), todo=_("Have the file labelled again.")
            )
        self.deployment: Deployment = scoring.deployment
        self.knowing = chat.of_model(self.deployment.model, self.deployment.answers_with)
        self.terms = labelling.terms(self.knowing, scoring.threshold)
        self.reading = Reading.from_json(scoring.reading)

    def beat(self, now: bool = False, **fields: object) -> None:
        """How far it is; NOW where the work may only go on while it is ours."""
        if now:
            self.heart.beat(**fields)
        else:
            self.heart.note(**fields)

    def do(self) -> dict[str, object]:
        self.scoring.folder.mkdir(parents=True, exist_ok=True)
        claims.clear(self.scoring.folder, "*.part")
        began = time.monotonic()
        with self.heart, answers(self.scoring.answers_file) as db:
            self.load()
            self.gather(db)
            self.label(db)
            counts = self.write(db)
        seconds = self.scoring.seconds + time.monotonic() - began
        return {"counts": counts, "seconds": round(seconds, 1)}

    # The rows -------------------------------------------------------------------------------------------------
    def load(self) -> None:
        """All rows of the file, read by a child that may die of it."""
        scoring, upload = self.scoring, self.scoring.upload
        if scoring.rows_file.exists():
            return
        if upload is None or not upload.path.exists():
            raise UserError(_("The uploaded file is not there any more."), todo=_("Upload it again."))
        part = scoring.folder / f"rows-{secrets.token_hex(4)}.part"
        try:
            found = reading.load_guarded(
                upload.path, upload.name, self.reading, part, lambda _share, count: self.beat(rows=count)
            )
            self.beat(now=True, rows=found.rows, reading=found.reading.to_json())
            self.reading = found.reading
            os.replace(part, scoring.rows_file)
        finally:
            part.unlink(missing_ok=True)

    def gather(self, db: sqlite3.Connection) -> None:
        """Every different text once."""
        if db.execute("SELECT 1 FROM meta WHERE key = 'gathered'").fetchone() is None:
            for _row, text in self.texts():
                if text:
                    db.execute("INSERT OR IGNORE INTO texts (key, text) VALUES (?, ?)", (key_of(text), text))
                self.beat()
            # A worker that was stopped a moment ago may have found them all too.
            db.execute("INSERT OR IGNORE INTO meta VALUES ('gathered', '1')")
            db.commit()
        total, done = db.execute("SELECT count(*), count(answer) FROM texts").fetchone()
        self.beat(now=True, texts=total, done=done)

    def texts(self) -> Iterator[tuple[list[str | None], str]]:
        """(cells, text) of every row, in the order of the file."""
        at = [self.reading.names.index(name) for name in self.scoring.columns]
        with rows.opened(self.scoring.rows_file) as db:
            for (cells,) in db.execute("SELECT cells FROM rows ORDER BY n"):
                found: list[str | None] = json.loads(cells)
                yield found, columns.text(found, at).strip()[:LONGEST]

    # The labels -----------------------------------------------------------------------------------------------
    def label(self, db: sqlite3.Connection) -> None:
        """Asks the engine for what has no label yet. Texts of like length go together, which is quicker."""
        before = done = db.execute("SELECT count(answer) FROM texts").fetchone()[0]
        ask = "SELECT key, text FROM texts WHERE answer IS NULL ORDER BY size LIMIT 4096"
        while waiting := db.execute(ask).fetchall():
            while waiting:
                found = self.asked([text for _key, text in waiting[: self.many]])
                some, waiting = waiting[: self.many], waiting[self.many :]
                pairs = [
                    (json.dumps(row.to_json(), ensure_ascii=False), key)
                    for (key, _text), row in zip(some, found, strict=True)
                ]
                db.executemany("UPDATE texts SET answer = ? WHERE key = ?", pairs)
                db.commit()
                done += len(some)
                self.beat(now=True, done=done, attempts=1, lost=[])  # what moves on is not broken off for good
        # Without a new answer it did not move on: what breaks off after the labels is given up in the end.
        moved = {"attempts": 1, "lost": []} if done > before else {}
        self.beat(now=True, done=done, **moved)

    def asked(self, texts: list[str]) -> list[Answer]:
        """The engine's answer, waiting where it is busy or being started again. Where it takes too long, only the first
        `many` of the texts are answered, which are fewer from then on."""
        for pause in range(BUSY_PAUSES):
            some, began = texts[: self.many], time.monotonic()
            try:
                found = async_to_sync(self.answered)(some)
                return right.put_right(self.scoring.endpoint.project_id, some, found)
            except (serving.EngineBusy, serving.EngineDown):
                logger.info("Scoring %s waits for the engine", self.scoring.pk)
                self.beat(now=True)
                if time.monotonic() - began > TOO_LONG:  # the same again would break off again
                    self.many = max(1, len(some) // 2)
                time.sleep(min(5, 0.5 * (pause + 1)))
        raise UserError(
            live.out_of_reach_for_files(), _("What was labelled so far is kept."), _("Go on with it a little later.")
        )

    async def answered(self, texts: list[str]) -> list[Answer]:
        """The engine's answer, or Lost as soon as a person stops the work."""
        asking = asyncio.ensure_future(
            serving.classify(
                self.knowing.model,
                texts,
                folder=self.knowing.folder,
                explain=self.scoring.reasons,
                answers_with=self.knowing.answers_with,
            )
        )
        try:
            while not (await asyncio.wait({asking}, timeout=SIGN_OF_LIFE))[0]:
                self.heart.check()
            return await asking
        finally:
            asking.cancel()

    # The result -----------------------------------------------------------------------------------------------
    def write(self, db: sqlite3.Connection) -> dict[str, int]:
        """The rows as they were, with a few columns more, as CSV and as a workbook."""
        counts: Counter[str] = Counter()
        self.tally = Tally()
        stem = secrets.token_hex(4)
        parts = [self.scoring.folder / f"scored-{stem}.{kind}.part" for kind in ("csv", "xlsx")]
        try:
            # The byte order mark tells Excel that this is UTF-8.
            with parts[0].open("w", encoding="utf-8-sig", newline="") as file, workbook.written(parts[1]) as sheet:
                out = Table(file)
                for row in self.table(db, counts):
                    out.add(row)
                    sheet.add(row)
                    self.beat()
            self.beat(now=True)  # whoever was stopped leaves the result to the next
            os.replace(parts[0], self.scoring.result)
            os.replace(parts[1], self.scoring.workbook)
        finally:
            for part in parts:
                part.unlink(missing_ok=True)
        return dict(counts)

    def table(self, db: sqlite3.Connection, counts: Counter[str]) -> Iterator[Sequence[str | None]]:
        yield (*self.reading.names, *own_columns(self.reading.names))
        for cells, text in self.texts():
            yield (*self.padded(cells), *self.said(db, text, counts))

    def padded(self, cells: list[str | None]) -> list[str | None]:
        width = len(self.reading.names)
        return [*cells, *[None] * (width - len(cells))][:width]

    def said(self, db: sqlite3.Connection, text: str, counts: Counter[str]) -> tuple[str, str, str, str]:
        """Label, confidence, why a person has to look, and what decided, of one row.

        What a person has to label has no label yet: whoever takes the column over must not take a guess for an answer.
        """
        if not text:
            counts["empty"] += 1
            return "", "", _("No text"), ""
        row = json.loads(db.execute("SELECT answer FROM texts WHERE key = ?", (key_of(text),)).fetchone()[0])
        found = labelling.judge(text, Answer.from_json(row), self.terms)
        self.tally.add(found.labels, found.level, found.out_of_scope)
        person = labelling.for_person(found)
        if found.level == "unsure":
            counts["outside" if found.out_of_scope else "unsure"] += 1
            return "", "", person, ""
        counts[f"label:{found.label}"] += 1
        if person:
            counts["looked_at"] += 1
        return found.label, f"{found.score:.2f}", person, labelling.reason(found)


def own_columns(names: list[str]) -> list[str]:
    """The names of the new columns, told apart from the file's own."""
    wanted = [_("Label"), _("Confidence"), _("For a person"), _("Reason")]
    taken = {name.casefold() for name in names}
    return [_("%(name)s (Atelier)") % {"name": name} if name.casefold() in taken else name for name in wanted]


def work(scoring: Scoring, worker: str = "") -> bool:
    """Does one file from claim to last word. False when somebody else has it or it is over."""
    worker = worker or claims.me()
    if not claims.patiently(lambda: scoring.claim(worker)):
        return False
    person = claims.patiently(lambda: scoring.created_by)
    with translation.override(getattr(person, "language", "") or settings.LANGUAGE_CODE):
        try:
            if scoring.attempts > ATTEMPTS:
                raise claims.given_up(scoring, ATTEMPTS, _("Your file is stored."))
            task, fields = claims.going_on(lambda: done(scoring, worker))
        except claims.Lost:
            logger.info("Scoring %s was stopped or taken over", scoring.pk)
        except UserError as error:
            said = error.as_dict()
            claims.patiently(lambda: scoring.end(worker, State.FAILED, error=said))
        except Exception:
            ref = reference()
            logger.exception("Scoring %s failed, reference %s", scoring.pk, ref)
            claims.patiently(lambda: scoring.end(worker, State.FAILED, error=_unexpected(ref).as_dict()))
        else:
            if claims.patiently(lambda: scoring.end(worker, State.DONE, **fields)):
                claims.patiently(lambda: tallies.record(scoring.endpoint_id, task.tally))
    return True


def done(scoring: Scoring, worker: str) -> tuple[Work, dict[str, object]]:
    """Each go has a heart of its own; what the one before it finished lies in files."""
    task = Work(scoring, worker)
    return task, task.do()


def _unexpected(ref: str) -> UserError:
    return UserError(
        _("Atelier made a mistake with this file. Its reference is %(ref)s.") % {"ref": ref},
        _("The file is stored, and what was labelled so far is kept."),
        _("Try once more. If it stops again, tell whoever runs the studio the reference."),
    )
