"""Separators, quotes, old code pages and labels in other clothes: small files of many makers, each read by `--check`."""

from __future__ import annotations

import pytest

from projects import reading
from tests.data import case
from tests.projects.checked import checked, column


def lines(row, many=60, header=""):
    return (header + "\n" if header else "") + "".join(row(n) + "\n" for n in range(many))


PAGES = [
    ("cp850", "Text;Kategorie", lambda n: f"Das Gerät {n} ist überhaupt nicht schön, größer wäre besser;{('Qualität', 'Größe')[n % 2]}"),
    ("mac_roman", "Text;Kategorie", lambda n: f"Wir öffnen früh und schließen spät, außer am Montag {n};{('Küche', 'Büro')[n % 2]}"),
    ("cp852", "Treść;Temat", lambda n: f"Paczka przyszła późno, źle zapakowana {n};{('Dostawa', 'Jakość')[n % 2]}"),
    ("cp866", "text;label", lambda n: f"Очень хороший товар, доставка быстрая {n};{('плохо', 'хорошо')[n % 2]}"),
    ("cp1252", "texte;étiquette", lambda n: f"Le café était très bon, déjà goûté à Genève {n};{('bon', 'mauvais')[n % 2]}"),
    ("cp1250", "Treść;Temat", lambda n: f"Paczka przyszła późno, źle zapakowana, dziękuję {n};{('Dostawa', 'Jakość')[n % 2]}"),
    ("gb18030", "文本,标签", lambda n: f"第{n}号订单等了十天才到，非常失望,{('物流', '质量')[n % 2]}"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "header", "row"), PAGES, ids=[one[0] for one in PAGES])
def test_it_reads_old_code_pages(page, header, row, tmp_path):
    file = tmp_path / "old.csv"
    file.write_bytes(lines(row, header=header).encode(page))
    found = checked("intent_routing", file)
    assert found["refused"] is None
    assert found["first"][0]["text"] == row(0).rpartition(found["reading"]["delimiter"])[0]
    assert set(found["labels"]) == {row(n).rpartition(found["reading"]["delimiter"])[2] for n in range(2)}


SIGNS = ["::", "||", "~", "^", ";", "\t", "|"]


@pytest.mark.parametrize("sign", SIGNS)
def test_it_finds_separators_of_one_and_of_two_signs(sign, tmp_path):
    file = tmp_path / "log.dat"
    file.write_text(
        lines(
            lambda n: sign.join((f"k{n % 9}", f"a{n % 7}", f"2026-03-{n % 28 + 1:02d}")),
            header=sign.join(("kunde", "artikel", "datum")),
        )
    )
    found = checked("recommendation", file)
    assert found["reading"]["delimiter"] == sign
    assert [column(found, role) for role in ("person", "item", "when")] == ["kunde", "artikel", "datum"]


def test_it_takes_a_separator_that_the_person_names(tmp_path):
    file = tmp_path / "odd.txt"
    file.write_text(lines(lambda n: f"Is order {n} late=>Order {n} is on its way to you.", header="question=>answer"))
    found = checked("support_bot", file, "--read", "delimiter==>")
    assert (found["kept"], found["refused"]) == (60, None)


OPEN = [
    ("text,label", lambda n: f'{"" if n != 7 else chr(34)}Das Paket kam spät Nummer {n},{("gut", "schlecht")[n % 2]}'),
    ("text\tlabel", lambda n: f'{"" if n % 20 else chr(34)}Great, said the man number {n}\t{("pos", "neg")[n % 2]}'),
    ("评论,标签", lambda n: f'{"" if n != 3 else chr(34)}第{n}次买了非常好用,{("好", "差")[n % 2]}'),
]  # fmt: skip


@pytest.mark.parametrize(("header", "row"), OPEN)
def test_it_loses_no_row_to_a_quote_that_is_never_closed(header, row, tmp_path):
    file = tmp_path / "open.csv"
    file.write_text(lines(row, header=header), encoding="utf-8")
    found = checked("sentiment", file)
    assert (found["rows"], found["kept"]) == (60, 60)


def test_it_keeps_the_rows_behind_a_quote_among_quoted_cells(tmp_path):
    def row(n):
        if n == 30:
            return f'"Never closed {n},bad'
        return f'"Well, number {n}",good' if n < 20 or n > 50 else f"Plain number {n},bad"

    file = tmp_path / "mixed.csv"
    file.write_text(lines(row, 80, "text,label"))
    found = checked("sentiment", file)
    assert found["kept"] == 80
    assert any("line 32" in text for text in found["warnings"])


def test_it_still_reads_cells_over_several_lines(tmp_path):
    file = tmp_path / "long.csv"
    file.write_text(
        lines(
            lambda n: f'"What, is {n}?","First line, here\nsecond, there\nthird, of {n}\nlast"',
            header="question,answer",
        )
    )
    found = checked("support_bot", file)
    assert (found["rows"], found["kept"]) == (60, 60)
    assert found["first"][0]["answer"].count("\n") == 3


