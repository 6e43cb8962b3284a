"""Half-lives fit the question, and the blend is never worse than the best of its members."""

from __future__ import annotations

import numpy as np

from tests.training.ml.recommend.conftest import write
from tests.training.ml.recommend.test_splitting import films
from training.ml.recommend import linear
from training.ml.recommend.blend import Blend, Learned
from training.ml.recommend.building import Choices
from training.ml.recommend.choosing import members_of, task
from training.ml.recommend.log import read_data
from training.ml.recommend.scoring import Batch, Member, weigh
from training.ml.recommend.splitting import split
from training.ml.stored import read


def learned(whole: float, alone: list[float]) -> Learned:
    members = [Member(f"m{n}", "ease") for n in range(len(alone))]
    return Learned(Blend(members, [[0.5, 0.5]] * len(alone)), np.full(10, whole), alone)


def test_a_blend_that_loses_to_a_member_gives_way_to_it():
    found = learned(0.08, [0.02, 0.09, 0.05])
    assert [member.name for member, _ in found.better.used()] == ["m1"]
    assert found.reached == 0.09


def test_a_blend_that_wins_stays_whole():
    found = learned(0.1, [0.02, 0.09, 0.05])
    assert len(found.better.used()) == 3 and found.reached == 0.1


def test_items_of_one_basket_grow_old_together_or_one_by_one():
    batch = Batch([np.array([0, 1, 2])], [np.array([2, 0, 0])])
    together = weigh(batch, 3, 1.0).toarray()[0]
    apart = weigh(batch, 3, 1.0, apart=True).toarray()[0]
    assert together.tolist() == [0.25, 1.0, 1.0]
    assert apart.tolist() == [0.25, 0.5, 1.0]


def test_the_half_life_of_the_best_ease_is_in_the_blend():
    for choices in (Choices(ease_half_life=2.0), Choices(ease_half_life=2.0, ease_apart=True)):
        wanted = (choices.ease_half_life, choices.ease_apart)
        assert wanted in [(one.half_life, one.apart) for one in members_of(choices, 100) if one.source == "ease"]


def test_members_of_older_folders_are_read():
    stored = {"members": [{"name": "ease_3.0", "source": "ease", "half_life": 3.0}], "weights": [[1.0, 0.0]]}
    assert read(Blend, stored).members == [Member("ease_3.0", "ease", 3.0)]
    assert Choices(**{"strength": 100.0, "ease_half_life": 3.0}).ease_apart is False


def test_what_is_asked_of_a_log_of_films_is_one_item(tmp_path):
    lines = films()
    end = 1e9 + 11 * 60
    folder = write(tmp_path / "log", [line for line in lines if line["when"] < end], [])
    last = write(tmp_path / "late", [line for line in lines if line["when"] >= end], [])
    (last / "interactions.jsonl").rename(folder / "test_interactions.jsonl")
    data = read_data(folder)
    parts = split(data)
    asked = task(parts.train, parts.validation, len(data.items))
    assert {len(truth) for truth in asked.truth} == {1}
    assert linear.ages(parts.train).max() == 9
