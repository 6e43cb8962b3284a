"""What is too little to learn from is said before anybody waits for a training, by the numbers that a training asks for."""

from __future__ import annotations

import pytest
from django.utils import translation

from projects import trainable
from projects.interactions import words
from projects.interactions.figures import Figures
from projects.models import Dataset, Project
from training.ml.chat import rows
from training.ml.classify import rows as labelled
from training.ml.recommend import fitting

ENOUGH = {"kept": 400, "train": 400, "people": 60, "taken": 40}


@pytest.fixture
def data(team, owner):
    """A ready log of who took what, with these counts."""
    project = Project.objects.create(team=team, name="Shop", use_case="recommendation", created_by=owner)

    def made(**counts):
        return Dataset.objects.create(
            project=project, name="orders.csv", state=Dataset.State.READY, created_by=owner, counts=ENOUGH | counts
        )

    return made


def test_it_asks_for_as_much_as_a_training_does():
    assert words.LEAST == fitting.FEWEST_ITEMS == fitting.FEWEST_PEOPLE
    assert rows.FEWEST == labelled.FEWEST == trainable.FEWEST


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"taken": 15}, "There are only 15 different items. At least 20 are needed"),
        ({"taken": 1}, "There is only 1 different item. At least 20 are needed"),
        ({"people": 19}, "There are only 19 people. At least 20 are needed"),
        ({"train": 7}, "There are only 7 examples to learn from. At least 8 are needed"),
    ],
)
def test_it_offers_no_training_for_too_little_and_says_why(data, owner, as_, counts, said):
    found = data(**counts)
    page = as_(owner).get(f"/datasets/{found.pk}/").content.decode()
    assert said in page and f"/datasets/{found.pk}/train/" not in page
    assert said in str(trainable.refusal(found).what)
    assert trainable.refusal(data()) is None


def test_it_says_so_while_the_data_is_checked():
    told = Figures(rows=380, kept=378, people=58, items=15)
    with translation.override("en"):
        (first, *_rest) = words.thin(told, {"when": {"kind": "dmy"}}, titled=False)
    assert first.kind == "bad" and "15 different items. It takes at least 20 of each" in first.text
