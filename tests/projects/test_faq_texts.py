"""Questions with their answers below them in a text, as people write them; and texts that are something else."""

from __future__ import annotations

import json

import pytest

from projects import reading
from tests.projects.checked import checked

ASKED = ("Where is my order {n}?", "How do I change my password {n}?", "Do you ship to Norway, box {n}?")
SAID = ("It arrives on day {n}.", "On your account page, under {n}.", "Yes, that takes {n} days.")
PAIRS = [(ASKED[n % 3].format(n=n), SAID[n % 3].format(n=n)) for n in range(30)]
FORMS = {
    "q and a": "\n\n".join(f"Q: {q}\nA: {a}" for q, a in PAIRS),
    "numbered q": "\n".join(f"Q{n}. {q}\nA{n}. {a}" for n, (q, a) in enumerate(PAIRS, 1)),
    "bold q": "\n\n".join(f"**Q:** {q}\n\n**A:** {a}" for q, a in PAIRS),
    "german": "\n\n".join(f"Frage: {q}\nAntwort: {a}" for q, a in PAIRS),
    "french": "\n\n".join(f"Question : {q}\nRéponse : {a}" for q, a in PAIRS),
    "spanish": "\n\n".join(f"Pregunta: {q}\nRespuesta: {a}" for q, a in PAIRS),
    "chinese": "\n".join(f"问：{q}\n答：{a}\n" for q, a in PAIRS),
    "headings": "# Help\n\n" + "\n\n".join(f"## {q}\n\n{a}" for q, a in PAIRS),
    "bold": "\n\n".join(f"**{q}**\n\n{a}" for q, a in PAIRS),
    "numbers": "Questions and answers\n\n" + "\n\n".join(f"{n}. {q}\n{a}" for n, (q, a) in enumerate(PAIRS, 1)),
    "bare": "\n\n".join(f"{q}\n{a}" for q, a in PAIRS),
}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)


@pytest.mark.parametrize(
    ("form", "encoding"),
    [*((form, "utf-8") for form in FORMS), ("chinese", "utf-16"), ("chinese", "gb18030"), ("bold", "utf-16")],
)
def test_it_reads_questions_with_answers_below_them(form, encoding, tmp_path):
    file = tmp_path / "faq.txt"
    file.write_text(FORMS[form], encoding=encoding)
    found = checked("support_bot", file)
    assert (found["refused"], found["reading"]["format"], found["kept"]) == (None, "faq", 30)
    assert [(one["question"], one["answer"]) for one in found["first"]] == PAIRS[:3]


def test_an_answer_keeps_its_lines_and_the_next_question_its_own(tmp_path):
    file = tmp_path / "faq.md"
    steps = "\n\n".join(f"## {q}\n\n{a}\n- one\n- two" for q, a in [*PAIRS[:9], ("Refunds", "We pay back.")])
    file.write_text(steps, encoding="utf-8")
    found = checked("support_bot", file)
    assert found["kept"] == 10
    assert found["first"][0]["answer"] == f"{PAIRS[0][1]}\n- one\n- two"


OTHERS = {
    "a table": ("question,answer\n" + "\n".join(f"{q},{a}" for q, a in PAIRS), "csv"),
    "a list of questions": ("\n\n".join(q for q, _a in PAIRS), "csv"),
    "texts with labels": ("text\tlabel\n" + "\n".join(f"{q}\tq" for q, _a in PAIRS), "csv"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_it_takes_nothing_else_for_such_a_list(name, tmp_path):
    text, form = OTHERS[name]
    file = tmp_path / "file.txt"
    file.write_text(text, encoding="utf-8")
    assert checked("support_bot", file)["reading"]["format"] == form


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("dump.sql", "-- MySQL dump\n\nINSERT INTO `faq` (`q`, `a`) VALUES\n(1, 'Where?', 'Here, now'),\n" * 9, "dump"),
        ("nlu.yml", 'version: "3.1"\nnlu:\n- intent: track\n  examples: |\n' + "    - where is it\n" * 30, "YAML"),
    ],
)
def test_it_names_a_text_that_is_no_table(name, text, says, tmp_path):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    found = checked("support_bot", file)
    assert (found["status"], says in found["refused"], "CSV" in found["refused"]) == (2, True, True)


def test_it_reads_all_parts_of_a_collection_of_pairs(tmp_path):
    parts = {part: [[f"{part} text {n}", f"intent {n % 3}"] for n in range(40)] for part in ("train", "val", "oos")}
    file = tmp_path / "data.json"
    file.write_text(json.dumps(parts), encoding="utf-8")
    found = checked("intent_routing", file)
    assert (found["refused"], found["kept"], len(found["labels"])) == (None, 120, 3)


def test_a_ticket_is_asked_with_its_subject_and_notes_are_no_answers(tmp_path):
    desk = [
        {
            "id": n,
            "subject": f"Order {n}",
            "threads": [
                {"type": "customer", "body": f"Where is it, {n}?", "createdBy": {"type": "customer"}},
                {"type": "note", "body": "fraud?", "createdBy": {"type": "user"}},
                {"type": "message", "body": f"It comes on day {n}.", "createdBy": {"type": "user"}},
            ],
        }
        for n in range(30)
    ]
    file = tmp_path / "desk.json"
    file.write_text(json.dumps(desk), encoding="utf-8")
    found = checked("support_bot", file)
    assert (found["refused"], found["kept"]) == (None, 30)
    assert (found["first"][0]["question"], found["first"][0]["answer"]) == (
        "Order 0\n\nWhere is it, 0?",
        "It comes on day 0.",
    )


