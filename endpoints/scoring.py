"""Score a file, from a person's side: bring it, choose the column, begin, stop, fetch it, delete it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from endpoints import chat
from endpoints.models import Endpoint
from endpoints.scored import KEPT, Scoring
from projects import columns, mapping, reading, uploading, users
from projects.choosing import Sought
from projects.errors import UserError
from projects.formats import Reading
from projects.models import AuditEvent
from projects.users import Doer

logger = logging.getLogger(__name__)
State = Scoring.State
EXPLAINED = 2_000
"""Rows up to which the words that decided are looked for unless a person says otherwise: each text is read once more for each word in it."""


def take(endpoint: Endpoint, user: Doer, name: str, chunks: Iterable[bytes]) -> Scoring:
    """Stores the file and finds out what it is. UserError, and nothing kept, when it cannot be read."""
    if endpoint.deployment is None:
        raise UserError(
            _("This classifier is not published at the moment."), _("Nothing was stored."), _("Publish it again first.")
        )
    upload = uploading.store(endpoint.project, user, name, chunks)
    try:
        texts = [Sought(role.name, role.synonyms) for role in endpoint.project.case.roles if role.name == "text"]
        found = reading.detect_guarded(upload.path, upload.name, roles=texts)
    except UserError:
        upload.path.unlink(missing_ok=True)
        upload.delete()
        raise
    column, together = guess(endpoint, found)
    scoring = Scoring.objects.create(
        endpoint=endpoint,
        upload=upload,
        created_by_id=users.key(user),
        name=upload.name,
        reading=found.to_json(),
        column=column,
        together=together,
        rows=found.rows or 0,
        reasons=found.rows is not None and found.rows <= EXPLAINED,
    )
    AuditEvent.record(endpoint.project.team, user, "scoring.added", upload.name, endpoint=endpoint.slug)
    return scoring


def guess(endpoint: Endpoint, found: Reading) -> tuple[str, list[str]]:
    """The column with the texts (what the use case calls its text, else the longest), and all columns that make the text
    where what answers has learned from texts of several."""
    learned = _learned_from(endpoint)
    if len(learned) > 1 and set(learned) <= set(found.names):
        return learned[-1], learned
    roles = [role for role in endpoint.project.case.roles if role.name == "text"]
    guessed = mapping.guess(found.columns, found.sample, roles) if roles else {}
    one = guessed.get("text")
    if one is None or not one.column:
        return (found.names[0] if found.names else ""), []
    return one.column, list(one.maybe) if len(learned) > 1 else []


def _learned_from(endpoint: Endpoint) -> list[str]:
    """The columns of the texts that the published version has learned from."""
    model = endpoint.deployment.model if endpoint.deployment else None
    run = getattr(model, "run", None)
    return columns.of(run.dataset.mapping, "text") if run is not None and run.dataset is not None else []


def start(scoring: Scoring, column: str, reasons: bool, together: bool = True) -> None:
    """Hands the file to a worker."""
    if column not in Reading.from_json(scoring.reading).names:
        raise UserError(_("The file has no such column."), _("Your file is stored."), _("Choose one from the list."))
    deployment, _knowing = chat.of_endpoint(scoring.endpoint)
    fresh: dict[str, object] = {"worker": "", "heartbeat": None, "attempts": 0, "lost": []}
    fresh |= {"error": {}, "finished": None}
    if not together or column not in scoring.together:
        fresh["together"] = []
    moved = Scoring.objects.filter(pk=scoring.pk).exclude(state__in=[State.DONE, *Scoring.OPEN])
    if not moved.update(
        state=State.QUEUED, column=column, reasons=reasons, deployment=deployment,
        threshold=scoring.endpoint.threshold, **fresh,
    ):  # fmt: skip
        return
    tell(scoring.pk)


def tell(pk: int) -> None:
    """Puts the id into the queue. When the queue is away the sweep does it later; the row is safe."""
    from endpoints import tasks

    def send() -> None:
        try:
            tasks.score_file.delay(pk)
        except Exception:
            logger.exception("The queue did not take scoring %s; the next sweep tries again", pk)

    transaction.on_commit(send)


def cancel(scoring: Scoring) -> bool:
    """Stops it. What was labelled so far is kept, and the person may go on with it."""
    held = Scoring.objects.filter(pk=scoring.pk, state__in=Scoring.OPEN)
    return bool(held.update(state=State.CANCELLED, worker="", heartbeat=None, finished=timezone.now()))


def delete(scoring: Scoring) -> None:
    """The file, its labels and the row."""
    folder, upload = scoring.folder, scoring.upload
    file = upload.path if upload is not None else None
    with transaction.atomic():
        scoring.delete()
        if upload is not None:
            upload.delete()

    def sweep() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        if file is not None:
            file.unlink(missing_ok=True)

    transaction.on_commit(sweep)


def forget_old() -> int:
    """Deletes what is older than the pages promise."""
    old = list(Scoring.objects.filter(created__lt=timezone.now() - KEPT).select_related("upload")[:100])
    for scoring in old:
        delete(scoring)
    return len(old)
