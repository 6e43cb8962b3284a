"""Publishing: an endpoint for a model, another version for an endpoint, back again, off and on, and its keys."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from endpoints import chat, serving
from endpoints.models import ApiKey, Deployment, Endpoint
from endpoints.starters import starters
from projects.errors import UserError
from projects.models import AuditEvent
from training import reports
from training.models import Evaluation, ModelVersion

logger = logging.getLogger(__name__)
SETTINGS = {
    "name", "greeting", "starters", "color", "allowed_sites", "visibility", "messages_a_minute",
    "requests_a_minute", "threshold", "contact", "rules",
}  # fmt: skip


@dataclass(frozen=True)
class Advice:
    """What the report recommends for publishing, and the numbers behind it."""

    answers_with: str
    threshold: float
    report: dict[str, Any]


def advice(model: ModelVersion) -> Advice:
    """The best way to answer and the threshold, as the model's report and manifest recommend them."""
    report = report_of(model)
    best = str((report.get("verdict") or {}).get("recommend") or chat.TUNED)
    return Advice(best if best in ways(model) else chat.TUNED, _threshold(model, report), report)


def ways(model: ModelVersion) -> dict[str, str]:
    """All that can answer: the trained model and the simpler ways it was compared with, with their titles."""
    family = reports.of(model.project.case.family)
    compared = report_of(model).get("scores") or {}
    return {system: title for system, title in family.answers().items() if system in compared or not compared}


