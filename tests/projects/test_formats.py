"""Each format is found by listing its folder, and recognises its files by content."""

from __future__ import annotations

import gzip
import json
import random
import time
import zipfile

import pytest

from projects import reading, refusals, rows
from projects.formats import Limits, Reading, formats, pick

PAIRS = [("How do I cancel?", "On the orders page."), ("Wo ist es?", "Im Lager, “hinten”."), ("多少钱？", "十元。")]


def table(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    out = folder / "rows.sqlite3"
    result = reading.load_rows(path, name, reading.detect(path, name), out, lambda share, count: None)
    return result.reading, [row[2] for row in rows.page(out)]


def csv_text(mark=",", end="\n"):
    return "".join(f"{question}{mark}{answer}{end}" for question, answer in [("question", "answer"), *PAIRS])


def objects():
    return [{"question": question, "answer": answer} for question, answer in PAIRS]


def test_every_format_is_complete():
    found = {one.slug: one for one in formats()}
    tables = {"csv", "spreadsheet", "jsonl", "json", "parquet", "html", "fasttext", "zip", "gzip"}
    assert set(found) == tables | {
        "faq",
        "chatlog",
        "whatsapp",
        "wechat",
        "telegram",
        "telegram_page",
        "rasa",
        "slack",
        "dialogflow",
        "discord",
        "line",
        "mail",
    }
    for one in found.values():
        assert str(one.title)
        assert one.extensions
        assert one.members or (one.inspect and (one.rows or one.turns))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize(("mark", "end"), [(";", "\n"), ("\t", "\r\n"), ("|", "\r")])
def test_it_reads_text_tables(tmp_path, encoding, mark, end):
    found, cells = table(tmp_path, "x.csv", csv_text(mark, end).encode(encoding))
    assert found.names == ["question", "answer"]
    assert found.delimiter == mark
    assert cells == [list(pair) for pair in PAIRS]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(objects()),
        json.dumps(objects(), indent=2, ensure_ascii=False),
        json.dumps({"version": 3, "data": {"rows": objects()}}),
        "\ufeff" + json.dumps(objects()),
        json.dumps(objects(), ensure_ascii=False).encode("utf-16"),
        "\n".join(json.dumps(one, ensure_ascii=False) for one in objects()),
        "\ufeff" + "\r\n".join(json.dumps(one) for one in objects()),
        json.dumps([{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": q},
                                  {"role": "assistant", "content": a}]} for q, a in PAIRS]),
        "\n".join(json.dumps({"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]})
                  for q, a in PAIRS),
    ],
)  # fmt: skip
def test_it_reads_json(tmp_path, data):
    found, cells = table(tmp_path, "x.json", data)
    assert found.names == ["question", "answer"]
    assert cells == [list(pair) for pair in PAIRS]


def test_it_reads_packed_tables(tmp_path):
    found, cells = table(tmp_path, "x.csv.gz", gzip.compress(csv_text(";").encode()))
    assert (found.packed, len(cells)) == ("gzip", 3)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("small.csv", "a,b\n1,2\n")
        archive.writestr("folder/large.jsonl", "\n".join(json.dumps(one) for one in objects()))
        archive.writestr("__MACOSX/._large.jsonl", "junk")
    found, cells = table(tmp_path, "y.zip", (tmp_path / "x.zip").read_bytes())
    assert (found.member, found.format, len(cells)) == ("folder/large.jsonl", "jsonl", 3)
    assert [one.name for one in found.members] == ["folder/large.jsonl", "small.csv"]
    found = reading.detect(tmp_path / "x.zip", "x.zip", {"member": "small.csv"})
    assert found.names == ["a", "b"]


def test_it_reads_a_workbook_in_an_archive(tmp_path):
    from tests.data import shared_data

    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(shared_data("nasty_files/spreadsheets/simple.xlsx"), "in it.xlsx")
    found = reading.detect(tmp_path / "x.zip", "x.zip")
    assert (found.format, found.sheet, found.rows) == ("spreadsheet", "simple.csv", 6)


def test_it_looks_for_no_letters_in_packed_bytes(tmp_path):
    draw = random.Random(1)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        lines = [f"What is {n}?,{draw.randbytes(40).hex()}\n" for n in range(8_000)]
        archive.writestr("table.csv", "question,answer\n" + "".join(lines))
    began = time.process_time()
    assert pick((tmp_path / "x.zip").read_bytes()[:262_144], "x.zip").slug == "zip"
    assert time.process_time() - began < 0.3  # no time at all; to guess an encoding for each format took three seconds


def test_it_reads_an_ods_workbook(tmp_path):
    space = "urn:oasis:names:tc:opendocument:xmlns"
    lines = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in pair)
        + "</table:table-row>"
        for pair in [("question", "answer"), *PAIRS]
    )
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0"'
        f' xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="FAQ">{lines}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0"><manifest:file-entry manifest:full-path="/"'
            ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
    found, cells = table(tmp_path, "y", (tmp_path / "x.ods").read_bytes())
    assert (found.format, found.sheet, found.names) == ("spreadsheet", "FAQ", ["question", "answer"])
    assert cells == [list(pair) for pair in PAIRS]


