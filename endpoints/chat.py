"""The one path from a question to an answer, behind socket, page, widget and API: the model's family answers it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from endpoints import families, serving
from endpoints.events import Done, Event, Knowing, Piece, Request, Result, Sources, Usage
from endpoints.models import Deployment, Endpoint
from endpoints.words import language_of, rough_tokens
from projects.errors import UserError
from training.ml import artifact
from training.ml.errors import LearningError
from training.models import ModelVersion

__all__ = [
    "BASE", "RETRIEVAL", "TUNED", "Done", "Event", "Knowing", "Piece", "Request", "Result", "Sources", "Usage", "answer",
    "language_of", "of_endpoint", "of_model", "rough_tokens",
]  # fmt: skip
logger = logging.getLogger(__name__)
TUNED, RETRIEVAL, BASE = "tuned", "retrieval", "base"
UNFIT = frozenset({"broken_model", "wrong_base", "probe_mismatch"})
"""Why an engine does not take a model in, whenever it is asked."""


def of_endpoint(endpoint: Endpoint) -> tuple[Deployment, Knowing]:
    """What answers for an endpoint now; UserError when nothing does."""
    deployment = endpoint.deployment
    if deployment is None:
        raise UserError(
            _("This assistant is not published at the moment."), todo=_("Please come back later."), status=404
        )
    return deployment, of_model(deployment.model, deployment.answers_with)


def of_model(model: ModelVersion, answers_with: str = TUNED) -> Knowing:
    try:
        return _knowing(model.pk, model.folder, model.engine_name, answers_with, model.project.use_case)
    except (LearningError, OSError, ValueError) as error:
        raise damaged(model.folder, error) from error


def damaged(folder: Path, error: Exception) -> UserError:
    """What a visitor and the team are told of files that are not what was saved; the log says which."""
    logger.error("The model in %s cannot answer: %s", folder, error)
    return UserError(
        _("The files of this version are missing or damaged."),
        _("Your data and your other versions are safe."),
        _("Publish another version, or train again."),
        status=503,
    )


@lru_cache(maxsize=64)
def _knowing(pk: int, folder: Path, name: str, answers_with: str, use_case: str) -> Knowing:
    manifest = artifact.read_manifest(folder)
    of_base = answers_with == families.of(manifest.family).untouched
    return Knowing(
        family=manifest.family,
        model=manifest.base if of_base else name,
        folder=folder,
        base=manifest.base,
        answers_with=answers_with,
        model_id=pk,
        use_case=use_case,
    )


async def answer(request: Request) -> AsyncIterator[Event]:
    """Sources or a result, then the pieces of the answer, then Done. Closing it early frees the engine's place."""
    events = families.of(request.knowing.family).answering.answer(request)
    try:
        async for event in events:
            yield event
    except LearningError as error:
        raise damaged(request.knowing.folder, error) from error
    except serving.EngineRefused as error:
        if error.code in UNFIT:
            raise damaged(request.knowing.folder, error) from error
        raise
    finally:
        await events.aclose()  # type: ignore[attr-defined]


async def load(knowing: Knowing) -> None:
    """Makes ready what will answer."""
    try:
        await families.of(knowing.family).answering.load(knowing)
    except LearningError as error:
        raise damaged(knowing.folder, error) from error
