"""Several tables on one sheet: the one that has the data is read, the others are named, none is learned as rows of another."""

from __future__ import annotations

import pytest

from projects import reading
from tests.projects.books import ods, xlsx
from tests.projects.checked import checked, column

TOPICS = ("Price", "Service", "Product")
FAQ = [
    ["Question", "Answer"],
    *([f"Is order {n} late already?", f"Order {n} comes on day {n % 7}."] for n in range(40)),
]
REVIEWS = [
    ["Text", "Topic", "Stars"],
    *([f"It is a good thing number {n}", TOPICS[n % 3], n % 5 + 1] for n in range(40)),
]
STAFF = [["Name", "Phone", "Office"], *([f"Person {n}", f"030-44{n}21", "Bonn"] for n in range(6))]
COUNTS = [["Topic", "Count"], *([topic, 13 + n] for n, topic in enumerate(TOPICS))]
SUMMARY = [["Average", 4.2], ["Answered", 38], ["Reviews", 40]]
BELOW = {
    "other columns": (FAQ, STAFF),
    "with a title": (FAQ, [["Our people"], *STAFF]),
    "title apart": (FAQ, [["Our people"], [], *STAFF]),
    "fewer columns": (REVIEWS, COUNTS),
    "figures": (REVIEWS, SUMMARY),
    "figures and pairs": (FAQ, SUMMARY),
    "in Chinese": (
        [["评论内容", "分类"], *([f"第{n}次买了，非常好用，还会再来", ("物流", "质量")[n % 2]] for n in range(40))],
        [["姓名", "电话", "部门"], *([f"陈静{n}", f"138-0000-{n:04d}", "客服部"] for n in range(5))],
    ),
    "in German": (
        [["Frage", "Antwort"], *([f"Wo bleibt die Bestellung {n}?", f"Sie kommt am Tag {n % 7}."] for n in range(40))],
        [["Artikel", "Preis", "Menge"], *([f"Tasse {n}", f"{n},50", n] for n in range(12))],
    ),
    "elsewhere": (FAQ, [[None, None, *row] for row in STAFF]),
    "above": (COUNTS, REVIEWS),
    "facts above": ([["Exported", "2024-01-01"], ["By", "Anna"], ["Rows", 40]], FAQ),
}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


def csv(path, sheets, sign=","):
    rows = next(iter(sheets.values()))
    path.write_text("".join(sign.join(f'"{"" if cell is None else cell}"' for cell in row) + "\n" for row in rows))
    return path


def tsv(path, sheets):
    return csv(path, sheets, "\t")


def html(path, sheets):
    rows = next(iter(sheets.values()))
    cells = "".join("<tr>" + "".join(f"<td>{cell or ''}</td>" for cell in row or [None]) + "</tr>" for row in rows)
    path.write_text(f"<html><meta charset=utf-8><table>{cells}</table></html>")
    return path


WRITERS = {"xlsx": xlsx, "ods": ods, "csv": csv, "tsv": tsv, "html": html}


def beside(one, other, start=0):
    wide = max(map(len, one))
    height = max(len(one), len(other) + start)
    right = [[]] * start + other
    return [
        [*(one[n] if n < len(one) else []), *[None] * (wide - len(one[n] if n < len(one) else [])), None,
         *(right[n] if n < len(right) else [])]
        for n in range(height)
    ]  # fmt: skip


def use_case(rows):
    return "support_bot" if rows[0][-1] in ("Answer", "Antwort") else "intent_routing"


@pytest.mark.parametrize(
    ("name", "ending"), [*((name, "csv") for name in BELOW), *(("other columns", one) for one in WRITERS)]
)
def test_it_learns_no_row_of_a_table_above_or_below(name, ending, tmp_path):
    one, other = BELOW[name]
    data, number = (other, "2") if "above" in name else (one, "1")
    file = WRITERS[ending](tmp_path / f"file.{ending}", {"All": [*one, [], *other]})
    found = checked(use_case(data), file)
    assert (found["rows"], found["kept"], found["refused"]) == (40, 40, None)
    assert found["reading"]["columns"] == data[0]
    assert found["reading"]["table"] == number
    assert any("2 tables here" in one for one in found["warnings"])


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_person_reads_the_other_one_or_all_as_one(ending, tmp_path):
    file = WRITERS[ending](tmp_path / f"file.{ending}", {"All": [*FAQ, [], ["Our people"], *STAFF]})
    found = checked("support_bot", file, "--read", "table=2", "--map", "question=Name", "--map", "answer=Office")
    assert (found["rows"], found["reading"]["columns"], found["reading"]["header_row"]) == (6, STAFF[0], 44)
    assert checked("support_bot", file, "--read", "table=0")["rows"] == 48


@pytest.mark.parametrize(
    ("ending", "start", "first"),
    [("csv", 0, True), ("csv", 3, True), ("csv", 0, False), ("csv", 3, False), ("xlsx", 3, False), ("html", 0, True)],
)
def test_it_reads_the_one_of_two_tables_side_by_side(ending, start, first, tmp_path):
    rows = beside(FAQ, COUNTS, start) if first else beside(COUNTS, FAQ, start)
    found = checked("support_bot", WRITERS[ending](tmp_path / f"file.{ending}", {"All": rows}))
    assert (found["rows"], found["kept"], found["reading"]["columns"]) == (40, 40, FAQ[0])
    assert found["first"][0]["question"] == "Is order 0 late already?"


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_empty_rows_and_columns_alone_make_no_other_table(ending, tmp_path):
    grouped = [FAQ[0], *(row for n in range(0, 40, 5) for row in ([], [f"Group {n}"], *FAQ[n + 1 : n + 6]))]
    found = checked("support_bot", WRITERS[ending](tmp_path / f"a.{ending}", {"All": grouped}))
    assert (found["kept"], found["reading"]["table"]) == (40, "")
    gap = [[one, None, two] for one, two in FAQ]
    assert checked("support_bot", WRITERS[ending](tmp_path / f"b.{ending}", {"All": gap}))["kept"] == 40
    partly = [[text, None, topic if n < 12 else None, stars] for n, (text, topic, stars) in enumerate(REVIEWS)]
    found = checked("intent_routing", WRITERS[ending](tmp_path / f"c.{ending}", {"All": partly}))
    assert (column(found, "text"), column(found, "label")) == ("Text", "Topic")