def test_it_reads_the_chats_of_a_web_site(tmp_path):
    chats = [
        f"--- Chat {n} ---\n[10:01:11] Visitor: Where is order {n}?\n[10:02:59] Anna (Agent): It comes on day {n}.\n"
        f"Have a nice day\n[10:03:01] Visitor: thanks\n"
        for n in range(40)
    ]
    file = tmp_path / "chats.txt"
    file.write_text("\n".join(chats), encoding="utf-8")
    found = checked("support_bot", file)
    assert (found["refused"], found["reading"]["format"], found["kept"]) == (None, "chatlog", 40)
    assert found["reading"]["conversation"]["team"] == ["Anna"]
    assert found["first"][1]["question"] == "Where is order 1?"
    assert found["first"][1]["answer"] == "It comes on day 1.\nHave a nice day"


def page(body, head=""):
    menu = "<nav><a href=/>Home</a> <a href=/faq>Any questions?</a></nav>"
    return f"<!doctype html><html><head><title>Help</title>{head}</head><body>{menu}{body}<footer>© Shop</footer></body></html>"


TOLD = {
    "@context": "https://schema.org",
    "@graph": [{
        "@type": "FAQPage",
        "mainEntity": [{"@type": "Question", "name": q, "acceptedAnswer": {"@type": "Answer", "text": f"<p>{a}</p><p>More.</p>"}} for q, a in PAIRS],
    }],
}  # fmt: skip
PAGES = {
    "folds": page(
        "".join(f"<details><summary>{q}</summary><p>{a}</p><p>More.</p></details>" for q, a in PAIRS)
        + "<p>Write to us.</p>"
    ),
    "list": page("<dl>" + "".join(f"<dt>{q}</dt><dd>{a}<br>More.</dd>" for q, a in PAIRS) + "</dl><p>Write to us.</p>"),
    "headings": page("<h1>Help</h1>" + "".join(f"<h3>{q}</h3><div>{a}</div><ul><li>More.</li></ul>" for q, a in PAIRS)),
    "bold": page("".join(f"<p><strong>{q}</strong></p><p>{a}</p><p>More.</p>" for q, a in PAIRS)),
    "a head without an end": "<html><head><title>Help<body>"
    + "".join(f"<h3>{q}</h3><p>{a}</p><p>More.</p>" for q, a in PAIRS),
    "for search engines": page("<div id=app></div>", f"<script type='application/ld+json'>{json.dumps(TOLD)}</script>"),
}


@pytest.mark.parametrize("form", PAGES)
def test_it_reads_questions_with_answers_in_a_web_page(form, tmp_path):
    file = tmp_path / "faq.html"
    file.write_text(PAGES[form], encoding="utf-8")
    found = checked("support_bot", file)
    assert found["refused"] is None
    assert found["rows"] == len(PAIRS)
    assert [one["question"] for one in found["first"]] == [q for q, _a in PAIRS[:3]]
    for said, (_q, a) in zip(found["first"], PAIRS, strict=False):
        assert said["answer"].startswith(a)
        assert said["answer"].endswith("More.")


def test_it_says_of_an_endless_page_how_far_it_looks(tmp_path):
    file = tmp_path / "faq.html"
    long = "".join(f"<h3>Is part {n} new?</h3><p>{'It came in May. ' * 60}</p>" for n in range(9_000))
    file.write_text(page(long), encoding="utf-8")
    found = checked("support_bot", file)
    assert 0 < found["rows"] < 9_000
    assert any("Only the first" in one for one in found["warnings"])


def test_a_page_of_endless_menus_is_told_in_time(tmp_path):
    file = tmp_path / "faq.html"
    file.write_text(page("<nav>" * 200_000 + "</form>" * 200_000), encoding="utf-8")
    assert "no table in it" in checked("support_bot", file)["refused"]


def test_a_web_page_that_asks_nothing_is_refused_by_name(tmp_path):
    file = tmp_path / "about.html"
    file.write_text(page("<h1>About us</h1><p>Since 1990.</p><p>Any wishes?</p>"), encoding="utf-8")
    assert "no table in it" in checked("support_bot", file)["refused"]


def test_what_stands_below_the_title_of_a_part_is_no_answer(tmp_path):
    file = tmp_path / "faq.md"
    parts = [
        f"## Part {n}\n\nAll about part {n}.\n\n### {q}\n\n{a}\n\n#### Note\n\nMore.\n"
        for n, (q, a) in enumerate(PAIRS)
    ]
    file.write_text("\n".join(parts), encoding="utf-8")
    found = checked("support_bot", file)
    assert found["rows"] == len(PAIRS)
    assert found["first"][0]["answer"] == f"{PAIRS[0][1]}\n\n#### Note\n\nMore."
