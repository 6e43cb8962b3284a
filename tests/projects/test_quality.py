"""The quality report counts what it should, shows the rows behind each count, and choices switch at once."""

from __future__ import annotations

import pytest

from projects import quality
from tests.projects.rows_of import MAPPING, ROLES, make, many


def behind(out, flag):
    return [row.n for row in quality.rows_behind(out, flag)]


def test_it_flags_what_is_wrong(tmp_path):
    out, report = make(
        tmp_path,
        [
            ("How do I cancel?", "On the orders page."),
            ("how do i  cancel", "On the orders page"),  # the same to a person
            ("How do I cancel?", "You cannot."),
            ("Where is it?", ""),
            ("Where is it?", "N/A"),
            ("My mail is ann@mail.io, ok?", "Thanks, noted."),
            ("What is <b>this</b>?<br>Tell me", "A box."),
            ("???", "We did not understand."),
            ("Can you help?", "word " * 2_000),
            *many(100),
        ],
    )
    assert report.rows == 109
    assert report.flags == {
        "empty": 2, "duplicate": 1, "too_long": 1, "garbage": 1, "contradicting": 3, "personal": 1, "markup": 1,
    }  # fmt: skip
    assert behind(out, "duplicate") == [2]
    assert behind(out, "contradicting") == [1, 2, 3]
    assert behind(out, "empty") == [4, 5]
    assert (report.kept, report.dropped) == (104, 5)
    assert report.languages["en"] > 0.9


def test_choices_switch_at_once(tmp_path):
    out, _report = make(tmp_path, [("a question", "an answer")] * 3 + [("me@mail.io asks", "yes sir")] + many(20))
    assert quality.counts(out, {}) == (22, 2)
    assert quality.counts(out, {"duplicate": "keep"}) == (24, 0)
    assert quality.counts(out, {"personal": "drop"}) == (21, 3)
    assert quality.counts(out, {"empty": "keep", "personal": "nonsense"}) == (22, 2)


def test_it_pages_the_rows_behind_a_count(tmp_path):
    out, _report = make(tmp_path, [("same question", "same answer")] * 120)
    assert [row.n for row in quality.rows_behind(out, "duplicate", 50, 2)] == [52, 53]
    row = quality.rows_behind(out, "duplicate", 0, 1)[0]
    assert (row.line, row.cells, row.flags) == (3, ["same question", "same answer"], ["duplicate"])


def test_it_keeps_the_teams_own_number(tmp_path):
    pairs = [(question, f"{answer} Or call +49 30 1234567.") for question, answer in many(40)]
    out, report = make(tmp_path, [*pairs, ("I am on +49 176 7654321", "We call you back.")])
    assert behind(out, "personal") == [41]
    code, facts = next(warning for warning in report.warnings if warning[0] == "public_contacts")
    assert "+49 30 1234567" in str(quality.warning_sentence(code, facts))


def test_it_sees_that_all_answers_are_the_same(tmp_path):
    _out, report = make(tmp_path, [(f"How do I {n}?", "Ask us.") for n in range(50)])
    assert report.distinct == 1
    assert [code for code, _facts in report.warnings] == ["all_same", "few_kept"]
    assert report.top == [("Ask us.", 50)]


def test_it_draws_lengths(tmp_path):
    _out, report = make(tmp_path, many(50))
    assert sum(count for _from, _to, count in report.lengths["answer"]) == 50
    assert quality.QualityReport.from_json(report.to_json()).rows == 50


def test_it_can_be_examined_again(tmp_path):
    out, report = make(tmp_path, many(30) + many(3))
    swapped = quality.examine(out, {"question": "answer", "answer": "question"}, ROLES, {}, lambda *_: None)
    assert swapped.flags == report.flags == {"duplicate": 3}
    again = quality.examine(out, MAPPING, ROLES, {"duplicate": "keep"}, lambda *_: None)
    assert (again.kept, again.dropped) == (33, 0)


def test_it_counts_the_balance_of_a_column(tmp_path):
    out, _report = make(tmp_path, [("good thing", "positive")] * 3 + [("bad thing", "negative")])
    assert quality.balance(out, "answer") == [("positive", 3), ("negative", 1)]


@pytest.mark.parametrize("text", ["Yes", "5", "谢谢", "😀 ok", "No.", "&", "a < b and b > c"])
def test_it_leaves_odd_but_good_texts_alone(text):
    assert not quality.has_markup(text)
    assert text == "&" or not quality.garbage(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One<br/>two", "One\ntwo"), ("<p>Hello &amp; bye</p>", "Hello & bye"), ("see <a href='x'>here</a>", "see here"),
    ],
)  # fmt: skip
def test_it_cleans_markup(text, words):
    assert quality.without_markup(text) == words


def test_every_flag_has_words_and_a_default():
    for flag in quality.FLAGS.values():
        assert flag.default == flag.choices[0]
        assert str(flag.title)
        assert str(flag.help)
        assert set(flag.choices) <= set(quality.CHOICES)
