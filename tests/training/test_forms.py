"""The form that starts a training shows what the family learns with, and what the presets would choose."""

from __future__ import annotations

import importlib
import re
import types
from typing import get_args, get_type_hints

import pytest
from django.urls import reverse
from django.utils.translation import override

from projects.models import Dataset, Project
from projects.usecases import all_use_cases
from tests import tiny
from tests.training.ml.classify.conftest import QUICK as CLASSIFY
from tests.training.ml.conftest import QUICK as CHAT
from tests.training.ml.recommend.conftest import QUICK as RECOMMEND
from tests.training.ml.recommend.conftest import customers, write
from training import forms, plan, problems
from training.ml import families
from training.ml.config import TrainConfig
from training.models import TrainingRun

CASES = all_use_cases()
FAMILIES = sorted({case.family for case in CASES})
LANGUAGES = ("en", "zh-hans")


@pytest.fixture(params=CASES, ids=lambda case: case.slug)
def data(request, team, owner):
    """A dataset of each use case, as the check leaves it."""
    project = Project.objects.create(team=team, name="Kettles", use_case=request.param.slug, created_by=owner)
    counts = {"train": 90, "test": 30, "interactions": 500, "people": 40, "items": 30}
    return Dataset.objects.create(project=project, created_by=owner, name="data.csv", state="ready", counts=counts)


def train_page(dataset):
    return reverse("training:new", args=[dataset.pk])


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_for_every_use_case(data, owner, as_, language):
    page = as_(owner).get(train_page(data), headers={"accept-language": language})
    text = page.content.decode()
    assert page.status_code == 200
    assert "None" not in text
    asked = re.findall(r'name="(\w+)"', text[text.index('class="drawer"') :])
    assert tuple(asked) == families.of(data.project.case.family).presets.SETTINGS


@pytest.mark.django_db
def test_it_starts_for_every_use_case_and_comes_back_with_what_cannot_be(data, editor, as_):
    assert as_(editor).post(train_page(data), {"preset": "quick", "rank": "7"}).status_code == 422
    assert as_(editor).post(train_page(data), {"preset": "quick"}).status_code == 302
    assert TrainingRun.objects.get().dataset == data


@pytest.mark.django_db
def test_it_says_all_where_the_presets_set_no_limit(data, owner, as_):
    limits = {one.config.evaluation_rows for one in plan.all_presets(data)}
    page = as_(owner).get(train_page(data)).content.decode()
    assert ("measured on. Preset: all." in page) == (limits == {None})


def test_it_has_a_word_for_every_value_that_can_be_missing():
    kinds = get_type_hints(TrainConfig)
    optional = [name for name in forms.SETTINGS if types.NoneType in get_args(kinds[name])]
    assert optional
    assert [name for name in optional if not forms.SETTINGS[name].unset] == []


def test_it_knows_every_setting_that_a_family_names():
    assert {name for family in FAMILIES for name in families.of(family).presets.SETTINGS} == set(forms.SETTINGS)


@pytest.mark.parametrize("family", FAMILIES)
def test_it_halves_only_what_the_family_learns_with(family):
    assert set(families.of(family).presets.MEMORY) <= set(families.of(family).presets.SETTINGS)


def test_it_says_the_hints_in_the_reader_s_language():
    plans = [
        plan.Plan(name, "", TrainConfig(evaluation_rows=rows), "", 0, 0, []) for name, rows in (("a", 40), ("b", None))
    ]
    with override("zh-hans"):
        form = forms.StartForm(plans=plans, family="chat")
        hints = [str(field.help_text) for field in form.experts()]
    assert not [hint for hint in hints if "Preset" in hint]
    assert any("40 · 全部" in hint for hint in hints)


class Watched(TrainConfig):
    """A config that remembers what it was asked for."""

    asked: set[str] = set()

    def __getattribute__(self, name):
        Watched.asked.add(name)
        return super().__getattribute__(name)


FOR_THE_REPORT = {"evaluation_rows"}
"""What a family is given when its report is made, rather than looked up in the config."""


@pytest.mark.parametrize("family", FAMILIES)
def test_it_offers_only_settings_that_the_family_really_asks_for(family, tmp_path):
    chat, encoder = tiny.chat_model(tmp_path / "chat"), tiny.sentence_encoder(tmp_path / "encoder")
    data, base, config = {
        "chat": lambda: (tiny.dataset(tmp_path / "data"), chat, CHAT),
        "classify": lambda: (tiny.labelled(tmp_path / "data"), encoder, CLASSIFY),
        "recommend": lambda: (write(tmp_path / "data", customers()), encoder, RECOMMEND),
    }[family]()
    Watched.asked = set()
    importlib.import_module(f"training.ml.{family}").fit(
        data, base, encoder, tmp_path / "run", Watched(**config.to_json() | {"layers": config.layers})
    )
    unused = set(families.of(family).presets.SETTINGS) - Watched.asked - FOR_THE_REPORT
    assert not unused, f"{family} never looks at {sorted(unused)}"


@pytest.mark.django_db
def test_it_tries_again_with_less_memory_as_the_family_knows(data, owner):
    run = TrainingRun.objects.create(
        project=data.project,
        dataset=data,
        base_model="x",
        config=TrainConfig().to_json(),
        error={"code": "out_of_memory"},
    )
    less = problems.remedy(run)
    assert set(less) == set(families.of(data.project.case.family).presets.MEMORY)
    assert all(value < getattr(TrainConfig(), name) for name, value in less.items())
