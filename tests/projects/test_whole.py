"""Numbers that are none, or longer than any: in fields, in files and in chats."""

from __future__ import annotations

import pytest

from projects import reading
from projects.whole import LARGEST, whole
from tests import house

ODD = ["²", "①", "⑩", "½", "٣²", "1" * 5000, "9" * 40, "-1", "1.0", "", None, "0x1", "1_0", "１²", "\x00"]


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_whole_number_is_none(text):
    assert whole(text) == 0


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), (" 12 ", 12), ("٣", 3), ("１２", 12), (str(LARGEST), LARGEST), (7, 7)]
)
def test_a_whole_number_is_one_in_any_script(text, value):
    assert whole(text) == value


def test_no_sign_is_taken_for_a_number_because_it_is_a_digit():
    """`"②".isdigit()` is true, and `int("②")` raises: `isdecimal` is what `int` reads."""
    wrong = [
        f"{file.relative_to(house.ROOT)}:{number}"
        for package in ("studio", "projects", "training", "endpoints")
        for file in (house.ROOT / package).rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if ".isdigit()" in line and "isascii()" not in line
    ]
    assert not wrong


@pytest.mark.parametrize("sign", ["①②③④⑤⑥⑦⑧⑨", "²³¹²³¹²³¹", "٠١٢٣٤٥٦٧٨", "🄁🄂🄃🄄🄅🄆🄇🄈🄉", "１２３４５６７８９"])
def test_a_column_of_odd_digits_is_read(sign, tmp_path):
    path = tmp_path / "faq.csv"
    lines = [f"{mark},How do I clean part {mark} of it?,With vinegar and {mark}" for mark in sign]
    path.write_text("\n".join(["No.,Question,Answer", *lines]) + "\n", encoding="utf-8")
    found = reading.detect(path, "faq.csv")
    assert [column.name for column in found.columns] == ["No.", "Question", "Answer"]


@pytest.mark.parametrize("cell", ["²²²²", "①①①①", "9" * 6000])
def test_a_header_of_odd_digits_is_read(cell, tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text(f"{cell},2001,2002\nHow?,So,x\nWhen?,Now,y\n", encoding="utf-8")
    assert reading.detect(path, "faq.csv").columns
