"""Publishing: an endpoint for a model, another version for an endpoint, back again, off and on, and its keys."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from endpoints import chat, families, serving
from endpoints.models import ApiKey, Deployment, Endpoint
from endpoints.starters import starters
from projects import users
from projects.errors import UserError
from projects.models import AuditEvent, Project
from projects.users import Doer
from training import live, reports
from training.ml.reports import Report
from training.ml.stored import Stored
from training.models import Evaluation, ModelVersion
from training.reports import Standing
from training.sureness import Certainty
from training.verdicts import Caution

logger = logging.getLogger(__name__)
SETTINGS = {
    "name", "greeting", "starters", "color", "allowed_sites", "visibility", "messages_a_minute",
    "requests_a_minute", "threshold", "contact", "rules",
}  # fmt: skip

OF_A_VERSION = ("threshold",)
"""Settings that were chosen for one version: another one's certainty means something else."""


@dataclass(frozen=True)
class Advice:
    """What the report recommends for publishing, and the numbers behind it."""

    answers_with: str
    threshold: float
    certainty: Certainty
    caution: Caution | None
    """Why the trained model should not be published, where it should not."""


@dataclass(frozen=True)
class Remark:
    """What is said beside the choice of what answers, once one is made."""

    kind: str
    title: str
    text: str


def advice(model: ModelVersion) -> Advice:
    """The best way to answer and the threshold, as the model's report and manifest recommend them."""
    family, report = reports.of(model.project.case.family), report_of(model)
    best = reports.recommended(family, report)
    if best == chat.BASE and chat.RETRIEVAL in ways(model):
        best = chat.RETRIEVAL  # the untouched base invents; known answers do not
    best = best if best in ways(model) else chat.TUNED
    sure = certainty(model, best)
    return Advice(
        best,
        _threshold(model, sure.recommended),
        sure,
        family.caution(report),
    )


def remark(model: ModelVersion, chosen: str) -> Remark | None:
    """What the report says to this choice: a warning, or why the simpler way that was chosen is the right one."""
    found, titles, against = advice(model), ways(model), unfit(model)
    caution = found.caution
    if caution and (caution.any_way or chosen == chat.TUNED):
        return Remark("warn", caution.title, caution.why)
    if chosen in against:
        return Remark("warn", _("What is chosen is not recommended"), against[chosen])
    if caution and chosen == found.answers_with:
        return Remark("info", _("Recommended: %(way)s") % {"way": titles[chosen]}, caution.why)
    return None


def certainty(model: ModelVersion, answers_with: str = "") -> Certainty:
    """What the model's report measured at each threshold of the way that answers; of the recommended one without it."""
    return reports.of(model.project.case.family).certainty(report_of(model), answers_with)


def ways(model: ModelVersion) -> dict[str, str]:
    """All that can answer: the trained model and the simpler ways it was compared with, with their titles."""
    family = reports.of(model.project.case.family)
    compared = report_of(model).scores
    return {system: title for system, title in family.answers().items() if system in compared or not compared}


def unfit(model: ModelVersion) -> dict[str, str]:
    """The ways that cannot be recommended, each with the reason."""
    return reports.of(model.project.case.family).unfit(report_of(model))


