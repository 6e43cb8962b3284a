"""Columns are given to roles by name, in English and Chinese, and by what stands in them."""

from __future__ import annotations

import pytest

from projects import mapping, reading
from projects.formats import Column
from projects.interactions import itemroles as items
from projects.usecases import get
from projects.values import describe
from tests.data import shared_data
from tests.projects.checked import checked, column

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


def table(file, header, row, many=60):
    file.write_text(header + "\n" + "".join(row(n) + "\n" for n in range(many)), encoding="utf-8")
    return file


WORDS = ("late", "fine", "lost", "quick", "broken", "kind", "slow")
NEVER = [
    # What nobody answers with, whatever the column is called.
    ("support_bot", "Frage,Antwort,Link,Datum", lambda n: f"Wo ist Paket {n}?,Es kommt am Tag {n} bei Ihnen an.,https://x.de/?q={n},{n % 28 + 1:02d}.03.2026", {"question": "Frage", "answer": "Antwort"}),
    ("support_bot", "answer,question,reply", lambda n: f"https://x.org/a/{n}?b=1,Is order {n} {WORDS[n % 7]}?,Order {n} is {WORDS[n % 7]} today.", {"question": "question", "answer": "reply"}),
    ("support_bot", "序号,问题,回复,更新时间", lambda n: f"{n + 1},第{n}号订单什么时候发货？,第{n}号订单今天下午从仓库发出。,2026-03-{n % 28 + 1:02d}", {"question": "问题", "answer": "回复"}),
    # What says the same in every row, or never the same twice, is no label.
    ("sentiment", "Bewertung,Sprache,Note", lambda n: f"Das Gerät ist {WORDS[n % 7]} nach {n} Tagen,de,{n % 5 + 1}", {"text": "Bewertung", "label": "Note"}),
    ("intent_routing", "type,subject,body,team", lambda n: f"ticket,Nummer {n},The printer {n} on my floor is {WORDS[n % 7]},{('net', 'desk')[n % 2]}", {"text": "body", "label": "team"}),
    ("sentiment", "商品,评论时间,评论,评分", lambda n: f"茶壶,2026/03/{n % 28 + 1:02d},第{n}次买了，非常好用，还会再来,{n % 5 + 1}", {"text": "评论", "label": "评分"}),
    # A topic is no feeling.
    ("sentiment", "comment,topic,stars", lambda n: f"It was {WORDS[n % 7]} on day {n},{('Price', 'Staff')[n % 2]},{n % 5 + 1}", {"text": "comment", "label": "stars"}),
    # A moment is no item, and what never repeats is no person.
    ("recommendation", "id,kunde,artikel,zeit", lambda n: f"e{n},k{n % 9},a{n % 7},{1772300000 + n * 60}", {"person": "kunde", "item": "artikel", "when": "zeit"}),
    ("recommendation", "user_id,item,visitor,sku", lambda n: f"u{n}x,{1772300000000 + n},v{n % 9},s{n % 7}", {"person": "visitor", "item": "sku"}),
    ("recommendation", "订单号,会员号,货号,下单时间", lambda n: f"D{n},H{n % 9},P{n % 7},2026年3月{n % 28 + 1}日 10:{n % 60:02d}", {"person": "会员号", "item": "货号", "when": "下单时间"}),
]  # fmt: skip


@pytest.mark.parametrize(("case", "header", "row", "wanted"), NEVER)
def test_it_never_takes_a_column_that_cannot_play_the_role(case, header, row, wanted, tmp_path):
    found = checked(case, table(tmp_path / "data.csv", header, row))
    assert {role: column(found, role) for role in wanted} == wanted
    assert found["refused"] is None or case == "recommendation"


LEFT_OPEN = [
    ("support_bot", "nr,frage,stand", lambda n: f"{n},Wo ist Paket {n}?,{n % 28 + 1:02d}.03.2026", "answer"),
    ("support_bot", "question,ok", lambda n: f"Where is parcel {n}?,{('yes', 'no')[n % 2]}", "answer"),
    ("intent_routing", "text,url", lambda n: f"The printer {n} is {WORDS[n % 7]},https://x.org/{n}", "label"),
    ("sentiment", "评论,编号", lambda n: f"第{n}次买了，非常好用，还会再来,{n + 1}", "label"),
]


@pytest.mark.parametrize(("case", "header", "row", "role"), LEFT_OPEN)
def test_it_asks_rather_than_learn_from_the_column_that_is_left(case, header, row, role, tmp_path):
    found = checked(case, table(tmp_path / "data.csv", header, row))
    assert (found["status"], column(found, role)) == (2, "")
    assert f"--map {role}=" in found["refused"]


def test_it_takes_seconds_and_ratings_without_a_header(tmp_path):
    file = table(
        tmp_path / "log.txt", "7|31|5|1772300000", lambda n: f"{n % 9}|{30 + n % 7}|{n % 5 + 1}|{1772300060 + n}"
    )
    found = checked("recommendation", file)
    assert (column(found, "when"), column(found, "weight")) == ("column 4", "column 3")
    assert (column(found, "person"), column(found, "item")) == ("column 1", "column 2")


@pytest.mark.parametrize(
    "name",
    [
        "Price (EUR)",
        "Price €",
        "Price_USD",
        "Price in GBP",
        "Unit price [CHF]",
        "Preis (€)",
        "价格（元）",
        "Price (optional)",
    ],
)
def test_a_name_may_say_in_what_it_is_counted(name):
    rows = [[f"G-{n:03}", f"Glaze number {n}", f"{n}.50"] for n in range(40)]
    columns = [Column(one, one) for one in ("SKU", "Product name", name)]
    assert mapping.guess(columns, rows, items.ROLES)["price"].sure == name


def test_a_currency_alone_names_nothing():
    rows = [[f"G-{n:03}", f"Glaze number {n}", "a word"] for n in range(40)]
    columns = [Column(one, one) for one in ("SKU", "Product name", "EUR")]
    assert mapping.guess(columns, rows, items.ROLES)["price"].sure is None
