"""Rows are looked at in vectors where they are plain, and nothing is missed that a look at one after the other finds."""

from __future__ import annotations

import csv
import random
import sqlite3

import pytest

from projects import looking, privacy, quality, reading, rows
from projects.labels import examining
from projects.labels.columns import Column
from projects.plain import keys, plain
from projects.values import missing
from tests.projects import one_by_one

PIECES = [
    "Where is my parcel", "I", "a", "it is", "Ünïcode straße", "退款什么时候到账", "🙂", "<b>bold</b>", "&amp;", "a < b", "AT&T",
    "olga@example.com", "olga@mail.org", "@home", "+49 151 23456789", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "2024-05-01",
    "12:30:59", "order 12345678", "1 2 3 4 5 6 7 8", "[phone]", "[e-mail] or [phone]", "n/a", "None", "-", "?", "", " ", "  two  blanks ",
    "a\r\nb", "a\rb", "tab\there", "line\nbreak", "\0", "aaaaaaaaaaaaaa", "aaaaaaaab", "!!!!!!!!!!!", "-- -- -- --", "_ _ _ _ _ _ _ _ _",
    "x_y_z", "ABC abc Abc!", "\x0b\x1c odd blanks \x85", "Ã¼ Ã¤ â€™", "�", "锟斤拷", "...!?;:", "123456789", "0.5", "it's \"so\" said", "long " * 500,
    "long " * 2_000, "x" * 1_501, "電話 03-1234-5678", "Ⅻ ½ ²", "I" * 9, "ab" * 6, "\ufeffword", "​hidden words here",
    "无", "暂无", "__", "好", "好好好好好好好好", "好的，谢谢！", "订单１２３４５６７８", "手机号138 1234 5678", "Привет", "ГДЕ мой заказ", "Ελλάδα ς", "İstanbul ŉ ǰ",
    "が か\u3099", "ｶﾞｰﾄﾞ", "한국어 ᄀ\u1161", "e\u0301t\u00e9", "…—·", "１２３４５６７", "12（345）6", "12, 345, 6", "我1_234567", "a\u200db", "עברית", "ไทย", "𠮷野家", "ﬁne", "€ 5", "5 ㎏", "〇二三", "â€™s", "Ã¤h", "\u00a0",
]  # fmt: skip


def a_text(chance: random.Random) -> str:
    return chance.choice([" ", " ", "", ", ", "\n"]).join(chance.choices(PIECES, k=chance.choice([1, 1, 2, 3, 6])))


def test_it_calls_nothing_plain_in_which_a_careful_look_finds_something():
    chance = random.Random(5)
    texts = [quality.cell_text(a_text(chance)) for _ in range(6_000)]
    told = plain(texts, quality.TOKENS).tolist()
    assert 200 < sum(told) < 5_000
    easy = [text for text, surely in zip(texts, told, strict=True) if surely]
    for text in easy:
        assert not missing(text), text
        assert not [name for name, faulty in quality.FAULTS.items() if faulty(text)], text
        assert not privacy.find(text), text
    assert keys(easy) == [quality.key(text) for text in easy]


def test_it_says_of_every_character_what_the_careful_look_says():
    chance = random.Random(7)
    every = [chr(code) for code in (*range(1, 0x10000), *range(0x10000, 0x2FA20, 97)) if not 0xD800 <= code < 0xE000]
    alone = [quality.cell_text(f"{char}{other}") for char in every for other in ("", "b字")]
    mixed = [
        quality.cell_text("".join(chance.choices(every[:0x600], k=chance.randrange(1, 12)))) for _ in range(20_000)
    ]
    texts = [*filter(None, alone), *filter(None, mixed)]
    easy = [text for text, surely in zip(texts, plain(texts, quality.TOKENS).tolist(), strict=True) if surely]
    assert len(easy) > 60_000
    assert not [text for text in easy if missing(text) or quality.garbage(text) or privacy.find(text)]
    assert keys(easy) == [quality.key(text) for text in easy]