def report_of(model: ModelVersion) -> Report:
    """What was measured of a model; an empty report where nothing was."""
    evaluation: Evaluation | None = getattr(model, "evaluation", None)
    if evaluation is not None and evaluation.report:
        return evaluation.measured
    try:
        stored: Stored = json.loads((model.folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = {}
    return reports.read(stored, model.project.case.family)


def _threshold(model: ModelVersion, recommended: float | None) -> float:
    """Below which similarity it should say that it is not sure: as the held-out rows say, or as the model was made."""
    found = model.about.policy.unsure if recommended is None else recommended
    return round(min(1.0, max(0.0, found)), 2)


def defaults(model: ModelVersion) -> dict[str, Any]:
    """Settings with which one click publishes something good."""
    case = model.project.case
    return {
        "name": model.project.name[:80],
        "greeting": str(case.greeting),
        "starters": starters(model),
        "threshold": advice(model).threshold,
    }


RESERVED = {"completions"}
"""A chat page at /chat/completions/ would hide what a client meant whose base URL lacks its /v1."""


MOST_BESIDE = 20
"""Versions that are held against the live one on one page, newest first."""


def beside_live(endpoint: Endpoint) -> list[tuple[ModelVersion, Standing | None]]:
    """The newest versions, each with how it stands beside the one that answers for an endpoint."""
    now = endpoint.deployment
    current = live.Live(now.model, now.answers_with) if now else None
    found = endpoint.project.models.select_related("run__dataset", "evaluation", "project")[:MOST_BESIDE]
    return [(model, live.standing(model, current) if current else None) for model in found]


def free_slug(name: str, use_case: str) -> str:
    """A short address from the name; names without Latin letters take the use case's."""
    stem = slugify(name)[:48].strip("-") or slugify(use_case.replace("_", "-")) or "assistant"
    taken = RESERVED | set(Endpoint.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, count = stem, 1
    while slug in taken:
        count += 1
        slug = f"{stem}-{count}"
    return slug


PRESSED_TWICE = timedelta(seconds=20)
"""The same version published under the same name again so soon by the same person is the same press."""


def _just_published(model: ModelVersion, user: Doer, name: str, answers_with: str) -> Endpoint | None:
    if not getattr(user, "is_authenticated", False):
        return None
    recent = Deployment.objects.filter(model=model, ended=None, started__gt=timezone.now() - PRESSED_TWICE)
    mine = recent.filter(created_by=users.key(user), answers_with=answers_with, endpoint__name=name).select_related(
        "endpoint"
    )
    found = mine.order_by("pk").first()
    return found.endpoint if found is not None else None


def publish(model: ModelVersion, user: Doer, answers_with: str = "", **settings: Any) -> Endpoint:
    """A new endpoint that answers with this model. Settings that are not given take good defaults."""
    values = defaults(model) | {name: value for name, value in settings.items() if name in SETTINGS}
    answers_with = answers_with or advice(model).answers_with
    check(model, answers_with)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=model.project_id)  # two that press at once come here one by one
        if (pressed := _just_published(model, user, values["name"], answers_with)) is not None:
            return pressed
        rules = families.of_project(model.project).rules(model) | values.pop("rules", {})
        endpoint = Endpoint.objects.create(
            project=model.project, slug=free_slug(values["name"], model.project.use_case), rules=rules, **values
        )
        _go_live(endpoint, model, answers_with, user)
    AuditEvent.record(model.project.team, user, "endpoint.published", endpoint, model=model.number)
    return endpoint


def deploy(endpoint: Endpoint, model: ModelVersion, user: Doer, answers_with: str = "") -> Deployment:
    """Another version answers from now on, if the engine can serve it; else the old one goes on."""
    if model.project_id != endpoint.project_id:
        raise UserError(_("This version belongs to another project."), _("Nothing was changed."))
    answers_with = answers_with or advice(model).answers_with
    check(model, answers_with, answering=endpoint.published)
    with transaction.atomic():
        _keep_settings(endpoint)
        _follow_threshold(endpoint, model)
        deployment = _go_live(endpoint, model, answers_with, user)
    AuditEvent.record(endpoint.project.team, user, "endpoint.deployed", endpoint, model=model.number)
    return deployment


def rollback(endpoint: Endpoint, user: Doer, to: Deployment | None = None) -> Deployment:
    """Back to an earlier version, by default the one before. It is a new deployment of an old model."""
    now = endpoint.deployment
    before = to or next((one for one in endpoint.deployments.all() if now and not same(one, now)), None)
    if before is None or before.endpoint_id != endpoint.pk:
        raise UserError(_("There is no earlier version to go back to."), _("Nothing was changed."))
    check(before.model, before.answers_with, answering=endpoint.published)
    with transaction.atomic():
        _keep_settings(endpoint)
        _restore(endpoint, before)
        deployment = _go_live(endpoint, before.model, before.answers_with, user)
    AuditEvent.record(endpoint.project.team, user, "endpoint.rolled_back", endpoint, model=before.model.number)
    return deployment


def unpublish(endpoint: Endpoint, user: Doer) -> None:
    """Nobody gets an answer any more; everything is kept."""
    with transaction.atomic():
        _keep_settings(endpoint)
        endpoint.deployments.filter(ended__isnull=True).update(ended=timezone.now())
        Endpoint.objects.filter(pk=endpoint.pk).update(published=False)
    endpoint.published = False
    AuditEvent.record(endpoint.project.team, user, "endpoint.unpublished", endpoint)


def republish(endpoint: Endpoint, user: Doer) -> Deployment:
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


def _go_live(endpoint: Endpoint, model: ModelVersion, answers_with: str, user: Doer) -> Deployment:
    endpoint.deployments.filter(ended__isnull=True).update(ended=timezone.now())
    Endpoint.objects.filter(pk=endpoint.pk).update(published=True)
    endpoint.published = True
    settings = {name: getattr(endpoint, name) for name in OF_A_VERSION}
    return Deployment.objects.create(
        endpoint=endpoint, model=model, answers_with=answers_with, created_by_id=users.key(user), settings=settings
    )


def _keep_settings(endpoint: Endpoint) -> None:
    """The deployment that answers now remembers what the owner last chose for it."""
    settings = {name: getattr(endpoint, name) for name in OF_A_VERSION}
    endpoint.deployments.filter(ended__isnull=True).update(settings=settings)


def _restore(endpoint: Endpoint, before: Deployment) -> None:
    """What belonged to an earlier version; one from before settings were kept has what its report recommends."""
    threshold = before.settings.get("threshold")
    endpoint.threshold = advice(before.model).threshold if threshold is None else float(threshold)
    Endpoint.objects.filter(pk=endpoint.pk).update(threshold=endpoint.threshold)


def _follow_threshold(endpoint: Endpoint, model: ModelVersion) -> None:
    """A threshold that the owner left as recommended moves with the recommendation; one of their own stays."""
    last = endpoint.deployments.select_related("model__run").first()
    if last is None or abs(endpoint.threshold - advice(last.model).threshold) < 0.005:
        endpoint.threshold = advice(model).threshold
        Endpoint.objects.filter(pk=endpoint.pk).update(threshold=endpoint.threshold)


def check(model: ModelVersion, answers_with: str, answering: bool = False) -> None:
    """Asks the engine to load what will answer and to repeat the stored test prompts. UserError when it cannot."""
    if answers_with not in ways(model):
        raise UserError(_("There is no such way to answer."), todo=_("Choose one from the list."))
    safe = (
        _("The version that answered before goes on answering.")
        if answering
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
        if isinstance(error, serving.EngineRefused) and error.code in chat.UNFIT:
            raise chat.damaged(knowing.folder, error) from error
        logger.warning("The engine could not load model %s: %s", model.pk, error)
        raise UserError(
            _("The engine that writes the answers cannot be reached or could not load this version."),
            safe,
            _("Wait a moment and try again. If it stays so, look at the engine's lines in the log."),
        ) from error


def issue_key(endpoint: Endpoint, user: Doer, name: str) -> tuple[ApiKey, str]:
    """A secret key for one endpoint; the secret is returned once and kept nowhere."""
    key, secret = ApiKey.issue(
        endpoint.project.team, name[:80] or _("API key"), endpoint, created_by_id=users.key(user)
    )
    AuditEvent.record(endpoint.project.team, user, "key.issued", key.prefix, endpoint=endpoint.slug)
    return key, secret


def revoke(key: ApiKey, user: Doer) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked__isnull=True).update(revoked=timezone.now())
    AuditEvent.record(key.team, user, "key.revoked", key.prefix)