def test_it_sees_that_there_is_no_header(tmp_path):
    text = "".join(f'"How do I {n}?","You do {n} like this."\n' for n in range(10))
    found, cells = table(tmp_path, "x.csv", text)
    assert (found.header_row, found.names, len(cells)) == (0, ["column 1", "column 2"], 10)
    survey = "".join(f"2024-01-0{n + 1},fine\n" for n in range(9))
    found, cells = table(tmp_path, "x.csv", "Timestamp,How satisfied are you with us?\n" + survey)
    assert (found.header_row, len(cells)) == (1, 9)


def test_it_reads_parquet_with_lists_and_dates(tmp_path):
    import datetime as dt

    import pyarrow as pa
    import pyarrow.parquet as pq

    records = [{"q": "one", "tags": ["a", "b"], "when": dt.datetime(2024, 1, 2, 3), "n": 2.0, "no": None}]
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "x.parquet")
    found, cells = table(tmp_path, "y.bin", (tmp_path / "x.parquet").read_bytes())
    assert found.names == ["q", "tags", "when", "n", "no"]
    assert cells == [["one", '["a", "b"]', "2024-01-02 03:00:00", "2", None]]


def test_it_reads_the_names_of_classes_that_a_parquet_file_brings(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    about = {"info": {"features": {"label": {"names": ["returns", "delivery"], "_type": "ClassLabel"}}}}
    whole = pa.Table.from_pylist(
        [{"text": "Where is it?", "label": 1}, {"text": "Send it back", "label": 0}, {"text": "Hm", "label": -1}]
    )
    pq.write_table(whole.replace_schema_metadata({"huggingface": json.dumps(about)}), tmp_path / "x.parquet")
    _found, cells = table(tmp_path, "y.parquet", (tmp_path / "x.parquet").read_bytes())
    assert [row[1] for row in cells] == ["delivery", "returns", None]
    pq.write_table(whole.replace_schema_metadata({"huggingface": "[" * 5_000}), tmp_path / "x.parquet")
    _found, cells = table(tmp_path, "z.parquet", (tmp_path / "x.parquet").read_bytes())
    assert [row[1] for row in cells] == ["1", "0", "-1"]


def test_it_keeps_broken_json_lines_with_their_number(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"question": "a", "answer": "b"}\n{"question": "a\n\n{"question": "c", "answer": "d", "more": 1}\n'
    )
    found = reading.detect(path, path.name)
    result = reading.load_rows(path, path.name, found, tmp_path / "rows.sqlite3", lambda *_: None)
    assert (result.rows, result.problems, result.first) == (3, {"not_json": 1}, {"not_json": 2})
    assert result.reading.names == ["question", "answer", "more"]


@pytest.mark.parametrize("line", ['[{"a": 1, "a": 2}]', '{"a": 1, "a": 2', '{"a": NaN} x', "[NaN]"])
def test_it_keeps_odd_json_lines(tmp_path, line):
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": "b"}\n{"a": "c"}\n' + line + "\n")
    found = reading.detect(path, path.name)
    result = reading.load_rows(path, path.name, found, tmp_path / "rows.sqlite3", lambda *_: None)
    assert (result.rows, result.first) == (3, {"not_json": 3})


def test_it_stops_at_broken_json_and_keeps_what_came_before(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(objects())[:-20])
    result = reading.load_rows(path, "x.json", reading.detect(path, "x.json"), tmp_path / "r.sqlite3", lambda *_: None)
    assert result.problems == {"json_stops": 1}
    assert result.rows == 3


def test_it_says_what_a_file_is_that_it_does_not_read(tmp_path):
    for data, code in (
        (b"%PDF-1.7 ...", "pdf"), (b"\x89PNG\r\n...", "picture"), (b"Rar!\x1a", "archive"), (b"\x7fELF...", "program"),
        (b"$FL2@(#) SPSS", "statistics"), (b"ARROW1\0\0", "columnar"), (b"SQLite format 3\0", "database"), (b"!BDN\0", "mail_program"),
        (b"a.csv" + b"\0" * 252 + b"ustar", "archive"), (b"BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD\r\n" * 9, "cards"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 9, "subtitles"), (b"<faqs>\n" + b"<q>Late?</q><a>No, soon.</a>\n" * 9, "xml"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__substg1.0_1000".encode("utf-16-le") * 9, "mail_program"),
        (b"<!DOCTYPE html><table>", "web_page"), (b"\x00\x01\x02" * 900, "unknown_format"), (b"{\\rtf1 x", "document"),
    ):  # fmt: skip
        path = tmp_path / "x.csv"
        path.write_bytes(data)
        with pytest.raises(refusals.ReadingError) as caught:
            reading.detect(path, "x.csv")
        assert caught.value.code == code


def test_a_table_may_begin_like_another_file(tmp_path):
    for header in ("ORCID,name", "MZ,text", "<b>text</b>,label", "BZhang,label"):
        path = tmp_path / "x.csv"
        path.write_text(f"{header}\n" + "".join(f"<p>It is good {n}</p>,{n}\n" for n in range(9)))
        assert reading.detect(path, "x.csv").names == header.split(",")


def test_files_of_apple_s_office_are_refused_by_name(tmp_path):
    path = tmp_path / "faq.numbers"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Index/Document.iwa", "x" * 20)
        archive.writestr("preview.jpg", "x")
    with pytest.raises(refusals.ReadingError) as caught:
        reading.detect(path, "faq.numbers")
    assert caught.value.code == "iwork"


def test_an_archive_with_a_text_in_each_file_is_refused_by_name(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(12):
            archive.writestr(f"{('good', 'bad')[n % 2]}/{n}.txt", f"It was number {n}, and I liked it, mostly.")
    with pytest.raises(refusals.ReadingError) as caught:
        reading.detect(path, "x.zip")
    assert caught.value.code == "texts_in_files"


def test_a_mark_of_order_in_the_middle_belongs_to_no_cell(tmp_path):
    part = "\ufefftext,label\n" + "".join(f"It is good {n},a\n" for n in range(9))
    path = tmp_path / "x.csv"
    path.write_text(part + part.replace("good", "bad"), encoding="utf-8")
    found = reading.read(path, "x.csv", {}, tmp_path / "rows", lambda *_: None)
    assert (found.rows, [one.code for one in found.reading.notes]) == (18, ["header_again"])


def test_the_line_that_markdown_draws_below_a_header_is_no_row(tmp_path):
    path = tmp_path / "x.md"
    path.write_text("| Question | Answer |\n|---|:---|\n" + "".join(f"| Late {n}? | Soon {n}. |\n" for n in range(9)))
    assert reading.read(path, "x.md", {}, tmp_path / "rows", lambda *_: None).rows == 9


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=2), "too_many_rows"),
        (Limits(columns=1), "too_many_columns"),
        (Limits(line=20), "long_line"),
    ],
)
def test_it_keeps_to_limits(tmp_path, limits, code):
    path = tmp_path / "x.csv"
    path.write_text(csv_text())

    def read():
        found = reading.detect(path, "x.csv", limits=limits)
        reading.load_rows(path, "x.csv", found, tmp_path / "rows.sqlite3", lambda *_: None, limits)

    with pytest.raises(refusals.ReadingError) as caught:
        read()
    assert caught.value.code == code


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('question,answer\nhow,"so\n' + "why,because\n" * 1_000)
    result = reading.load_rows(path, "x.csv", reading.detect(path, "x.csv"), tmp_path / "r.sqlite3", lambda *_: None)
    assert (result.rows, result.problems) == (1_001, {})


