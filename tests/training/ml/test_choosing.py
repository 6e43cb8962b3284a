"""The policy follows from validation rows, and says below what similarity a bot is unsure."""

from __future__ import annotations

import numpy as np
import pytest

from training.ml.chat.choosing import Candidate, choose_policy, curve, recommended_unsure, strange_below
from training.ml.chat.finder import Finder
from training.ml.chat.rows import Row
from training.ml.embed import Embedder
from training.ml.knowledge import Hit, Knowledge, Known
from training.ml.prompts import NEVER, Policy


@pytest.fixture
def finder(tmp_path, encoder) -> Finder:
    Knowledge.write(tmp_path, [Known("0", "Opening hours?", "We open at nine.")], np.ones((1, 32), dtype=np.float32))
    return Finder(Knowledge.open(tmp_path), Embedder(encoder))


def candidates(written: str, known: str, similarity: float) -> list[Candidate]:
    messages = [{"role": "user", "content": "When do you open?"}, {"role": "assistant", "content": "At nine sharp."}]
    return [Candidate(Row("1", 1, messages), [Hit(Known("2", "Hours?", known), similarity)], written)] * 6


def test_it_lets_the_model_write_when_that_is_better(finder) -> None:
    policy, compared = choose_policy(finder, candidates("At nine sharp.", "No idea at all", 0.98), Policy())
    assert policy.hand_over == NEVER and len(compared) > 4


def test_it_hands_over_when_that_is_better(finder) -> None:
    policy, _ = choose_policy(finder, candidates("No idea at all", "At nine sharp.", 0.7), Policy())
    assert policy.hand_over <= 0.7


def test_it_gives_the_known_answer_to_the_same_question_when_both_are_as_good(finder) -> None:
    policy, _ = choose_policy(finder, candidates("At nine sharp.", "At nine sharp.", 0.99), Policy())
    assert policy.hand_over == 0.97


def test_it_dares_more_where_the_data_is_a_list_of_different_questions(finder) -> None:
    """In a list nothing is asked twice, so held-out rows hide what the known answers are worth to visitors."""
    written = "At nine sharp on each day of the week"
    policy, _ = choose_policy(finder, candidates(written, written + " here", 0.6), Policy())
    assert policy.hand_over <= 0.6
    policy, _ = choose_policy(finder, candidates(written, written + " here", 0.8), Policy())
    assert policy.hand_over > 0.8
    policy, _ = choose_policy(finder, candidates("At nine sharp.", "No idea at all", 0.6), Policy())
    assert policy.hand_over > 0.6


def test_it_stays_as_it_was_without_rows(finder) -> None:
    assert choose_policy(finder, [], Policy()) == (Policy(), [])


def test_it_recommends_to_be_unsure_where_answers_are_worse() -> None:
    similarities = np.array([0.3] * 10 + [0.8] * 90)
    points = curve(similarities, np.array([0.1] * 10 + [0.7] * 90))
    threshold, reason = recommended_unsure(points)
    assert 0.3 < threshold <= 0.8 and reason == "answers_below_are_worse"
    assert recommended_unsure(curve(similarities, np.full(100, 0.5))) == (0.3, "below_nearly_all_questions")


def test_it_does_not_try_to_answer_what_has_nothing_to_do_with_the_data():
    """Twenty questions say too little of where answers get worse; everyday sentences say what is far away."""
    similarities = np.linspace(0.2, 0.9, 20)
    points = curve(similarities, np.where(similarities < 0.3, 0.1, 0.7))
    assert recommended_unsure(points) == (0.2, "too_few_to_tell")
    least = strange_below(similarities, np.linspace(0.1, 0.3, 100))
    assert least == pytest.approx(0.27, abs=0.01)
    assert recommended_unsure(points, least) == (least, "unlike_everyday")
    near = strange_below(similarities, np.full(100, 0.8))
    assert (similarities < near).mean() <= 0.1  # however near they are, nine of ten held-out questions are answered