STARS = [
    lambda n: f"{n % 5 + 1} out of 5 stars", lambda n: f"{n % 5 + 1} von 5 Sternen", lambda n: f"{(n % 10 + 1) / 2}",
    lambda n: f"{n % 5 + 1}星", lambda n: f"{n % 5 + 1}/5", lambda n: f"{(n % 5 + 1) * 20}%", lambda n: "★" * (n % 5 + 1),
]  # fmt: skip


@pytest.mark.parametrize("label", STARS)
def test_it_offers_feelings_for_stars_however_they_are_written(label, tmp_path):
    file = tmp_path / "stars.csv"
    file.write_text(lines(lambda n: f"It was so so on day {n};{label(n)}", header="review;rating"), encoding="utf-8")
    found = checked("sentiment", file)
    assert [one["title"] for one in found["offers"]] == ["These look like stars"]
    assert set(checked("sentiment", file, "--accept", "stars")["labels"]) == {"negative", "neutral", "positive"}


def test_it_sees_no_difference_that_nobody_sees(tmp_path):
    spelled = ("gut", "gut\u200b", "gut\ufeff", "sehr schlecht", "sehr\u00a0schlecht", "A & B", "A &amp; B")
    file = tmp_path / "labels.csv"
    file.write_text(
        lines(lambda n: f'Das Gerät {n} steht im Flur;"{spelled[n % 7]}"', 70, "text;label"), encoding="utf-8"
    )
    assert checked("intent_routing", file)["labels"] == {"gut": 30, "sehr schlecht": 20, "A & B": 20}


LISTS = [
    ('{"choices": ["Versand", "Preis"]}', ("Versand", "Preis")),
    ('{"taxonomy": ["物流", "质量"]}', ("物流", "质量")),
    ('["late", "rude"]', ("late", "rude")),
]  # fmt: skip


@pytest.mark.parametrize(("several", "single"), LISTS)
def test_it_offers_to_take_lists_among_single_labels_apart(several, single, tmp_path):
    file = tmp_path / "labels.tsv"
    file.write_text(
        lines(lambda n: f"Note {n} of today\t{(several, *single)[n % 3]}", header="text\tlabel"), encoding="utf-8"
    )
    found = checked("intent_routing", file)
    assert [one["title"] for one in found["offers"]] == ["Some cells hold several labels"]
    assert set(checked("intent_routing", file, "--accept", "split")["labels"]) == set(single)


CANCELLED = ["交易关闭", "已退款", "Storniert", "refunded", "annulée", "failed"]


