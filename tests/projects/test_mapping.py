"""Columns are given to roles by name, in English and Chinese, and by what stands in them."""

from __future__ import annotations

import pytest

from projects import mapping, reading
from projects.formats import Column
from projects.usecases import get
from projects.values import describe
from tests.data import shared_data

ROLES = get("support_bot").roles
ASKED = ["How do I cancel?", "Where is my parcel?", "Can I pay by card?", "What does it cost?"] * 5
SAID = [
    "You cancel on the orders page, in the menu behind the number.",
    "It is on its way; the tracking page shows where.",
    "Yes, we take all cards, and bank transfer too.",
    "It costs ten euros a month, billed on the first.",
] * 5


def columns(**cells):
    made = []
    for name, values in cells.items():
        made.append(Column(name, name))
        describe(made[-1], values)
    return made, [list(row) for row in zip(*cells.values(), strict=True)]


def guess(**cells):
    return {role: one.column for role, one in mapping.guess(*columns(**cells), ROLES).items()}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("question", "answer"), ("Query", "Reply"), ("instruction", "response"), ("CustomerMessage", "agent_reply"),
        ("prompt", "completion"), ("Customer question", "Our answer"), ("input", "output"), ("问题", "回答"),
        ("客户问题", "客服答复"), ("提问", "回复"), ("用户提问内容", "标准答案"), ("customer", "agent"),
    ],
)  # fmt: skip
def test_it_knows_the_names(question, answer):
    wanted = {"question": question, "answer": answer}
    assert guess(**{"id": [str(n) for n in range(20)], answer: SAID, question: ASKED}) == wanted


def test_it_looks_into_unnamed_columns():
    assert guess(x=["FAQ"] * 20, y=SAID, z=ASKED) == {"question": "z", "answer": "y"}


def test_it_says_how_sure_it_is_and_why():
    named = mapping.guess(*columns(question=ASKED, answer=SAID), ROLES)
    unnamed = mapping.guess(*columns(x=ASKED, y=SAID), ROLES)
    assert named["question"].reason == "called"
    assert named["question"].confidence > 0.9 > unnamed["question"].confidence
    assert str(mapping.reason_sentence(named["question"])) == "The column is called question."
    assert "question" in str(mapping.reason_sentence(unnamed["question"])).lower()


def test_it_does_not_take_a_type_for_the_question():
    found = guess(
        **{"question type": ["yes/no", "open"] * 10, "question": ASKED, "answer": SAID, "answer type": ["Y"] * 20}
    )
    assert found == {"question": "question", "answer": "answer"}


def test_it_leaves_open_what_it_cannot_tell():
    found = mapping.guess(*columns(question=ASKED, price=["1.20"] * 20, when=["2024-01-01"] * 20), ROLES)
    assert found["answer"].column is None
    assert found["answer"].reason == "nothing_fits"


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("support_bitext/support_fixed_replies.csv", "instruction", "response"),
        ("support_amazon_appliances/amazon_appliances_qa.jsonl", "question", "answer"),
        ("faq_datatalks/documents-with-ids.json", "question", "text"),
    ],
)
def test_it_maps_real_files(name, question, answer):
    path = shared_data(name)
    found = reading.detect(path, path.name)
    guesses = mapping.guess(found.columns, found.sample, ROLES)
    assert (guesses["question"].column, guesses["answer"].column) == (question, answer)
