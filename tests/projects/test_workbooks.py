"""Workbooks: which sheet is read, and what a sheet shows to a person that its values do not tell."""

from __future__ import annotations

import pytest

from projects import reading
from tests.data import case
from tests.projects.books import Formula, Shown, ods, xls, xlsb, xlsx
from tests.projects.checked import checked, column

READ_ME = [["This workbook holds the questions of our customers"], ["Made by the service team"]]
FAQ = [["Question", "Answer"], *([f"Is order {n} late?", f"Order {n} comes on day {n % 7}."] for n in range(40))]
PRICES = [["Product", "Price"], *([f"p{n}", n] for n in range(200))]
WRITERS = {"xlsx": xlsx, "ods": ods}


def topics(many=8):
    """Four topics, each written once above MANY questions."""
    names = ("Delivery", "Payment", "Returns", "Sizes")
    rows = [
        [name if not n else None, f"{name} matter number {n}: how does it work?"] for name in names for n in range(many)
    ]
    return [["Topic", "Question"], *rows]


@pytest.mark.parametrize("ending", WRITERS)
def test_it_reads_the_sheet_that_has_what_the_use_case_needs(ending, tmp_path):
    file = WRITERS[ending](tmp_path / f"book.{ending}", {"Read me": READ_ME, "Prices": PRICES, "FAQ": FAQ})
    found = checked("support_bot", file)
    assert (found["reading"]["sheet"], found["kept"], found["refused"]) == ("FAQ", 40, None)
    said = " ".join(found["warnings"])
    assert "Read me (1)" in said
    assert "Prices (200)" in said
    assert checked("support_bot", file, "--read", "sheet=Prices")["reading"]["sheet"] == "Prices"


def test_it_reads_the_larger_of_two_sheets_that_fit(tmp_path):
    file = xlsx(tmp_path / "book.xlsx", {"Old": FAQ[:11], "New": FAQ})
    assert checked("support_bot", file)["reading"]["sheet"] == "New"


@pytest.mark.parametrize("ending", WRITERS)
def test_it_reads_sheets_of_one_shape_as_one_table_where_a_person_wants_it(ending, tmp_path):
    months = {
        "January": FAQ[:26],
        "February": [
            ["Our answers"],
            [],
            ["Answer", "Question"],
            *([answer, question] for question, answer in FAQ[26:]),
        ],
        "Prices": PRICES,
    }
    file = WRITERS[ending](tmp_path / f"book.{ending}", months)
    found = checked("support_bot", file)
    assert (found["rows"], [one["id"] for one in found["offers"]]) == (25, ["all_sheets"])
    more = checked("support_bot", file, "--accept", "all_sheets")
    assert (more["rows"], more["kept"]) == (40, 40)
    assert "2 sheets with the same columns are read as one table: January, February." in more["notes"]


def test_it_leaves_hidden_sheets_alone_and_says_so(tmp_path):
    file = xlsx(tmp_path / "book.xlsx", {"Archive": FAQ, "FAQ": FAQ[:31]}, unseen=["Archive"])
    found = checked("support_bot", file)
    assert (found["reading"]["sheet"], found["kept"]) == ("FAQ", 30)
    assert any("Archive (40)" in one for one in found["warnings"])


@pytest.mark.parametrize("ending", WRITERS)
def test_it_gives_merged_cells_the_value_they_show(ending, tmp_path):
    rows = topics()
    if ending == "xlsx":
        ranges = [f"A{2 + 8 * n}:A{9 + 8 * n}" for n in range(4)]
        file = xlsx(tmp_path / "book.xlsx", {"Topics": rows}, merged={"Topics": ranges})
    else:
        file = ods(tmp_path / "book.ods", {"Topics": rows}, tall={(2 + 8 * n, 1): 8 for n in range(4)})
    found = checked("intent_routing", file)
    assert found["labels"] == {"Delivery": 8, "Payment": 8, "Returns": 8, "Sizes": 8}
    assert any("28 cells" in one for one in found["notes"])


