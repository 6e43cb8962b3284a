"""Text that was spoiled before it came into a file: said with numbers, mended with one press, and only where it is so."""

from __future__ import annotations

import json

import pytest

from tests.projects.checked import checked, column


def spoiled(text, *ways):
    """The text, each time written in one encoding and read in another."""
    for wrote, read in ways:
        text = text.encode(wrote).decode(read)
    return text


ONCE = [("utf-8", "latin-1")]
MEANT = {
    "umlauts": ("Größe {n} passt überhaupt nicht", ONCE),
    "quotes": ("It’s fine – number {n} isn’t", [("utf-8", "cp1252")]),
    "twice": ("Die Tür {n} ist zu groß", [*ONCE, *ONCE]),
    "cyrillic": ("Очень хороший товар {n}", [("utf-8", "cp1251")]),
    "chinese as western": ("第{n}次买，质量很好，下次还来", ONCE),
    "chinese as another chinese": ("你好，请问第{n}号订单什么时候发货呢", [("utf-8", "gb18030")]),
    "another chinese as western": ("你好，请问第{n}号订单什么时候发货呢", [("gb18030", "latin-1")]),
}


def table(tmp_path, text):
    file = tmp_path / "reviews.csv"
    rows = [f'"{text(n)}",{("good", "bad")[n % 2]}\n' for n in range(40)]
    file.write_text("text,label\n" + "".join(rows), encoding="utf-8", newline="\n")
    return file


@pytest.mark.parametrize(("text", "ways"), MEANT.values(), ids=MEANT)
def test_it_mends_text_that_was_decoded_wrongly(text, ways, tmp_path):
    file = table(tmp_path, lambda n: spoiled(text.format(n=n), *ways))
    found = checked("sentiment", file)
    assert [one["id"] for one in found["offers"]] == ["repair"]
    assert any("40 cells were read in a wrong encoding" in one for one in found["warnings"])
    better = checked("sentiment", file, "--accept", "repair")
    assert better["first"][0]["text"] == text.format(n=0)
    assert (better["offers"], better["kept"]) == ([], 40)
    assert "Cells repaired: 40." in better["notes"]


OTHERS = {
    "entities": ("Tom &amp; Jerry &#39;s no. {n} &lt;3", "Tom & Jerry 's no. {n} <3"),
    "line ends": ("First line {n}\\nsecond line", "First line {n}\nsecond line"),
    "unseen": ("It is\u00a0fi\u200bne {n}", "It is fine {n}"),
}


@pytest.mark.parametrize(("before", "after"), OTHERS.values(), ids=OTHERS)
def test_it_mends_what_other_programs_left_in_the_text(before, after, tmp_path):
    file = table(tmp_path, lambda n: before.format(n=n))
    better = checked("sentiment", file, "--accept", "repair")
    assert better["first"][0]["text"].split() == after.format(n=0).split()
    assert ("\n" in better["first"][0]["text"]) == ("\n" in after)


FINE = [
    "“Quoted” – it’s fine… number {n}",
    "Ça coûte déjà trop à Genève, naïve Zoë {n} «ok»",
    "ÄÖÜ äöü ß ÅÄÖ Đặng Văn Hùng {n}",
    "第{n}次买，质量很好，下次还来",
    "第{n}次買，質量很好，下次還來",
    "Saved in C:\\new\\names{n} and \\\\server\\north",
    "AT&T; see /shop?a={n}&copy=2",
    "Family 👨‍👩‍👧 number {n}, می‌خواهم",
    "Цена {n} рублей — дорого",
]


@pytest.mark.parametrize("text", FINE)
def test_it_leaves_good_text_alone(text, tmp_path):
    found = checked("sentiment", table(tmp_path, lambda n: text.format(n=n)))
    assert found["offers"] == []
    assert found["first"][0]["text"] == text.format(n=0)


def test_it_says_what_cannot_be_brought_back(tmp_path):
    found = checked(
        "sentiment", table(tmp_path, lambda n: f"Gr\ufffd\ufffde {n} passt nicht" if n < 7 else f"Es passt {n}")
    )
    assert any("7 cells have signs in them that were lost" in one for one in found["warnings"])
    assert found["offers"] == []


def test_it_mends_records_too(tmp_path):
    file = tmp_path / "faq.jsonl"
    file.write_text(
        "".join(
            json.dumps({"question": f"Wie groÃŸ ist Nummer {n}?", "answer": f"Sie ist {n} Meter groÃŸ."}) + "\n"
            for n in range(40)
        )
    )
    assert checked("support_bot", file, "--accept", "repair")["first"][0]["answer"] == "Sie ist 0 Meter groß."


def test_it_mends_what_was_said_before_without_breaking_it(tmp_path):
    file = tmp_path / "chat.jsonl"
    turns = [
        ("user", "HÃ¤llo"),
        ("assistant", "Say &quot;yes&quot;\\nplease"),
        ("user", "Wie groÃŸ {n}?"),
        ("assistant", "{n} Meter groÃŸ."),
    ]
    file.write_text(
        "".join(
            json.dumps({"messages": [{"role": role, "content": text.replace("{n}", str(n))} for role, text in turns]})
            + "\n"
            for n in range(40)
        )
    )
    found = checked("support_bot", file, "--accept", "repair")
    long = next(one["messages"] for one in found["first"] if len(one["messages"]) == 4)
    assert [one["content"] for one in long] == ["Hällo", 'Say "yes"\nplease', "Wie groß 0?", "0 Meter groß."]


def test_it_mends_the_names_of_columns(tmp_path):
    file = tmp_path / "faq.csv"
    file.write_text(
        "FrÃ¤ge,RÃ©ponse\n" + "".join(f"Is it open on day {n}?,Yes it is {n}.\n" for n in range(40)), encoding="utf-8"
    )
    assert [one["id"] for one in checked("support_bot", file)["offers"]] == ["repair"]
    found = checked("support_bot", file, "--accept", "repair")
    assert found["reading"]["columns"] == ["Fräge", "Réponse"]
    assert column(found, "answer") == "Réponse"
    records = tmp_path / "faq.jsonl"
    records.write_text(
        "".join(json.dumps({"FrÃ¤ge": f"Is it open {n}?", "RÃ©ponse": f"Yes, it is {n}."}) + "\n" for n in range(40))
    )
    found = checked("support_bot", records, "--accept", "repair")
    assert (found["reading"]["columns"], found["kept"]) == (["Fräge", "Réponse"], 40)