@pytest.mark.parametrize("word", CANCELLED)
def test_it_knows_what_was_cancelled(word, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(
        lines(
            lambda n: f"k{n % 9},a{n % 7},2026-03-{n % 28 + 1:02d},{word if n % 6 == 0 else 'completed'}",
            120,
            "customer,sku,date,status",
        ),
        encoding="utf-8",
    )
    found = checked("recommendation", file)
    assert found["kept"] <= 100
    assert sum(many for reason, many in found["dropped"].items() if reason in ("kind_out", "return", "returned")) >= 20


SHARED = [
    ("intent_routing", "semicolons_with_commas/c_pl_1250.csv", 60), ("sentiment", "tsv_quote_swallows_rows/tsv_leading_quotes.tsv", 400),
    ("sentiment", "quote_never_closed/c_unbalanced.csv", 60), ("intent_routing", "dos_encoding/c_labels_de_cp850.csv", 60),
    ("recommendation", "two_sign_separator/ratings.dat", 313), ("recommendation", "cancelled_zh/zh_orders.csv", 411),
    ("recommendation", "no_header_log/u.data", 325), ("sentiment", "label_is_constant/taobao_zh.csv", 90),
    ("sentiment", "label_is_constant/sentiment140.csv", 90), ("intent_routing", "label_is_constant/jira.csv", 90),
    ("recommendation", "baskets_without_header/basket.csv", 322), ("intent_routing", "prefix_labels/fasttext.txt", 90), ("sentiment", "label_invisible_sign/c_zwsp_labels.csv", 60),
]  # fmt: skip


@pytest.mark.parametrize(("use_case", "name", "kept"), SHARED)
def test_it_reads_the_cases_of_this_trade(use_case, name, kept):
    found = checked(use_case, case(name))
    assert (found["refused"], found["kept"]) == (None, kept)


@pytest.mark.parametrize("ending", ["txt", "csv", "train"])
def test_it_reads_labels_before_their_text(ending, tmp_path):
    file = tmp_path / f"intents.{ending}"
    names = ("delivery", "price", "staff")
    file.write_text(
        lines(lambda n: f"__label__{names[n % 3]} My parcel, number {n}, is late, again")
        + "__label__price __label__staff Dear and rude\nThe shop was closed __label__staff\n"
    )
    found = checked("intent_routing", file, "--accept", "all")
    assert found["first"][0]["text"] == "My parcel, number 0, is late, again"
    assert set(found["labels"]) == set(names)
    assert (found["rows"], found["kept"]) == (62, 62)


def test_a_table_that_mentions_such_a_label_stays_a_table(tmp_path):
    file = tmp_path / "notes.csv"
    file.write_text(lines(lambda n: f"We write __label__x before text {n},{'ab'[n % 2]}", header="text,label"))
    assert checked("intent_routing", file)["reading"]["columns"] == ["text", "label"]


PRODUCTS = [f"{color} {thing}" for color in ("Blue", "Red", "Green") for thing in ("mug", "scarf", "lamp", "pot")]


def basket(n):
    return [PRODUCTS[(n * 5 + step * (n % 3 + 1)) % 12] for step in range(2 + n % 4)]


@pytest.mark.parametrize("before", ["", "order"])
@pytest.mark.parametrize("padded", [False, True])
def test_it_reads_baskets_without_a_header(before, padded, tmp_path):
    file = tmp_path / "baskets.csv"
    file.write_text(
        lines(
            lambda n: ",".join(
                ([f"R{1000 + n}"] if before else []) + basket(n) + ([""] * (3 - n % 4) if padded else [])
            )
        )
    )
    found = checked("recommendation", file)
    assert found["refused"] is None
    assert (found["reading"]["columns"], found["rows"]) == (["order", "item"], sum(len(basket(n)) for n in range(60)))
    assert column(found, "item") == "item"
    assert [one["person"] for one in found["first"]] == ["R1000", "R1000", "R1001"] if before else ["1", "1", "2"]
    assert any("order" in note for note in found["notes"])
    assert checked("recommendation", file, "--read", "as_table=1")["reading"]["columns"] != ["order", "item"]


def test_it_reads_baskets_of_numbers_with_blanks_between(tmp_path):
    file = tmp_path / "retail.dat"
    file.write_text(lines(lambda n: " ".join(str(30 + PRODUCTS.index(one)) for one in basket(n))))
    found = checked("recommendation", file)
    assert (found["reading"]["columns"], found["rows"]) == (["order", "item"], sum(len(basket(n)) for n in range(60)))


def test_answers_of_a_survey_are_no_baskets(tmp_path):
    file = tmp_path / "survey.csv"
    file.write_text(lines(lambda n: f"u{n % 20},i{n % 7},{n % 5 + 1},{(n + 2) % 5 + 1}"))
    assert checked("recommendation", file)["reading"]["columns"] == ["column 1", "column 2", "column 3", "column 4"]


def test_it_reads_the_table_of_a_page_that_has_what_is_needed(tmp_path):
    def table(names, row, many):
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row(n)) + "</tr>" for n in range(many))
        return f"<table><tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>{cells}</table>"

    file = tmp_path / "page.html"
    prices = table(("product", "price", "stock", "size"), lambda n: (f"p{n}", n, n % 5, "S"), 90)
    faq = table(("question", "answer"), lambda n: (f"Is order {n} late?", f"Order {n} comes today."), 40)
    file.write_text(f"<html><body>{prices}{faq}</body></html>")
    found = checked("support_bot", file)
    assert (found["reading"]["sheet"], found["kept"]) == ("2", 40)
    assert checked("recommendation", file, "--read", "sheet=1")["reading"]["columns"][0] == "product"


PROSE = {
    "as many commas in each": lambda n: f"Well, order {n} is late, please help me",
    "one comma in each": lambda n: f"Order {n} is still not here, please help me with it",
    "more or fewer": lambda n: (f"Please cancel order {n}, it was a mistake", f"I paid twice for {n}, on Monday, and nobody answers",
                                f"The mug {n} broke on the first day", f"Thank you for {n}, all is fine, really")[n % 4],
    "semicolons": lambda n: f"Order {n} came yesterday; it was broken, sadly; the box was open",
    "German": lambda n: f"Ich habe Bestellung {n} storniert, aber das Geld, das ich gezahlt habe, ist nicht da",
}  # fmt: skip


@pytest.mark.parametrize("header", ["", "text"])
@pytest.mark.parametrize("row", PROSE.values(), ids=PROSE)
def test_it_keeps_one_text_a_line_in_one_column(row, header, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text(lines(row, header=header))
    found = checked("intent_routing", file)
    assert (found["rows"], len(found["reading"]["columns"])) == (60, 1)
    cells = reading.detect(file, file.name).sample
    assert [one[0] for one in cells[:4]] == [row(n) for n in range(4)]


TABLES = {
    "a label behind a blank": lambda n: f"Order {n} is late and nobody helps, {('late', 'rude')[n % 2]}",
    "a label before a blank": lambda n: f"{('late', 'rude')[n % 2]}, order {n} is not here and nobody helps",
    "questions with answers": lambda n: f"Where is order {n} now?, It is on its way to you",
    "a header": lambda n: f"how do I cancel order {n} today, you open the page {n} and press cancel" if n else "question, answer",
}  # fmt: skip


@pytest.mark.parametrize("row", TABLES.values(), ids=TABLES)
def test_it_still_sees_the_columns_of_a_table_with_blanks_behind_its_commas(row, tmp_path):
    file = tmp_path / "table.txt"
    file.write_text(lines(row))
    assert len(checked("intent_routing", file)["reading"]["columns"]) == 2
