"""Fills an empty studio with a little of everything, without a training: `ATELIER_HOME=… python -m tests.browser.small`.

For tests of how pages look. It runs in a process of its own, as no ORM may run in a browser's event loop.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import django

PASSWORD = "a kettle that sings"
PEOPLE = {"olga@example.com": "owner", "vera@example.com": "viewer"}
LABELS = ["card_arrival", "lost_or_stolen_card", "exchange_rate", "top_up_failed", "refund_not_showing_up"]
SAID = "Where is the parcel with my green kettle and the two cups that I ordered on Monday?"
ANSWER = "Look into the mail that we sent you. The link there shows where it is. It is usually there in two days."


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import translation

    from projects import reading

    reading.read_guarded = reading.read  # nothing here needs guarding, and a process for each file takes its time
    call_command("migrate", verbosity=0, interactive=False)
    with translation.override("en"):
        team, owner = people()
        for fill in (questions, reviews, orders, unfinished):
            fill(team, owner)


def people() -> tuple[Any, Any]:
    from allauth.account.models import EmailAddress
    from django.contrib.auth import get_user_model

    from projects.models import Membership, Team

    team = Team.objects.create(name="Kettle & Co")
    for email, role in PEOPLE.items():
        user = get_user_model().objects.create_user(email, PASSWORD, name=f"{role.title()} Person")
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Membership.objects.create(team=team, user=user, role=role)
    return team, get_user_model().objects.get(email="olga@example.com")


def questions(team: Any, owner: Any) -> None:
    from tests.endpoints.conftest import write_model
    from tests.training.conftest import report

    rows = [(f"How much is kettle number {n}?", f"Kettle {n} costs {n * 3} euros, about.") for n in range(40)]
    rows += [("When do you open?", f"At {n} in the morning, but on Sundays and holidays at eleven.") for n in (8, 9)]
    rows += [("Is the tea fresh?", "It is."), ("Is the tea fresh?", "Of course."), ("Only a question?", "")]
    rows += [("Write to jane.doe@mailbox.example?", "Write to help@kettle.example or call +49 30 5550 1234."), rows[0]]
    project = new(team, owner, "support_bot", "Kettle support with a name that is rather long")
    brought(project, owner, "questions and answers of the year.csv", ("question", "answer"), rows)
    ready = brought(project, owner, "faq.csv", ("question", "answer"), rows[:40], ready=True)
    older, newer = (version(project, ready, n, report(tuned=0.5 + n / 20)) for n in (1, 2))
    for one in (older, newer):
        write_model(one.folder)
    talked(published(older, "kettle-support"), owner)


def reviews(team: Any, owner: Any) -> None:
    from tests.endpoints.labels import write_classifier
    from tests.training.test_report_classify import report

    rows = [(f"It was number {n} of {n * 7} and {LABELS[n % 5]} of it", LABELS[n % 5]) for n in range(60)]
    project = new(team, owner, "intent_routing", "Letters")
    brought(project, owner, "letters.csv", ("text", "label"), [*rows, ("Odd one out", "Card_Arrival ")])
    brought(project, owner, "to label.csv", ("text",), [(text,) for text, _label in rows[:30]], ready=True)
    ready = brought(project, owner, "letters 2.csv", ("text", "label"), rows, ready=True)
    made = version(project, ready, 1, report(labels=LABELS))
    write_classifier(made.folder, tuple(LABELS))
    published(made, "letters")


def orders(team: Any, owner: Any) -> None:
    from tests.endpoints.things import REPORT, THINGS, write_recommender

    rows = [(f"p{n % 9}", f"t{n % 8}", f"2024-0{1 + n % 9}-1{n % 7}") for n in range(200)]
    project = new(team, owner, "recommendation", "Tea shop")
    brought(project, owner, "orders.csv", ("person", "item", "when"), rows)
    ready = brought(project, owner, "orders 2.csv", ("person", "item", "when"), rows, ready=True)
    shown = {"history": ["t1", "t2"], "shown": [["t0", 0.9], ["t3", 0.5]], "taken": ["t0"], "hits": 1}
    names = {one["item"]: one["title"] for one in THINGS}
    made = version(project, ready, 1, {**REPORT, "rows": [shown, {**shown, "hits": 0}], "titles": names})
    write_recommender(made.folder)
    published(made, "tea-shop")


def unfinished(team: Any, owner: Any) -> None:
    """What waits, failed, was refused or is empty."""
    from training.models import TrainingRun

    new(team, owner, "sentiment", "Empty")
    project = new(team, owner, "support_bot", "Half done")
    brought(project, owner, "kettle.csv", ("\x89PNG\r\n\x1a\n",), [("\x00" * 200,)])
    data = brought(project, owner, "faq.csv", ("q", "a"), [(f"What {n}?", f"That {n}.") for n in range(30)], ready=True)
    for state in ("failed", "cancelled", "running"):
        run = TrainingRun.objects.create(
            project=project,
            dataset=data,
            base_model="smollm2-135m-instruct",
            preset="quick",
            state=state,
            created_by=owner,
        )
        if state == "running":
            TrainingRun.objects.filter(pk=run.pk).update(progress=0.4, phase="training")


def new(team: Any, owner: Any, use_case: str, name: str) -> Any:
    from projects.models import Project

    return Project.objects.create(team=team, name=name, use_case=use_case, created_by=owner)


def brought(
    project: Any, owner: Any, name: str, header: Sequence[str], rows: Sequence[Sequence[str]], ready: bool = False
) -> Any:
    """A file as a worker reads it, and where it says so, uses it."""
    import csv
    import io

    from projects import datasets, importing, uploading

    written = io.StringIO()
    csv.writer(written).writerows([header, *rows])
    upload = uploading.store(project, owner, name, [written.getvalue().encode()])
    dataset = datasets.create_dataset(project, upload, owner)
    importing.read(dataset)
    dataset.refresh_from_db()
    if ready:
        importing.finish(dataset)
        dataset.refresh_from_db()
    return dataset


def version(project: Any, dataset: Any, number: int, report: dict[str, Any]) -> Any:
    from training.models import Evaluation, ModelVersion, StepMetric, TrainingRun

    run = TrainingRun.objects.create(
        project=project, dataset=dataset, base_model="smollm2-135m-instruct", preset="quick", state="succeeded"
    )
    StepMetric.objects.bulk_create(StepMetric(run=run, step=n, loss=3 / n + (n % 5) / 10) for n in range(1, 120))
    StepMetric.objects.filter(run=run, step=60).update(validation_loss=1.0)
    made = ModelVersion.objects.create(project=project, run=run, number=number, manifest={"examples": 24, "known": 30})
    Evaluation.objects.create(model=made, report=report)
    return made


def published(model: Any, slug: str) -> Any:
    from endpoints.models import Deployment, Endpoint

    endpoint = Endpoint.objects.create(
        project=model.project, slug=slug, name=model.project.name, published=True, visibility="link", starters=[SAID]
    )
    Deployment.objects.create(endpoint=endpoint, model=model, ended=None)
    return endpoint


def talked(endpoint: Any, owner: Any) -> None:
    """Conversations with what people thought of the answers."""
    from endpoints import publishing
    from endpoints.models import Conversation, Feedback, Message

    publishing.issue_key(endpoint, owner, "Shop")
    for number, (channel, state) in enumerate([("page", "done"), ("widget", "unsure"), ("api", "done")]):
        talk = Conversation.objects.create(endpoint=endpoint, channel=channel, language="en")
        Message.objects.create(conversation=talk, role="user", text=f"{SAID} {number}")
        answer = Message.objects.create(
            conversation=talk,
            role="assistant",
            text=ANSWER,
            state=state,
            confidence=0.4,
            deployment=endpoint.deployment,
        )
        Feedback.objects.create(
            message=answer, rating=-1, question=f"{SAID} {number}", suggestion="It should say Tuesday." * (number != 2),
            correction="It comes on Tuesday." * (number == 2), corrected_by=owner if number == 2 else None,
        )  # fmt: skip


if __name__ == "__main__":
    main()