def test_it_calls_ordinary_questions_plain():
    texts = [
        "Wo bleibt mein Päckchen?",
        "我的快递什么时候到？",
        "好的",
        "Où est ma commande ?",
        "Где мой заказ?",
        "Reset?",
        "注文は？",
        "— ¿Cuándo llega?",
        "Where is order 4711023?",
        "订单 4711023 在哪里？",
    ]
    assert plain(texts, quality.TOKENS).all()
    assert not plain(["Call me on 47110234", "请打 4711 0234 给我，谢谢"], quality.TOKENS).any()
    texts = ["How do I reset it?", "a b c, please", "It is 12 years old; is that too old?", "x y\tz and more"]
    assert plain(texts, quality.TOKENS).all()
    assert plain([], quality.TOKENS).tolist() == []
    assert keys([]) == []


def a_file(folder, seed: int, names):
    chance, path, out = random.Random(seed), folder / f"{seed}.csv", folder / f"{seed}.sqlite3"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for n in range(2_600):
            cells = [a_text(chance) if chance.random() < 0.5 else f"How does number {n} work?" for _name in names]
            writer.writerow(cells[: chance.choice([1, 2, 2, 2, 2, 2, 2, 2])] + ["more"] * (chance.random() < 0.02))
    how = reading.detect(path, path.name, {"delimiter": ",", "header_row": 1})
    reading.load_rows(path, path.name, how, out, lambda share, count: None)
    return out


def held(path, query):
    with sqlite3.connect(path) as db:
        return db.execute(query).fetchall()


def looked(out, look):
    """What LOOK stores of every row, in the order of their numbers, and counts."""
    with rows.opened(out, write=True) as db:
        quality.prepare(db)
        if isinstance(look, examining._Look):
            db.executescript(examining._TABLES)
        looking.walk(out, db, look, len(rows.page(out, 0, 10**9)), lambda share, n: None)
        db.commit()
    return look.counted()


@pytest.mark.parametrize("seed", range(3))
def test_it_finds_in_questions_what_it_finds_one_by_one(tmp_path, seed):
    out = a_file(tmp_path, seed, ["question", "answer"])
    places, names = [[0], [1]] if seed else [[0, 1], [1]], ["question", "answer"]
    wanted = one_by_one.pairs(out, places, names)
    counted = looked(out, quality._Look(places, names))
    assert held(out, "SELECT DISTINCT flag, n FROM marks ORDER BY n, flag") == sorted(
        set(wanted.marks), key=lambda one: (one[1], one[0])
    )
    assert held(out, "SELECT n, question, answer FROM keys ORDER BY n") == wanted.keys
    assert held(out, "SELECT value, n, side, kind, shown FROM found ORDER BY n, side, value") == sorted(
        wanted.found, key=lambda one: (one[1], one[2], one[0])
    )
    assert counted == {
        "lengths": wanted.lengths, "languages": wanted.languages, "seen": wanted.seen, "masks": wanted.masks,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(10, 12))
def test_it_finds_in_labelled_texts_what_it_finds_one_by_one(tmp_path, seed):
    out = a_file(tmp_path, seed, ["text", "label"])
    columns = [Column(1, "label")]
    wanted = one_by_one.labelled(out, [0], columns, "none")
    counted = looked(out, examining._Look([0], columns, "none"))
    assert held(out, "SELECT DISTINCT flag, n FROM marks ORDER BY n, flag") == sorted(
        set(wanted.marks), key=lambda one: (one[1], one[0])
    )
    assert held(out, "SELECT n, question FROM keys ORDER BY n") == wanted.keys
    assert held(out, "SELECT value, n FROM found ORDER BY n, value") == sorted(wanted.found, key=lambda x: (x[1], x[0]))
    assert held(out, "SELECT n, text FROM labelled JOIN cells ON cells.id = cell ORDER BY n") == wanted.labelled
    assert counted == {
        "lengths": wanted.lengths["text"], "languages": wanted.languages, "seen": wanted.seen,
    }  # fmt: skip