def test_the_same_columns_below_are_the_same_table(tmp_path):
    file = xlsx(tmp_path / "a.xlsx", {"All": [*FAQ[:21], [], FAQ[0], *FAQ[21:]]})
    found = checked("support_bot", file)
    assert (found["rows"], found["kept"], found["reading"]["table"]) == (40, 40, "")


def test_a_table_behind_thousands_of_rows_is_marked_and_left_out(tmp_path):
    many = [FAQ[0], *([f"Is order {n} late already?", f"Order {n} comes on day {n % 7}."] for n in range(5_200))]
    file = csv(tmp_path / "many.csv", {"All": [*many, [], *STAFF]})
    found = checked("support_bot", file)
    assert (found["kept"], found["dropped"].get("other_table")) == (5_200, 7)
    assert any("In line 5,203" in one for one in found["warnings"])


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("gap", [True, False])
def test_tables_side_by_side_with_the_same_columns_are_offered_as_one(ending, gap, tmp_path):
    right = [FAQ[0], *([f"Is parcel {n} lost?", f"Parcel {n} comes soon, on day {n}."] for n in range(30))]
    rows = beside(FAQ, right) if gap else [[*row[:2], *row[3:]] for row in beside(FAQ, right)]
    file = WRITERS[ending](tmp_path / f"file.{ending}", {"All": rows})
    found = checked("support_bot", file)
    assert (found["rows"] in (30, 40), found["reading"]["columns"]) == (True, FAQ[0])
    assert "all_tables" in [one["id"] for one in found["offers"]]
    found = checked("support_bot", file, "--accept", "all_tables")
    assert (found["rows"], found["kept"], found["reading"]["columns"]) == (70, 70, FAQ[0])
    assert "2 tables with the same columns, side by side, are read as one table." in found["notes"]
    assert not any("tables here" in one for one in found["warnings"])


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("table", ["1", "2"])
def test_the_header_of_the_one_that_begins_further_down_is_no_row(ending, table, tmp_path):
    right = [FAQ[0], *([f"Is parcel {n} lost?", f"Parcel {n} comes soon, on day {n}."] for n in range(30))]
    rows = beside([[None, None]] * 3 + FAQ, right)
    file = WRITERS[ending](tmp_path / f"file.{ending}", {"All": rows})
    found = checked("support_bot", file, "--read", f"table={table}", "--accept", "all_tables")
    assert (found["rows"], found["kept"], found["reading"]["columns"]) == (70, 70, FAQ[0])


def test_names_that_come_again_in_part_of_a_header_are_one_table(tmp_path):
    rows = [["Question", "Answer", "Tag", "Tag"], *([*row, "a", "b"] for row in FAQ[1:])]
    found = checked("support_bot", csv(tmp_path / "a.csv", {"All": rows}))
    assert (found["rows"], len(found["reading"]["columns"]), found["reading"]["table"]) == (40, 4, "")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("names", "row"), [(["Name", "Price"], "Cup {n}|{n}.50"), (["Product", "Price", "Shelf mark"], "Cup {n}|{n}.50|B")]
)
def test_a_table_that_begins_without_an_empty_row_is_left_out_where_that_is_certain(ending, names, row, tmp_path):
    list_ = [names, *(row.format(n=n).split("|") for n in range(12))]
    found = checked("support_bot", WRITERS[ending](tmp_path / f"a.{ending}", {"All": [*FAQ, *list_]}))
    assert (found["kept"], found["dropped"]) == (40, {"other_table": 13})
    assert any("In line 42 another table begins" in one for one in found["warnings"])


def test_a_list_below_thousands_of_short_rows_is_found_too(tmp_path):
    letters = [f"{'abcdefghij'[n // 10 % 10]}{'abcdefghij'[n % 10]}" for n in range(4_000)]
    many = [FAQ[0], *([f"Shall we go to {letter} or stay", f"we go to {letter}"] for letter in letters)]
    file = csv(tmp_path / "a.csv", {"All": [*many, ["Name", "Price"], *([f"Cup {n}", f"{n}.50"] for n in range(12))]})
    assert checked("support_bot", file)["dropped"].get("other_table") == 13


@pytest.mark.parametrize(
    "rows",
    [
        [["Name", "Price"], *([f"What is meant by {n}?", "A number of things"] for n in range(12))],  # a short question
        [["Contact", "Phone"], ["Who calls me back?", "Our team"], ["When is that?", "12"], ["And else?", "Never"]],
        [["Topic", "Team"], *([f"Topic {n}", "Anna"] for n in range(12))],  # texts as above
        [["Name", "Price"], *([f"Cup {n}", f"{n}.50"] for n in range(60))],  # more than above: no list below a table
    ],
)
def test_short_rows_alone_begin_no_other_table(rows, tmp_path):
    found = checked("support_bot", csv(tmp_path / "a.csv", {"All": [*FAQ, *rows]}))
    assert "other_table" not in found["dropped"]