def report_of(model: ModelVersion) -> dict[str, Any]:
    evaluation = Evaluation.objects.filter(model=model).first()
    if evaluation is not None and evaluation.report:
        return dict(evaluation.report)
    try:
        found: dict[str, Any] = json.loads((model.folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _threshold(model: ModelVersion, report: dict[str, Any]) -> float:
    """Below which similarity it should say that it is not sure: as the held-out rows say, or as the model was made."""
    found = (report.get("unsure") or {}).get("threshold")
    if found is None:
        found = (model.manifest.get("policy") or {}).get("unsure")
    return round(min(1.0, max(0.0, float(found or 0.0))), 2)


def defaults(model: ModelVersion) -> dict[str, Any]:
    """Settings with which one click publishes something good."""
    case = model.project.case
    return {
        "name": model.project.name[:80],
        "greeting": str(case.greeting),
        "starters": starters(model),
        "threshold": advice(model).threshold,
    }


def free_slug(name: str, use_case: str) -> str:
    """A short address from the name; names without Latin letters take the use case's."""
    stem = slugify(name)[:48].strip("-") or slugify(use_case.replace("_", "-")) or "assistant"
    taken = set(Endpoint.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, count = stem, 1
    while slug in taken:
        count += 1
        slug = f"{stem}-{count}"
    return slug


def publish(model: ModelVersion, user: Any, answers_with: str = "", **settings: Any) -> Endpoint:
    """A new endpoint that answers with this model. Settings that are not given take good defaults."""
    values = defaults(model) | {name: value for name, value in settings.items() if name in SETTINGS}
    answers_with = answers_with or advice(model).answers_with
    check(model, answers_with)
    with transaction.atomic():
        endpoint = Endpoint.objects.create(
            project=model.project, slug=free_slug(values["name"], model.project.use_case), **values
        )
        _go_live(endpoint, model, answers_with, user)
    AuditEvent.record(model.project.team, user, "endpoint.published", endpoint, model=model.number)
    return endpoint


def deploy(endpoint: Endpoint, model: ModelVersion, user: Any, answers_with: str = "") -> Deployment:
    """Another version answers from now on, if the engine can serve it; else the old one goes on."""
    if model.project_id != endpoint.project_id:
        raise UserError(_("This version belongs to another project."), _("Nothing was changed."))
    answers_with = answers_with or advice(model).answers_with
    check(model, answers_with, live=endpoint.published)
    with transaction.atomic():
        _follow_threshold(endpoint, model)
        deployment = _go_live(endpoint, model, answers_with, user)
    AuditEvent.record(endpoint.project.team, user, "endpoint.deployed", endpoint, model=model.number)
    return deployment


def rollback(endpoint: Endpoint, user: Any, to: Deployment | None = None) -> Deployment:
    """Back to an earlier version, by default the one before. It is a new deployment of an old model."""
    now = endpoint.deployment
    before = to or next((one for one in endpoint.deployments.all() if now and not same(one, now)), None)
    if before is None or before.endpoint_id != endpoint.pk:
        raise UserError(_("There is no earlier version to go back to."), _("Nothing was changed."))
    check(before.model, before.answers_with, live=endpoint.published)
    with transaction.atomic():
        deployment = _go_live(endpoint, before.model, before.answers_with, user)
    AuditEvent.record(endpoint.project.team, user, "endpoint.rolled_back", endpoint, model=before.model.number)
    return deployment


def unpublish(endpoint: Endpoint, user: Any) -> None:
    """Nobody gets an answer any more; everything is kept."""
    with transaction.atomic():
        endpoint.deployments.filter(ended__isnull=True).update(ended=timezone.now())
        Endpoint.objects.filter(pk=endpoint.pk).update(published=False)
    endpoint.published = False
    AuditEvent.record(endpoint.project.team, user, "endpoint.unpublished", endpoint)


def republish(endpoint: Endpoint, user: Any) -> Deployment:
    """On again, with the version that answered last."""
    last = endpoint.deployments.select_related("model").first()
    if last is None:
        raise UserError(_("This assistant never had a version."), todo=_("Train a model and publish it."))
    check(last.model, last.answers_with)
    with transaction.atomic():
        deployment = _go_live(endpoint, last.model, last.answers_with, user)
    AuditEvent.record(endpoint.project.team, user, "endpoint.published", endpoint, model=last.model.number)
    return deployment


def same(one: Deployment, other: Deployment) -> bool:
    return one.model_id == other.model_id and one.answers_with == other.answers_with


def _go_live(endpoint: Endpoint, model: ModelVersion, answers_with: str, user: Any) -> Deployment:
    endpoint.deployments.filter(ended__isnull=True).update(ended=timezone.now())
    Endpoint.objects.filter(pk=endpoint.pk).update(published=True)
    endpoint.published = True
    who = user if getattr(user, "is_authenticated", False) else None
    return Deployment.objects.create(endpoint=endpoint, model=model, answers_with=answers_with, created_by=who)


def _follow_threshold(endpoint: Endpoint, model: ModelVersion) -> None:
    """A threshold that the owner left as recommended moves with the recommendation; one of their own stays."""
    last = endpoint.deployments.select_related("model__run").first()
    if last is None or abs(endpoint.threshold - advice(last.model).threshold) < 0.005:
        endpoint.threshold = advice(model).threshold
        Endpoint.objects.filter(pk=endpoint.pk).update(threshold=endpoint.threshold)


def check(model: ModelVersion, answers_with: str, live: bool = False) -> None:
    """Asks the engine to load what will answer and to repeat the stored test prompts. UserError when it cannot."""
    if answers_with not in ways(model):
        raise UserError(_("There is no such way to answer."), todo=_("Choose one from the list."))
    safe = (
        _("The version that answered before goes on answering.")
        if live
        else _("Your model and your data are safe. Nothing was published.")
    )
    knowing = chat.of_model(model, answers_with)
    try:
        async_to_sync(chat.load)(knowing)
    except serving.ProbeMismatch as error:
        logger.warning("Model %s answers differently in the engine than after training: %s", model.pk, error)
        raise UserError(
            _("This version answers differently now than it did after training, so it was not published."),
            safe,
            _("Train again, or publish another version."),
        ) from error
    except serving.EngineError as error:
        logger.warning("The engine could not load model %s: %s", model.pk, error)
        raise UserError(
            _("The engine that writes the answers cannot be reached or could not load this version."),
            safe,
            _("Wait a moment and try again. If it stays so, look at the engine's lines in the log."),
        ) from error


def issue_key(endpoint: Endpoint, user: Any, name: str) -> tuple[ApiKey, str]:
    """A secret key for one endpoint; the secret is returned once and kept nowhere."""
    key, secret = ApiKey.issue(endpoint.project.team, name[:80] or _("API key"), endpoint, created_by=user)
    AuditEvent.record(endpoint.project.team, user, "key.issued", key.prefix, endpoint=endpoint.slug)
    return key, secret


def revoke(key: ApiKey, user: Any) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked__isnull=True).update(revoked=timezone.now())
    AuditEvent.record(key.team, user, "key.revoked", key.prefix)
