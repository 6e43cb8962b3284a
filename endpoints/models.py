"""Published assistants, who may call them, and every conversation with them."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from endpoints.scored import LabelCount, Scoring
from projects.models import Project, Team
from projects.models.stored import Json
from training import reports
from training.models import ModelVersion

__all__ = [
    "AnswerCount", "ApiKey", "Conversation", "Deployment", "Endpoint", "Feedback", "LabelCount", "Message", "Scoring", "Usage",
    "publishable_key",
]  # fmt: skip


def publishable_key() -> str:
    return f"pk_{secrets.token_urlsafe(24)}"


class Endpoint(models.Model):
    class Visibility(models.TextChoices):
        TEAM = "team", _("Only my team")
        LINK = "link", _("Everyone with the link")
        PUBLIC = "public", _("Public")
        API = "api", _("API only")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="endpoints")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    greeting = models.CharField(_("greeting"), max_length=300, blank=True)
    starters: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    color = models.CharField(_("colour"), max_length=7, default="#3d5afe")
    allowed_sites: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list
    )  # origins that may show the widget
    visibility = models.CharField(
        _("who may use it"), max_length=6, choices=Visibility.choices, default=Visibility.LINK
    )
    messages_a_minute = models.PositiveIntegerField(_("messages a minute from one visitor"), default=12)
    requests_a_minute = models.PositiveIntegerField(_("API requests a minute for one key"), default=60)
    threshold = models.FloatField(
        _("how sure it must be"), default=0.0
    )  # 0 to 1, similarity of the nearest known question
    contact = models.CharField(_("where a person can be reached"), max_length=200, blank=True)
    rules: Json = models.JSONField(default=dict, blank=True)  # what may be recommended
    publishable_key = models.CharField(max_length=60, default=publishable_key, unique=True)
    published = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.name

    @property
    def deployment(self) -> Deployment | None:
        """What answers now."""
        if not self.published:
            return None
        return self.deployments.filter(ended__isnull=True).select_related("model__run", "model__project").first()


class Deployment(models.Model):
    """Which model answered from when to when. A rollback is a new deployment of an old model."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deployments")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="deployments")
    answers_with = models.CharField(max_length=24, default="tuned")  # tuned, or the report's name of a simpler way
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settings: models.JSONField[dict[str, float], dict[str, float]] = models.JSONField(
        default=dict, blank=True
    )  # of the endpoint, while it answered
    started = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"], condition=models.Q(ended__isnull=True), name="one_live_deployment"
            )
        ]

    @property
    def title(self) -> str:
        """What answers or answered, in the words in which somebody chose it."""
        answers = reports.of(self.model.project.case.family).answers()
        return answers.get(self.answers_with, self.answers_with)


class ApiKey(models.Model):
    """A secret key. It is shown once; only its hash is kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, null=True, blank=True, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created"]

    @staticmethod
    def digest(secret: str) -> str:
        # A plain hash is enough for 256 random bits; a password hash would cost 0.2 s a call.
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, team: Team, name: str, endpoint: Endpoint | None = None, **fields: object) -> tuple[ApiKey, str]:
        secret = f"sk-at-{secrets.token_urlsafe(32)}"
        key = cls.objects.create(
            team=team, endpoint=endpoint, name=name, prefix=secret[:10], secret_hash=cls.digest(secret), **fields
        )
        return key, secret

    @property
    def usable(self) -> bool:
        return self.revoked is None and (self.expires is None or self.expires > timezone.now())


class Conversation(models.Model):
    class Channel(models.TextChoices):
        PAGE = "page", _("Chat page")
        WIDGET = "widget", _("Widget")
        API = "api", _("API")
        TRY = "try", _("Try-out")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="conversations")
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.PAGE)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)  # the visitor's secret, hashed
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=16, blank=True)
    sequence = models.PositiveIntegerField(default=0)  # the last frame number given out
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated"]
        indexes = [
            models.Index(fields=["endpoint", "-updated"], name="newest_talks"),
            models.Index(fields=["endpoint", "created"], name="talks_by_day"),
        ]


class Message(models.Model):
    class Role(models.TextChoices):
        USER = "user", _("Visitor")
        ASSISTANT = "assistant", _("Assistant")

    class State(models.TextChoices):
        STREAMING = "streaming", _("Writing")
        DONE = "done", _("Done")
        UNSURE = "unsure", _("Not sure")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=9, choices=Role.choices)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DONE)
    client_id = models.CharField(max_length=40, blank=True)  # given by the browser: a message sent twice is kept once
    sources: models.JSONField[list[dict[str, object]], list[dict[str, object]]] = models.JSONField(
        default=list
    )  # the known answers used
    result: Json = models.JSONField(default=dict)  # a label or cards, where it is more than text
    confidence = models.FloatField(null=True, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")  # a retry
    deployment = models.ForeignKey(Deployment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(null=True, blank=True)
    trace = models.CharField(max_length=64, blank=True)  # of an API's answer: what the conversation came to with it
    created = models.DateTimeField(auto_now_add=True)
    beat = models.DateTimeField(
        null=True, blank=True
    )  # while streaming: the last sign of life of the process that writes

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "client_id"], condition=~models.Q(client_id=""), name="one_message_a_client_id"
            )
        ]
        indexes = [
            models.Index(
                fields=["conversation"], condition=models.Q(state__in=["unsure", "failed"]), name="without_an_answer"
            ),
            models.Index(fields=["beat"], condition=models.Q(state="streaming"), name="answers_being_written"),
            models.Index(fields=["trace"], condition=~models.Q(trace=""), name="answers_by_trace"),
        ]


class AnswerCount(models.Model):
    """How many answers ended in a state within a time, since the first one. It only grows, whatever is deleted."""

    state = models.CharField(max_length=9, choices=Message.State.choices)
    within = models.FloatField()  # seconds; the last one has no limit
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)  # of all of them together

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state", "within"], name="one_answer_count")]


class Feedback(models.Model):
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="feedback")
    rating = models.SmallIntegerField(default=0)  # 1 up, -1 down, 0 taken back
    suggestion = models.TextField(blank=True)  # a visitor's words; neither given nor learned before a person's yes
    correction = models.TextField(blank=True)  # the team's words (or labels, or things): given and learned
    question = models.TextField(blank=True)  # what was asked, with what is personal masked
    question_key = models.BigIntegerField(null=True, blank=True, db_index=True)  # the same for the same question
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    used_in = models.ForeignKey(
        "projects.Dataset", on_delete=models.SET_NULL, null=True, blank=True, related_name="corrections"
    )
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["rating", "updated"], name="newest_ratings")]


class Usage(models.Model):
    """Requests, answers and tokens a day, endpoint and key."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="usage")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, blank=True, related_name="usage")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)  # given in these requests: one in a chat, one a text or list
    unsure = models.PositiveIntegerField(default=0)  # of these answers
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "key", "day"], name="one_usage_a_day"),
            # Two empty keys count as different in a database, so the rows without a key need a rule of their own.
            models.UniqueConstraint(
                fields=["endpoint", "day"], condition=models.Q(key=None), name="one_keyless_usage_a_day"
            ),
        ]
