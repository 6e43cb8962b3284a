"""A ready dataset, tiny base models in the place of the real ones, and a report as an evaluation writes it."""

from __future__ import annotations

import random

import pytest

from tests import tiny

QUICK = {
    "epochs": 3,
    "learning_rate": 1e-2,
    "tokens_per_step": 1024,
    "max_new_tokens": 12,
    "policy_rows": 2,
    "validation_rows": 2,
    "validations": 2,
    "evaluation_rows": 4,
    "checkpoint_steps": 2,
}


@pytest.fixture(autouse=True)
def _no_messages(monkeypatch):
    """What would go into the queue, in a list."""
    from training import runs

    sent = []
    monkeypatch.setattr(runs.current_app, "send_task", lambda name, args, queue, **_: sent.append((args[0], queue)))
    return sent


@pytest.fixture
def sent(_no_messages):
    return _no_messages


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("bases")
    return tiny.chat_model(place / "tiny-chat"), tiny.sentence_encoder(place / "tiny-encoder")


@pytest.fixture
def tiny_bases(tiny_folders, monkeypatch):
    chat, encoder = tiny_folders
    setting = f"smollm2-135m-instruct={chat}, embedding:all-minilm-l6-v2={encoder}"
    monkeypatch.setenv("ATELIER_BASE_MODELS", setting)
    return setting


def ready_dataset(project, owner, **counts):
    from projects.models import Dataset

    dataset = Dataset.objects.create(
        project=project, created_by=owner, name="faq.csv", state="ready", counts={"train": 24, "test": 6, **counts}
    )
    tiny.dataset(dataset.folder)
    return dataset


@pytest.fixture
def dataset(project, owner):
    return ready_dataset(project, owner)


@pytest.fixture
def run(dataset, owner):
    """A queued run with settings for a second or two."""
    from training import runs

    return runs.start(dataset, "quick", QUICK, owner)


def report(tuned=0.6, retrieval=0.5, base=0.2, rows=60, foreign=(0.05, 0.1)):
    """A report as training.ml writes it, made by its own functions from drawn scores."""
    from training.ml.chat.judging import judge
    from training.ml.chat.report import CurvePoint, Report, Scored, Tested, Unsure, compare, summarise

    draw = random.Random(1)

    def scored(level, share):
        value = min(1, max(0, level + draw.uniform(-0.02, 0.02)))
        odd = ["91"] if draw.random() < share else []
        return Scored("It costs 91 or so.", value, value, odd, odd)

    tested = [
        Tested(
            id=f"{n:016x}", row=n, question=f"<b>Question</b> {n}?", reference="It costs 12.", kind="generate",
            nearest=0.5, unsure=n % 9 == 0, sources=[], tuned=scored(tuned, foreign[0]), base=scored(base, 0),
            retrieval=scored(retrieval, foreign[1]),
        )
        for n in range(rows)
    ]  # fmt: skip
    differences = {f"tuned_minus_{other}": compare(tested, other, 0) for other in ("base", "retrieval")}
    points = [CurvePoint(s / 100, s / 200, s / 150, 0.7) for s in range(20, 96, 5)]
    unsure = Unsure(0.45, "answers_below_are_worse", points)
    made = Report(summarise(tested, 0), differences, judge(differences, tested), unsure, tested, rows, 0.25, 12.0, {})
    return made.to_json()


@pytest.fixture
def model(dataset, owner):
    """A finished version with a report in which it is better than the rest."""
    from training.models import Evaluation, ModelVersion, TrainingRun

    done = TrainingRun.objects.create(
        project=dataset.project, dataset=dataset, base_model="smollm2-135m-instruct", state="succeeded", preset="quick"
    )
    version = ModelVersion.objects.create(project=dataset.project, run=done, number=1, manifest={"examples": 24})
    Evaluation.objects.create(model=version, report=report())
    return version


def verdict_of(stored):
    """The verdict on a report as it is stored, by the family that it names."""
    from training import reports
    from training.ml.families import of_report

    return reports.of(of_report(stored)).verdict(reports.read(stored))
