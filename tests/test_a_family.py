"""A family is added by adding its rooms: the toy goes from a file to an answer and is published with no edit elsewhere."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects import discover, importing, usecases
from projects.models import Dataset, Project

TOY = Path(__file__).parent / "toy"
ROOMS = {
    "projects.families": "data", "projects.usecases": "usecases", "projects.views.families": "look",
    "training.families": "learning", "training.ml": "ml", "endpoints.families": "serving",
    "endpoints.engine.families": "engine",
}  # fmt: skip
ROWS = "question,answer\n" + "".join(f"What does bird number {n} say?,It says the word {n} twice.\n" for n in range(40))


def forget() -> None:
    """What was listed once."""
    discover.modules.cache_clear()
    usecases.all_use_cases.cache_clear()
    listing = [package for package in ROOMS if package.endswith("families")]
    for package in [*listing, "training.ml.families"]:
        importlib.import_module(package).every.cache_clear()


@pytest.fixture
def toy(monkeypatch):
    """The toy's rooms stand where those of the other families do."""
    for package, room in ROOMS.items():
        home = importlib.import_module(package)
        monkeypatch.setattr(home, "__path__", [*home.__path__, str(TOY / room)])
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def in_process(monkeypatch):
    """The test does the workers' work itself."""
    from training import runs

    for task in ("read_dataset", "import_dataset"):
        monkeypatch.setattr(f"projects.tasks.{task}.delay_on_commit", lambda pk: None)
    monkeypatch.setattr(runs.current_app, "send_task", lambda *_args, **_options: None)


@pytest.mark.django_db(transaction=True)  # a worker lets go of its connections
def test_it_goes_from_a_file_to_an_answer_and_is_published(toy, in_process, team, owner, as_):
    from training import tasks
    from training.models import TrainingRun

    person = as_(owner)
    project = Project.objects.create(team=team, name="Birds", use_case="parrot", created_by=owner)
    file = SimpleUploadedFile("birds.csv", ROWS.encode(), "text/csv")
    page = person.post(reverse("projects:data", args=[project.pk]), {"file": file})
    dataset = Dataset.objects.get(project=project)
    assert page.url == reverse("projects:dataset", args=[dataset.pk])
    importing.read(dataset)
    assert person.get(page.url).status_code == 200
    person.post(reverse("projects:use", args=[dataset.pk]))
    dataset.refresh_from_db()
    importing.finish(dataset)
    assert "No row is on two sides." in person.get(page.url).content.decode()

    new = reverse("training:new", args=[dataset.pk])
    assert person.get(new).status_code == 200
    person.post(new, {"preset": "quick"})
    run = TrainingRun.objects.get(project=project)
    assert tasks.work(run)
    run.refresh_from_db()
    assert run.state == TrainingRun.State.SUCCEEDED, run.error

    publish = reverse("endpoints:publish", args=[run.model.pk])
    form = person.get(publish).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: "\n".join(one) if isinstance(one, list) else one for name, one in values.items() if one is not None}
    published = person.post(publish, values)
    assert published.status_code == 302, published.context["form"].errors
    shown = person.get(published.url).content.decode()
    assert "The bird is called birds." in shown and "echo birds" in shown

    tried = person.get(reverse("endpoints:tryout", args=[run.model.pk]), {"text": "Polly?"}).content.decode()
    assert "You said: Polly?" in tried
