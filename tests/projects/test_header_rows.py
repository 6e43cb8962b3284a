"""Header rows that stand twice, below each other or again in the data; titles, totals and empty lines around a table."""

from __future__ import annotations

import pytest

from tests.data import case
from tests.projects.checked import checked, column

TOPICS = ("Price", "Service", "Product")


def survey(second, many=40):
    rows = [f"{n},{n % 10},Good idea number {n},{TOPICS[n % 3]}" for n in range(many)]
    return "\n".join(["id,How likely,Why,Topic", *second, *rows]) + "\n"


SECOND = [
    [",Score,Open-Ended Response,Response"],
    ["int,int,varchar(200),text"],
    ["(no),(0-10),,"],
    ["Nummer,Note,Grund,Thema"],
    ["Number,0 to 10,The reason,The topic", '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}","{""ImportId"":""QID4""}"'],
]  # fmt: skip


@pytest.mark.parametrize("second", SECOND, ids=["survey", "types", "units", "words", "import ids"])
def test_it_learns_nothing_from_a_second_header_row(second, tmp_path):
    file = tmp_path / "survey.csv"
    file.write_text(survey(second))
    found = checked("intent_routing", file)
    assert (found["rows"], set(found["labels"])) == (40, set(TOPICS))
    assert any("Row 2" in note for note in found["notes"])


def test_a_second_header_row_names_what_the_first_leaves_open(tmp_path):
    file = tmp_path / "survey.csv"
    rows = [f"{n},{n % 10},Good idea number {n},{TOPICS[n % 3]}" for n in range(40)]
    file.write_text(
        "\n".join(["Q1,,Q3,Topic", ",Score,Why is it so?,Response", *rows]).replace("Score", "Open-Ended Response")
    )
    found = checked("intent_routing", file)
    assert found["reading"]["columns"] == ["Q1", "Q1 Open-Ended Response", "Q3: Why is it so?", "Topic"]


@pytest.mark.parametrize("first", ["Fine,Service", "n/a,Price", "Is it a response?,Service"])
def test_the_first_row_of_data_stays_data(first, tmp_path):
    file = tmp_path / "reviews.csv"
    file.write_text("text,label\n" + first + "\n" + "".join(f"It is good {n},{TOPICS[n % 3]}\n" for n in range(40)))
    found = checked("intent_routing", file)
    assert found["rows"] == 41
    assert not any("no data" in note for note in found["notes"])


def test_the_person_can_say_that_a_row_is_data_after_all(tmp_path):
    file = tmp_path / "survey.csv"
    file.write_text(survey(SECOND[0]))
    assert checked("intent_routing", file, "--read", "header_row=1")["rows"] == 41


def test_it_leaves_out_the_header_where_it_stands_again(tmp_path):
    part = "text,label\n" + "".join(f"It is good {n},{TOPICS[n % 3]}\n" for n in range(20))
    file = tmp_path / "joined.csv"
    file.write_text(
        part + part.replace("good", "bad").replace("text,label", "Text , LABEL") + part.replace("good", "so so")
    )
    found = checked("intent_routing", file)
    assert (found["rows"], set(found["labels"])) == (60, set(TOPICS))
    assert any("2 times more" in note for note in found["notes"])


def test_titles_totals_and_empty_lines_are_no_data(tmp_path):
    rows = "".join(f"It is good {n},,{TOPICS[n % 3]},{n},\n" + (",,,,\n" if n % 10 == 9 else "") for n in range(40))
    file = tmp_path / "report.csv"
    file.write_text("Feedback 2026,,,,\n,,,,\ntext,,topic,stars,\n" + rows + "Total,,,780,\nDurchschnitt:,,,19.5,\n")
    found = checked("intent_routing", file, "--map", "text=text", "--map", "label=topic")
    assert found["reading"]["header_row"] == 3
    assert (found["kept"], set(found["labels"])) == (40, set(TOPICS))
    assert "Empty rows left out: 4." in found["notes"]


@pytest.mark.parametrize(
    ("usecase", "name", "rows", "labels"),
    [
        ("intent_routing", "second_header_row/surveymonkey.csv", 80, {"Product", "Price", "Service"}),
        ("sentiment", "header_again/c_repeat_header.csv", 57, {"pos", "neu", "neg"}),
    ],
)
def test_it_reads_files_with_headers_that_stand_twice(usecase, name, rows, labels):
    found = checked(usecase, case(name))
    assert (found["rows"], set(found["labels"])) == (rows, labels)


def test_a_question_that_names_a_label_still_asks_for_a_text():
    found = checked("sentiment", case("second_header_row/surveymonkey.csv"))
    assert column(found, "text") == "What is the main reason for your score?"


def test_a_survey_question_about_a_score_asks_for_a_text(tmp_path):
    file = tmp_path / "survey.csv"
    rows = [f"{n},{n % 5 + 1},The shop is good for reason number {n}" for n in range(60)]
    file.write_text("\n".join(["id,Stars,What is the main reason for your score?", *rows]))
    found = checked("sentiment", file)
    assert (column(found, "text"), column(found, "label")) == ("What is the main reason for your score?", "Stars")
