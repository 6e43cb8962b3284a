"""The plan: every choice has a reason with words, the time comes from this machine, the queue from who is alive."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from projects import claims
from training import plan, problems, recorder, wording
from training.forms import SETTINGS
from training.ml import config, errors
from training.models import TrainingRun, Worker

pytestmark = pytest.mark.django_db
ML = Path(config.__file__).parent


def worker(*queues, **facts):
    return Worker.objects.create(name=f"w{queues}", queues=list(queues), facts=facts, seen=timezone.now())


def test_it_gives_a_reason_for_every_choice(dataset):
    for one in plan.all_presets(dataset):
        assert len(wording.reasons(one.reasons)) == len(one.reasons)
        assert one.seconds > 0
    assert [one.preset for one in plan.all_presets(dataset)] == list(config.PRESETS)


def test_it_has_words_for_every_code_of_the_learning_code():
    text = "\n".join(file.read_text() for file in ML.rglob("*.py"))
    assert set(re.findall(r'Reason\(\s*"(\w+)"', text)) <= set(wording.REASONS)
    assert set(re.findall(r'note\(\s*"(\w+)"', text)) <= set(wording.LOG)
    learning = [one for one in errors.LearningError.__subclasses__() if one.__module__ == errors.__name__]
    assert {one.code for one in learning} <= set(problems.WORDS)
    phases = set(re.findall(r'\.phase\(\s*"(\w+)"', text))
    assert phases <= set(recorder.SHARES)
    assert all(wording.phase(name) != wording.phase("") for name in phases)


def test_it_takes_the_gpu_when_one_is_alive(dataset):
    assert plan.make(dataset, "quick").queue == "train"
    worker("train", device="cpu", cores=2, gflops=500)
    gpu = worker("gpu", device="cuda", bf16=True, cores=8)
    assert plan.make(dataset, "quick").queue == "gpu"
    Worker.objects.filter(pk=gpu.pk).update(seen=timezone.now() - timedelta(minutes=2))
    assert plan.make(dataset, "quick").queue == "train"


def test_it_learns_the_time_from_earlier_runs(dataset):
    before = plan.make(dataset, "quick")
    now = timezone.now()
    TrainingRun.objects.create(
        project=dataset.project, dataset=dataset, base_model="b", state="succeeded", queue="train",
        modelled=100, started=now - timedelta(seconds=300), finished=now,
    )  # fmt: skip
    after = plan.make(dataset, "quick")
    assert after.seconds == pytest.approx(before.modelled * 3, rel=0.05)
    assert ["measured_speed", {"count": 1}] in after.reasons


def test_it_goes_slower_on_a_slow_machine(dataset):
    worker("train", device="cpu", bf16=False, cores=2, gflops=plan.USUAL_GFLOPS[False])
    assert plan.make(dataset, "quick").seconds == pytest.approx(plan.make(dataset, "quick").modelled * 2, rel=0.01)


def test_it_keeps_what_the_person_set(dataset):
    made = plan.make(dataset, "quick", {"epochs": 7, "rank": 16, "nonsense": 1})
    assert (made.config.epochs, made.config.rank, made.config.token_budget) == (7, 16, None)
    assert "Epochs" in " ".join(wording.reasons(made.reasons))


def test_it_warns_of_a_language_the_base_does_not_know(dataset):
    dataset.report = {"languages": {"zh": 0.9, "en": 0.1}}
    codes = [code for code, _facts in plan.make(dataset, "quick").reasons]
    assert "base_other_language" in codes


def test_it_offers_every_expert_setting_that_the_training_has():
    assert set(SETTINGS) <= set(config.TrainConfig().to_json())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "less than a minute"), (62, "about 1 minute"), (200, "about 3 minutes"), (1300, "about 20 minutes"),
     (5400, "about 1.5 hours"), (3600 * 50, "about 2 days")],
)  # fmt: skip
def test_it_says_times_as_people_do(seconds, words):
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "With this data it takes as long as Quick."), (12, "Takes about 10 seconds longer than Quick."),
     (54, "Takes about 50 seconds longer than Quick."), (58, "Takes about 1 minute longer than Quick."),
     (1500, "Takes about 25 minutes longer than Quick.")],
)  # fmt: skip
def test_it_says_how_much_longer_a_choice_takes_that_sounds_alike(seconds, words):
    assert wording.longer(seconds, "Quick") == words


def test_no_two_cards_promise_the_same_time_without_a_word(dataset, owner, as_):
    text = as_(owner).get(reverse("training:new", args=[dataset.pk])).content.decode()
    cards = re.findall(r'class="choice-card-big">(.*?)</span>\s*<span class="([^"]*)">(.*?)</span>', text)
    assert len(cards) == 3
    for (before, _kind, _text), (time, kind, said) in itertools.pairwise(cards):
        assert time != before or (kind == "small" and re.search("longer than|as long as", said)), said


def test_it_notices_at_once_that_a_process_of_this_machine_is_gone():
    assert not claims.gone(claims.me())
    assert claims.gone(f"{claims.machine()}/4194000/abc")
    assert not claims.gone("elsewhere.1/4194000/abc")


def test_it_tells_the_queue_again_of_what_nobody_heard(run, sent):
    from training import sweeping

    del sent[:]
    TrainingRun.objects.filter(pk=run.pk).update(created=timezone.now() - timedelta(minutes=1), published=None)
    assert sweeping.sweep() == 1
    assert sweeping.sweep() == 0
    assert sent == [(run.pk, "train")]


def test_it_ends_a_cancelled_run_whose_worker_died(run):
    from training import sweeping

    run.claim(f"{claims.machine()}/4194000/abc")
    TrainingRun.objects.filter(pk=run.pk).update(cancel_requested=True)
    sweeping.sweep()
    run.refresh_from_db()
    assert run.state == "cancelled"
