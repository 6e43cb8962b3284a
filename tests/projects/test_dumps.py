"""Tables as databases dump them into text: two signs are read as what they mean, and left where a backslash is one."""

from __future__ import annotations

import pytest

from projects import reading
from tests.projects.checked import checked, column


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


ASKED = "Hello,\n\nis order {n} late? It lay in C:\\orders\\new."
SAID = "It comes on day {n}.\nBest regards\tThe shop"
COPIED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t"})
KEPT = str.maketrans({"\\": "\\\\", "\n": "\\\n", "\t": "\\\t"})
QUOTED = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def write(folder, name, header, row, many=40):
    file = folder / name
    file.write_text(header + "".join(row(n) + "\n" for n in range(many)), encoding="utf-8", newline="\n")
    return file


def pair(n, table):
    return ASKED.format(n=n).translate(table), SAID.format(n=n).translate(table)


def said(found):
    return found["first"][0]["question"], found["first"][0]["answer"]


DUMPS = {
    "copied out of PostgreSQL": ("dump.tsv", "id\tquestion\tanswer\tnote\n", lambda n: "\t".join((str(n), *pair(n, COPIED), "\\N"))),
    "without a cell that is nothing": ("dump.tsv", "id\tquestion\tanswer\n", lambda n: "\t".join((str(n), *pair(n, COPIED)))),
    "out of MySQL, line ends kept": ("dump.txt", "id\tquestion\tanswer\tnote\n", lambda n: "\t".join((str(n), *pair(n, KEPT), "\\N"))),
    "with quotes and commas": ("dump.csv", "question,answer,note\n", lambda n: '"{}","{}",\\N'.format(*pair(n, QUOTED))),
}  # fmt: skip


@pytest.mark.parametrize(("name", "header", "row"), DUMPS.values(), ids=DUMPS)
def test_it_reads_two_signs_of_a_dump_as_what_they_mean(name, header, row, tmp_path):
    found = checked("support_bot", write(tmp_path, name, header, row))
    assert (found["rows"], found["kept"], found["refused"]) == (40, 40, None)
    assert said(found) == (ASKED.format(n=0), SAID.format(n=0))
    assert any("dump of a database" in one for one in found["notes"])
    assert found["offers"] == []


def test_it_takes_a_cell_of_nothing_for_empty(tmp_path):
    labels = ("late", "\\N", "other")
    file = write(tmp_path, "dump.tsv", "text\tlabel\n", lambda n: f"Order {n} is late\t{labels[n % 3]}")
    found = checked("intent_routing", file)
    assert found["labels"] == {"late": 14, "other": 13}


def test_it_reads_what_a_quoted_cell_says_behind_a_backslash(tmp_path):
    file = write(
        tmp_path,
        "export.csv",
        "question,answer\n",
        lambda n: f'"Where is \\"order {n}\\"?\\nThanks","It comes.\\nBye {n}"',
    )
    assert said(checked("support_bot", file)) == ('Where is "order 0"?\nThanks', "It comes.\nBye 0")


def test_it_leaves_them_where_a_person_says_so(tmp_path):
    name, header, row = DUMPS["copied out of PostgreSQL"]
    found = checked("support_bot", write(tmp_path, name, header, row), "--read", "as_written=yes")
    assert said(found)[1] == SAID.format(n=0).translate(COPIED)


ORDINARY = {
    "paths": lambda n: f"Where is C:\\new\\reports{n}?\tOpen C:\\temp\\notes, then \\\\server\\tables{n}",
    "formulas": lambda n: f"What is $\\nu_{n}$?\tIt is $\\nu = \\nabla \\times \\theta_{n}$",
    "patterns": lambda n: f"What finds {n} digits?\tWrite \\d{{{n}}}\\n or \\w\\t\\n\\n",
    "a path among line ends": lambda n: f"Where is it?\\nNumber {n}\tIn C:\\temp\\{n}\\nThere.",
}


@pytest.mark.parametrize("ending", ["tsv", "csv"])
@pytest.mark.parametrize("row", ORDINARY.values(), ids=ORDINARY)
def test_it_leaves_backslashes_that_are_signs_of_the_text(row, ending, tmp_path):
    mark = {"tsv": "\t", "csv": ";"}[ending]
    file = write(tmp_path, f"texts.{ending}", f"question{mark}answer\n", lambda n: row(n).replace("\t", mark))
    found = checked("support_bot", file, "--accept", "repair")
    assert column(found, "answer") == "answer"
    meant = row(0).split("\t")
    if row is not ORDINARY["a path among line ends"]:  # there it is offered, and cells with a path are left as they are
        assert list(said(found)) == meant
    assert said(found)[1] == meant[1]