def test_a_value_merged_over_columns_counts_for_each_but_a_note_over_all_stays_one(tmp_path):
    rows = [["Question", "Answer", "Second answer"]]
    rows += [[f"Is order {n} late?", f"Order {n} comes on day {n % 7}.", None] for n in range(40)]
    rows += [["All answers were checked in March", None, None]]
    file = xlsx(tmp_path / "book.xlsx", {"FAQ": rows}, merged={"FAQ": ["B3:C3", "B4:C4", "A42:C42"]})
    found = checked("support_bot", file, "--map", "question=Question", "--map", "answer=Second answer")
    assert found["kept"] == 2
    assert [one["answer"] for one in found["first"]] == ["Order 1 comes on day 1.", "Order 2 comes on day 2."]
    assert "2 cells are merged with others and got their value." in found["notes"]


def test_it_reads_merged_cells_and_hidden_rows_of_old_workbooks(tmp_path):
    found = checked("intent_routing", xls(tmp_path / "book.xls"))
    assert found["reading"]["sheet"] == "Fragen"
    assert found["labels"] == {"Delivery": 10, "Payment": 10, "Returns": 10, "Sizes": 10}
    assert any("3 rows are hidden" in one for one in found["warnings"])


def test_a_title_over_several_columns_does_not_become_the_header(tmp_path):
    rows = [["Customer feedback", None, None, "Meta", None], ["Comment", "Stars", "Topic", "Day", "Channel"]]
    rows += [[f"It is fine, number {n}", n % 5 + 1, ("Price", "Shop")[n % 2], n, "web"] for n in range(40)]
    file = xlsx(tmp_path / "book.xlsx", {"Data": rows}, merged={"Data": ["A1:C1", "D1:E1"]})
    found = checked("sentiment", file)
    assert (found["reading"]["header_row"], column(found, "text")) == (2, "Comment")


def test_names_merged_over_two_header_rows_stay_names(tmp_path):
    rows = [["Question", "Answer", "Scores", None], [None, None, "First", "Second"]]
    rows += [[f"Is order {n} late?", f"Order {n} is on its way to you.", n, n + 1] for n in range(40)]
    file = xlsx(tmp_path / "book.xlsx", {"Data": rows}, merged={"Data": ["A1:A2", "B1:B2", "C1:D1"]})
    found = checked("support_bot", file)
    assert found["reading"]["columns"] == ["Question", "Answer", "Scores First", "Scores Second"]
    assert found["kept"] == 40


@pytest.mark.parametrize("ending", WRITERS)
def test_it_says_that_formulas_have_no_results(ending, tmp_path):
    rows = [["Question", "Answer"], *([f"Is order {n} late?", Formula('"Yes"')] for n in range(40))]
    found = checked("support_bot", WRITERS[ending](tmp_path / f"book.{ending}", {"FAQ": rows}))
    assert found["status"] == 2
    assert "40 cells of Answer are formulas whose results are not in the file" in found["refused"]
    assert "save it" in found["refused"]


def test_a_formula_with_a_result_is_a_value(tmp_path):
    rows = [["Question", "Answer"], *([f"Is order {n} late?", Shown(f'"Yes, {n}"|Yes, {n}')] for n in range(40))]
    rows += [["Is it open?", Shown('""|')]]
    found = checked("support_bot", xlsx(tmp_path / "book.xlsx", {"FAQ": rows}))
    assert (found["kept"], found["first"][0]["answer"]) == (40, "Yes, 0")
    assert not any("formula" in one for one in found["warnings"])


@pytest.mark.parametrize("ending", WRITERS)
def test_it_reads_hidden_rows_and_says_how_many_unless_they_are_to_be_left_out(ending, tmp_path):
    hidden = [3, 4, 5, 20]
    if ending == "xlsx":
        file = xlsx(tmp_path / "book.xlsx", {"FAQ": FAQ}, hidden={"FAQ": hidden})
    else:
        file = ods(tmp_path / "book.ods", {"FAQ": FAQ}, hidden=hidden)
    found = checked("support_bot", file)
    assert found["rows"] == 40
    assert any("4 rows are hidden" in one and "read like the others" in one for one in found["warnings"])
    assert "without_hidden" in [one["id"] for one in found["offers"]]
    less = checked("support_bot", file, "--accept", "without_hidden")
    assert less["rows"] == 36
    assert any("4 rows are hidden in the sheet and left out" in one for one in less["warnings"])


