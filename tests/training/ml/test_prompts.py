"""Known answers: searching, deciding, composing, and facts that are somebody else's. None of it needs torch."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from training.ml.facts import facts, foreign, house_facts
from training.ml.knowledge import Asked, Hit, Knowledge, Known
from training.ml.prompts import Policy, compose, decide, search_text

ROOT = Path(__file__).resolve().parents[3]
ASKED = [{"role": "user", "content": "Can I get $350 back?"}]


def hit(similarity: float, question: str = "Refund of 299?", answer: str = "We refund $299 in 5 days.") -> Hit:
    return Hit(Known("a", question, answer), similarity)


@pytest.fixture
def knowledge(tmp_path) -> Knowledge:
    pairs = [Known(str(i), f"question {i}", f"answer {i // 2}") for i in range(6)]
    vectors = np.eye(6, dtype=np.float32)
    Knowledge.write(tmp_path, pairs, vectors)
    return Knowledge.open(tmp_path)


def test_it_finds_the_nearest_with_different_answers(knowledge) -> None:
    found = knowledge.search(Asked("?", [0.1, 0.2, 0.9, 0.8, 0.3, 0.0]), k=3)
    assert [h.known.id for h in found] == ["2", "4", "1"]
    assert found[0].similarity == pytest.approx(0.9, abs=1e-3)
    assert len(knowledge) == 6 and len(knowledge.search(Asked("?", [1, 0, 0, 0, 0, 0]), k=99)) == 3


def test_it_leaves_a_row_out_of_its_own_search(knowledge) -> None:
    found = knowledge.search(Asked("?", [0.1, 0.2, 0.9, 0.8, 0.3, 0.0]), k=1, without={"2", "question 3"})
    assert found[0].known.id == "4"


def views(*rows: tuple[float, float, float]) -> np.ndarray:
    """Unit vectors whose cosines to the first axis are as given: to the question, to the answer, to both."""
    return np.array([[[c, (1 - c * c) ** 0.5] for c in row] for row in rows], dtype=np.float32)


def known_in(folder, answers: list[str], vectors: np.ndarray) -> Knowledge:
    pairs = [Known(str(i), f"question {i}?", answer) for i, answer in enumerate(answers)]
    Knowledge.write(folder, pairs, vectors)
    return Knowledge.open(folder)


def test_it_finds_an_answer_by_what_it_says(tmp_path) -> None:
    known = known_in(tmp_path, ["something else", "just that"], views((0.6, 0.1, 0.4), (0.5, 0.9, 0.8)))
    found = known.search(Asked("?", [1, 0]), k=2)
    assert [h.known.id for h in found] == ["1", "0"]
    assert found[0].similarity == pytest.approx(0.8, abs=1e-3)


def test_it_takes_a_question_that_was_asked_before_for_that_question(tmp_path) -> None:
    known = known_in(tmp_path, ["yes", "just that"], views((0.99, 0.0, 0.3), (0.6, 0.9, 0.9)))
    assert [h.known.id for h in known.search(Asked("?", [1, 0]), k=2)] == ["0", "1"]


def test_it_finds_an_answer_by_the_words_it_shares(tmp_path) -> None:
    known = known_in(tmp_path, ["something else", "ask for an RMA slip"], views((0.6, 0.6, 0.6), (0.58, 0.58, 0.58)))
    assert known.search(Asked("what?", [1, 0]))[0].known.id == "0"
    assert known.search(Asked("what is the RMA slip?", [1, 0]))[0].known.id == "1"


def test_it_prefers_an_answer_without_the_numbers_of_anothers_case(tmp_path) -> None:
    answers = ["It fits the WED9600 dryer.", "It fits most dryers.", "The moon is round."]
    known = known_in(tmp_path, answers, views((0.8, 0.7, 0.8), (0.78, 0.68, 0.8), (0.2, 0.1, 0.1)))
    assert [h.known.id for h in known.search(Asked("?", [1, 0]), k=1)] == ["0"]
    assert [h.known.id for h in known.best(Asked("Will it go?", [1, 0]), k=3)] == ["1", "0", "2"]
    assert known.best(Asked("Will it go?", [1, 0], "My WED9600: will it go?"), k=1)[0].known.id == "0"


def test_it_writes_when_no_known_answer_is_near_enough() -> None:
    decision = decide(Policy(hand_over=0.9), ASKED, [hit(0.8)])
    assert decision.kind == "generate" and decision.sources == [hit(0.8)] and decision.answer is None


def test_it_hands_over_a_near_answer_unless_it_holds_anothers_number() -> None:
    near = hit(0.95, "Refund?", "We refund in five days.")
    assert decide(Policy(hand_over=0.9), ASKED, [near]).answer == "We refund in five days."
    assert decide(Policy(hand_over=0.9), ASKED, [hit(0.95)]).kind == "generate"
    assert decide(Policy(hand_over=0.9, guard=False), ASKED, [hit(0.95)]).kind == "hand_over"


def test_it_is_unsure_below_the_threshold() -> None:
    decision = decide(Policy(unsure=0.5), ASKED, [hit(0.4)])
    assert decision.unsure and decision.nearest == hit(0.4).known
    assert decide(Policy(unsure=0.5), ASKED, []).unsure


def test_it_puts_known_answers_before_the_last_question() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}, *ASKED]
    composed = compose("Be kind.", messages, [hit(0.7)])
    assert [m["role"] for m in composed] == ["system", "user", "assistant", "user"]
    assert composed[0]["content"] == "Be kind." and composed[1]["content"] == "Hi"
    assert "We refund $299" in composed[3]["content"] and composed[3]["content"].endswith(ASKED[0]["content"])
    assert ASKED[0]["content"] == "Can I get $350 back?"


def test_it_searches_a_short_follow_up_with_the_question_before() -> None:
    messages = [*ASKED, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And when?"}]
    assert search_text(messages) == "Can I get $350 back?\nAnd when?"
    assert search_text(ASKED) == ASKED[0]["content"]


@pytest.mark.parametrize(
    ("answer", "sources", "wanted"),
    [
        ("We refund $299.00 to Anna's card.", ["I want my $350 back", "We refund 350"], ["299", "anna"]),
        ("It costs 1,299.", ["1299 dollars"], []),
        ("See https://example.com/help.", ["https://example.com/help/me"], []),
        ("See https://other.example/a", ["no link"], ["https://other.example/a"]),
        ("1. Open it.\n2. Close it.", ["Nothing"], []),
        ("Write to 'History' and ask.", ["It's under history."], []),
        ("Your code is AB-12x.", ["code"], ["ab-12x"]),
        ("订单 88 已发货", ["订单在哪里"], ["88"]),
        ("The Kettle is fine. Please ask Bosch.", ["my kettle"], ["bosch"]),
    ],
)
def test_it_finds_foreign_facts(answer, sources, wanted) -> None:
    assert foreign(answer, *sources) == wanted


@pytest.mark.parametrize(
    "piece", ["a.", "a-", "a@", "A_-", "{{ ", "a", "1", "A' ", "a1 ", "Abc ", "A(", "1.", "[A", " "]
)
def test_it_reads_a_hostile_text_in_the_time_of_a_plain_one(piece) -> None:
    hostile = (piece * 100_000)[:100_000]
    began = time.process_time()
    facts(hostile)
    assert time.process_time() - began < 2  # it took minutes


def test_it_lists_the_facts_of_a_text() -> None:
    assert facts("Call Maria at 555-1234 or a@b.co.") == {"maria", "555", "1234", "a@b.co"}


def test_it_needs_no_torch() -> None:
    names = ("config", "errors", "facts", "knowledge", "prompts", "artifact", "watching", "chat.report", "scores")
    code = f"import sys; [__import__('training.ml.' + n) for n in {names!r}]; import training.basemodels.fetch as f; "
    code += "f.base_models(); print([m for m in ('torch', 'transformers', 'peft') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_knows_what_is_the_teams_own() -> None:
    pairs = [
        (f"Where is order {i}00?", f"Order {i}00 ships. Ask Kettle Care on 555 under Billing.") for i in range(1, 6)
    ]
    house = house_facts([*pairs, ("Bill?", "The billing page. Ask Anna."), ("Order 100?", "Order 100 is late.")])
    assert {"555", "kettle", "billing"} <= house
    assert not {"100", "anna"} & house
    assert foreign("Call 555 about 100 in Billing.", "Where is it?", house=house) == ["100"]
