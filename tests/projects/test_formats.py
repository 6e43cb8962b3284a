"""Each format is found by listing its folder, and recognises its files by content."""

from __future__ import annotations

import gzip
import json
import zipfile

import pytest

from projects import reading, rows
from projects.formats import Limits, Reading, formats

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
    assert set(found) == {"csv", "spreadsheet", "jsonl", "json", "parquet", "zip", "gzip"}
    for one in found.values():
        assert str(one.title)
        assert one.extensions
        assert one.members or (one.inspect and one.rows)


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
        (b"<!DOCTYPE html><table>", "web_page"), (b"\x00\x01\x02" * 900, "unknown_format"), (b"{\\rtf1 x", "document"),
    ):  # fmt: skip
        path = tmp_path / "x.csv"
        path.write_bytes(data)
        with pytest.raises(reading.ReadingError) as caught:
            reading.detect(path, "x.csv")
        assert caught.value.code == code


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

    with pytest.raises(reading.ReadingError) as caught:
        read()
    assert caught.value.code == code


def test_a_quote_that_is_never_closed_does_not_swallow_the_file_silently(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('question,answer\nhow,"so\n' + "why,because\n" * 1_000)
    result = reading.load_rows(path, "x.csv", reading.detect(path, "x.csv"), tmp_path / "r.sqlite3", lambda *_: None)
    assert result.problems == {"open_quote": 1}
    assert result.first == {"open_quote": 2}


def test_a_reading_survives_json(tmp_path):
    found, _cells = table(tmp_path, "x.csv", csv_text())
    assert Reading.from_json(json.loads(json.dumps(found.to_json()))) == found
