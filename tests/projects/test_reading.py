"""What a person sets wins over what was found, and every finding can be said in words."""

from __future__ import annotations

import pytest
from django.utils import translation

from projects import language, reading, refusals
from projects.errors import UserError


def write(folder, text, encoding="utf-8"):
    path = folder / "x.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_person_can_set_the_encoding(tmp_path):
    path = write(tmp_path, "question,answer\nCafé?,Oui\n", "cp1252")
    assert reading.detect(path, path.name).sample == [["Café?", "Oui"]]
    found = reading.detect(path, path.name, {"encoding": "cp1251"})
    assert found.sample == [["Cafй?", "Oui"]]


def test_a_person_can_set_the_delimiter_and_the_header(tmp_path):
    path = write(tmp_path, "a;b,c\nd;e,f\ng;h,i\n")
    found = reading.detect(path, path.name, {"delimiter": ";", "header_row": 2})
    assert found.names == ["d", "e,f"]
    assert (found.rows, found.above[0]) == (1, ["a", "b,c"])
    assert reading.detect(path, path.name, {"header_row": 0}).rows == 3


def test_an_encoding_that_does_not_fit_is_said(tmp_path):
    path = write(tmp_path, "问题,回答\n" + "怎么退款？,请联系客服。\n" * 50, "gb18030")
    found = reading.detect(path, path.name, {"encoding": "utf-8"})
    with pytest.raises(refusals.ReadingError) as caught:
        reading.load_rows(path, path.name, found, tmp_path / "r.sqlite3", lambda *_: None)
    assert caught.value.code == "no_encoding"
    with pytest.raises(UserError):
        reading.detect(path, path.name, {"encoding": "nonsense"})


def test_it_notes_a_wrong_ending_and_counts_progress(tmp_path):
    path = write(tmp_path, "question,answer\n" + "how,so\n" * 500_000)
    found = reading.detect(path, "x.xlsx")
    assert "other_ending" in [note.code for note in found.notes]
    seen = []
    reading.load_rows(path, "x.xlsx", found, tmp_path / "r.sqlite3", lambda *step: seen.append(step))
    counts = [count for _share, count in seen]
    assert counts == sorted(counts) and len(counts) >= 3 and counts[-1] == 500_000
    assert seen[-1][0] == 1.0


def test_every_finding_has_words():
    facts = dict.fromkeys(
        ["ratio", "limit", "count", "line", "record", "cells", "columns", "percent", "minutes", "row"], 12_345
    ) | dict.fromkeys(
        [
            "encoding",
            "name",
            "names",
            "sheet",
            "sheets",
            "member",
            "words",
            "column",
            "key",
            "ending",
            "format",
            "path",
            "others",
            "before",
            "after",
            "table",
            "file",
        ],
        "x",
    )
    for code in refusals.REFUSALS:
        error = refusals.explain(code, facts)
        assert error.what
        assert error.todo
        assert str(error).count("%(") == 0
    for code in (*refusals.NOTES, *refusals.PROBLEMS):
        assert "%(" not in str(refusals.sentence(code, facts)) + str(refusals.problem(code, facts))
    with translation.override("en"):
        assert "12,345" in str(refusals.problem("too_many_cells", facts))


def test_a_sentence_is_put_together_when_it_is_shown():
    error = refusals.explain("too_many_rows", {"limit": 5_000_000})
    with translation.override("de"):
        assert "5.000.000" in str(error)
    with translation.override("en"):
        assert "5,000,000" in str(error)


WRITTEN = [
    ("cp1250", "Treść zgłoszenia: gdzie są źródła i paczka"), ("cp1250", "Příliš žluťoučký kůň, žádost o vrácení peněz"),
    ("cp1250", "Köszönöm, nagyon jó volt az ügyfélszolgálat, gyűrű őszi"), ("cp1252", "Größe und Qualität schön, Füße"),
    ("cp1252", "déjà reçu à l’hôtel où ça"), ("cp1252", "São Paulo não está à venda, coração"), ("cp1252", "¿Dónde está el niño?"),
    ("cp1254", "Şikayet: ürün çok kötü, ığdır"), ("cp1257", "Ačiū už užsakymą, labai žėrinti"), ("iso8859-2", "Treść: gdzie są źródła"),
    ("cp1251", "Где мой заказ"), ("koi8-r", "Где мой заказ"), ("cp1253", "Πού είναι η παραγγελία μου"), ("cp1255", "איפה ההזמנה שלי"),
    ("cp1256", "أين طلبي رقم"), ("big5hkscs", "請問訂單什麼時候出貨，謝謝"), ("cp932", "注文はいつ届きますか"), ("cp949", "주문한 상품이 언제 도착하나요"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), WRITTEN)
def test_it_finds_the_encoding_that_makes_words_of_a_language(encoding, text, tmp_path):
    path = write(tmp_path, "text;label\n" + f"{text};1\n" * 30, encoding)
    found = reading.detect(path, path.name)
    assert (found.encoding, found.sample[0][0]) == (encoding, text)


@pytest.mark.parametrize("text", ["A118 Zeitmesser Zubehör versendet", "I7 Teesieb", "K0011 A118"])
def test_it_takes_no_letter_of_a_number_for_a_word(text):
    assert language.of(text) == ""