CASES = [
    ("support_bot", "cover_sheet/x_cover_sheet.xlsx", 40),
    ("intent_routing", "merged_cells_down/x_merged_down.xlsx", 48),
    ("sentiment", "sentiment_takes_topic/x_two_headers.xlsx", 60),
]


@pytest.mark.parametrize(("usecase", "name", "kept"), CASES)
def test_it_reads_workbooks_as_they_come(usecase, name, kept):
    assert checked(usecase, case(name))["kept"] == kept


def test_it_says_which_formulas_of_a_workbook_as_it_comes_have_no_results():
    found = checked("support_bot", case("formula_without_result/x_formula_answer.xlsx"))
    assert "40 cells of answer are formulas" in found["refused"]


def test_it_counts_the_hidden_rows_of_a_binary_workbook(tmp_path):
    rows = [["question", "answer"], *([f"Where is order {n}?", f"On its way, day {n}."] for n in range(40))]
    path = xlsb(tmp_path / "book.xlsb", rows, hidden={3, 7, 8})
    found = reading.detect(path, path.name)
    assert (found.names, found.rows) == (["question", "answer"], 40)
    assert [one.facts["count"] for one in found.warnings if one.code == "hidden_rows"] == [3]
    left = reading.detect(path, path.name, {"without_hidden": True})
    assert left.rows == 37


@pytest.mark.parametrize("ending", WRITERS)
def test_it_counts_the_rows_of_a_sheet_alike_whether_it_is_read_or_not(ending, tmp_path):
    titled = [["Our prices"], [], *PRICES]
    file = WRITERS[ending](tmp_path / f"book.{ending}", {"FAQ": FAQ, "Prices": titled})
    found = checked("support_bot", file)
    other = checked("support_bot", file, "--read", "sheet=Prices")
    assert (found["rows"], other["rows"]) == (40, 200)
    assert any("Prices (200)" in one for one in found["warnings"])
    assert any("FAQ (40)" in one for one in other["warnings"])


def of_label(name, columns, many=12):
    rows = [[f"{name} matter number {n}: how does it work?", f"person {n}"][:columns] for n in range(many)]
    return [["Message", "Sent by"][:columns], *rows]


@pytest.mark.parametrize(("columns", "headed"), [(1, True), (1, False), (2, True)])
def test_it_takes_the_names_of_sheets_for_labels_where_each_holds_one(columns, headed, tmp_path):
    names = ("Billing", "Delivery", "Returns")
    sheets = {name: of_label(name, columns)[not headed :] for name in names}
    file = xlsx(tmp_path / "labels.xlsx", sheets)
    found = checked("intent_routing", file)
    assert (found["labels"], found["kept"]) == (dict.fromkeys(names, 12), 36)
    assert found["first"][0]["text"] == "Billing matter number 0: how does it work?"
    assert any("their names became the labels" in one for one in found["notes"])
    assert not any("sheets with data" in one for one in found["warnings"])
    one = checked("intent_routing", file, "--read", "sheet=Delivery")
    assert one["rows"] in (11, 12)
    assert one["labels"] == {}


def test_it_takes_no_label_from_sheets_that_are_numbered_or_have_labels_of_their_own(tmp_path):
    for names in (("Sheet1", "Sheet2"), ("2025", "2026"), ("January", "February 2026"), ("train", "test")):
        found = checked("intent_routing", xlsx(tmp_path / "book.xlsx", {name: of_label(name, 2) for name in names}))
        assert found["labels"] == {}
        assert found["rows"] == 12
    own = {
        name: [[*row, ("Topic", "late", "rude")[n and n % 2 + 1]] for n, row in enumerate(of_label(name, 1))]
        for name in ("Shop", "App")
    }
    found = checked("intent_routing", xlsx(tmp_path / "book.xlsx", own))
    assert set(found["labels"]) == {"late", "rude"}