def test_a_reading_survives_json(tmp_path):
    found, _cells = table(tmp_path, "x.csv", csv_text())
    assert Reading.from_json(json.loads(json.dumps(found.to_json()))) == found


QUESTIONS = [f"Où est ma commande numéro {n} ?" for n in range(30)]
ANSWERS = [f"Elle a quitté l'entrepôt hier, reçu {n}." for n in range(30)]
ASKED = list(zip(QUESTIONS, ANSWERS, strict=True))
TEXTS = {
    "table.csv": "question,answer\n" + "\n".join(f'{q},"{a}"' for q, a in ASKED),
    "list.json": json.dumps([{"question": q, "answer": a} for q, a in ASKED], ensure_ascii=False),
    "lines.jsonl": "\n".join(json.dumps({"question": q, "answer": a}, ensure_ascii=False) for q, a in ASKED),
    "page.html": "<table><tr><th>question<th>answer" + "".join(f"<tr><td>{q}<td>{a}" for q, a in ASKED) + "</table>",
    "faq.txt": "\n\n".join(f"Q: {q}\nA: {a}" for q, a in ASKED),
    "labels.txt": "\n".join(f"__label__commande {q}" for q in QUESTIONS),
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_says_in_every_format_that_some_bytes_are_damaged(tmp_path, name):
    data = TEXTS[name].encode().replace("numéro 7".encode(), b"num\xe9ro 7", 1)
    path = tmp_path / name
    path.write_bytes(data)
    found = reading.detect(path, name)
    assert found.encoding == "utf-8"
    assert "bad_bytes" in [warning.code for warning in found.warnings]


@pytest.mark.parametrize("name", TEXTS)
def test_it_says_in_every_format_that_the_encoding_was_guessed(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(TEXTS[name].encode("cp1252"))
    found = reading.detect(path, name)
    assert found.encoding in ("cp1252", "iso8859_15", "iso8859-15", "latin-1")
    assert "encoding_guessed" in [note.code for note in found.notes]
