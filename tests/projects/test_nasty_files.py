"""Every file of the nasty set is read as its manifest says, or refused in one helpful sentence."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass, field

import pytest

from projects import guarded, headers, reading, refusals, rows
from projects.errors import UserError
from projects.formats import Limits
from tests.data import shared_data


@dataclass
class Read:
    """What is found out about a file that is read."""

    rows: int
    columns: int
    header: int = 1
    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    problems: dict[str, tuple[int, int]] = field(default_factory=dict)  # code → rows, first line
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass
class Refused:
    """The code of the sentence with which a file is refused, when it is looked at or when its rows are loaded."""

    code: str


def book(count, columns, header=1, **more):
    return Read(count, columns, header, format="spreadsheet", encoding="", delimiter="", **more)


def records(count, columns, form="jsonl", **more):
    return Read(count, columns, 0, format=form, encoding="" if form == "parquet" else "utf-8", delimiter="", **more)


EXPECTED: dict[str, Read | Refused] = {
    "archives/dummy.csv.gz": Read(1, 3),
    "archives/gzip_bomb_small.csv.gz": Refused("bomb"),
    "archives/simple.zip": Read(6, 3),
    "archives/xlsx_entity_expansion.xlsx": Refused("broken_workbook"),
    "archives/zip_2000_files.zip": Refused("too_many_members"),
    "archives/zip_bomb_small.zip": Refused("bomb"),
    "archives/zip_nested.zip": Refused("nested_archive"),
    "archives/zip_slip.zip": Refused("climbing_path"),
    "binary/phrasebank.parquet": records(1000, 2, "parquet"),
    "csv_spectrum/comma_in_quotes.csv": Read(1, 5),
    "csv_spectrum/empty.csv": Read(2, 3),
    "csv_spectrum/escaped_quotes.csv": Read(2, 2),
    "csv_spectrum/location_coordinates.csv": Read(1, 4),
    "csv_spectrum/newlines.csv": Read(3, 3),
    "csv_spectrum/simple.csv": Read(1, 3),
    "csv_spectrum/simple_crlf.csv": Read(1, 3),
    "csv_spectrum/utf8.csv": Read(2, 3),
    "delimiters/example.tsv": Read(140, 17, delimiter="\t"),
    "delimiters/semicolon_decimal_comma_cp1252.csv": Read(
        3000, 8, encoding="cp1252", delimiter=";", notes=("decimal_comma", "day_first", "encoding_guessed")
    ),
    "delimiters/sep_line.csv": Read(200, 8, delimiter=";", notes=("sep_line", "decimal_comma")),
    "delimiters/simple.psv": Read(28, 6, delimiter="|"),
    "delimiters/simple.ssv": Read(6, 3, delimiter=";"),
    "delimiters/tab_in_csv_extension.csv": Read(500, 8, delimiter="\t"),
    "delimiters/text_with_many_commas_unquoted.csv": Read(
        300, 2, problems={"too_many_cells": (185, 2)}, warnings=("ragged", "rest_is_text")
    ),
    "encodings/big5_tourism.csv": Read(382, 18, encoding="big5hkscs"),
    "encodings/cp1252_budget_spanish.csv": Read(115, 8, encoding="cp1252", problems={"note_row": (1, 117)}),
    "encodings/excel_unicode_text.txt": Read(600, 4, encoding="utf-16-le", delimiter="\t"),
    "encodings/gbk_reviews.csv": Read(2000, 2, encoding="gb18030"),
    "encodings/mixed_utf8_and_gbk.csv": Refused("mixed_encodings"),
    "encodings/test_utf16_big.csv": Read(2, 3, encoding="utf-16-be"),
    "encodings/unicode_corner_cases.csv": Read(7, 2),
    "encodings/utf16le_bom_organisations.csv": Read(327, 19, encoding="utf-16-le"),
    "encodings/utf16le_no_bom.csv": Read(300, 2, encoding="utf-16-le", notes=("encoding_guessed",)),
    "encodings/utf8_two_bad_bytes.csv": Read(500, 4, problems={"bad_bytes": (2, 39)}, warnings=("bad_bytes",)),
    "encodings/utf8bom.csv": Refused("no_rows"),
    "html/report_is_html.xls": Read(200, 6, header=0, format="html", delimiter="", warnings=("several_tables",)),
    "html/rowcolspan.html": Read(10, 5, header=0, format="html", delimiter=""),
    "injection/=cmd file name & <b>.csv": Read(20, 4),
    "injection/formula_and_script_cells.csv": Read(12, 4),
    "json/array_instead_of_lines.json": records(50, 7, "json"),
    "json/deep_nesting.json": Refused("too_deep"),
    "json/mixed_types.jsonl": records(
        30,
        2,
        problems={"odd_type": (1, 6), "not_an_object": (2, 10), "not_json_number": (1, 16), "key_twice": (1, 21)},
    ),
    "json/nested_chat.jsonl": records(60, 4, notes=("conversations",)),
    "json/real_broken_lines.jsonl": records(200, 7, problems={"not_json": (40, 2)}),
    "labels/contradicting_duplicates.csv": Read(600, 2),
    "labels/extreme_imbalance.csv": Read(1000, 4),
    "labels/half_empty_text.csv": Read(400, 4),
    "labels/label_is_an_id.csv": Read(600, 3),
    "labels/messy_labels.csv": Read(900, 4),
    "labels/one_class_only.csv": Read(400, 4),
    "labels/three_rows.csv": Read(3, 4, warnings=("few_rows",)),
    "layout/1200_columns.csv": Read(5, 1200, notes=("many_columns",)),
    "layout/acs2012_5yr_population.csv": Read(93, 4),
    "layout/begrotingsanalyse-2011.csv": Read(39, 20, header=4, notes=("title_rows",)),
    "layout/blanks.csv": Read(1, 6, notes=("missing_words",)),
    "layout/complex.csv": Read(3, 4),
    "layout/duplicate_and_empty_headers.csv": Read(300, 4, notes=("headers_alike",)),
    "layout/excel_pasting.csv": Read(
        16, 9, header=4, problems={"note_row": (2, 23), "total_row": (1, 21)}, notes=("title_rows", "empty_rows")
    ),
    "layout/mac_newlines.csv": Read(2, 3),
    "layout/mixedGLB.csv": Read(133, 19, header=4),
    "layout/null.csv": Read(10, 4, header=0, notes=("no_header", "missing_words")),
    "layout/one_million_character_cell.csv.gz": Read(2, 2, problems={"cut_cell": (1, 2)}),
    "layout/quoted_newlines.csv": Read(150, 4),
    "layout/test_header_newline.csv": Read(1, 3),
    "layout/test_locale.csv": Read(1, 3, notes=("decimal_comma",)),
    "malformed/bad.csv": Read(3, 3, problems={"too_many_cells": (1, 2), "too_few_cells": (1, 3)}, warnings=("ragged",)),
    "malformed/csv_renamed.xlsx": Read(50, 4),
    "malformed/empty.csv": Refused("empty_file"),
    "malformed/empty.unknown": Refused("empty_file"),
    "malformed/null_byte.csv": Read(1, 3, notes=("nul_characters",)),
    "malformed/picture.csv": Refused("picture"),
    "malformed/small.csv": Refused("too_little"),
    "malformed/truncated.parquet": Refused("cut_off"),
    "malformed/truncated.xlsx": Refused("cut_off"),
    "malformed/xlsx_renamed.csv": book(251, 7, 4, problems={"total_row": (1, 256)}, warnings=("several_sheets",)),
    # Two tables below each other, with the same header.
    "open_data/20170320-ePC_Data-Travel-Stationery.csv": Read(
        11, 2, header=3, problems={"total_row": (1, 17)}, notes=("header_again",)
    ),
    "open_data/Auto_Tone_sub315_day1.csv": Read(280, 8, header=0),
    "open_data/HMRC_spending_over_25000_for_September_2018.csv": Read(406, 14, notes=("day_first",)),
    "open_data/Kokad_pollen.csv": Read(69, 211, delimiter=";"),
    "open_data/Note_4_Staff_costs_-_Average_number_of_persons_employed_13-14.csv": Read(
        15, 8, header=4, problems={"total_row": (1, 20)}
    ),
    "open_data/PLA_6_Talc-1hz.csv": Read(365, 5, header=24),
    "open_data/Wine_Cellar_Consumption_dataset_14-15.csv": Read(223, 4),
    "open_data/download_10_.csv": Read(129, 4, header=3),
    "open_data/epcs-dwp-cmg-spend-july-2017.csv": Read(5, 7, header=5),
    "open_data/erionite.csv": Read(18, 4, delimiter=";"),
    "open_data/locations-1998.csv": Refused("empty_file"),
    "open_data/public-toilet-borough-grid.csv": Read(34, 18, problems={"total_row": (1, 35)}),
    "spreadsheets/bad_dimensions.xlsx": book(3, 3),
    "spreadsheets/large.xlsx": book(
        17, 11, 4, problems={"note_row": (1, 21), "total_row": (1, 20)}, warnings=("hidden_sheets", "tables_on_sheet")
    ),  # percentages below
    "spreadsheets/libreoffice.xlsx": Refused("no_data"),
    "spreadsheets/mixed_dates_types_formulas.xlsx": book(60, 5, warnings=("odd_cells",)),
    "spreadsheets/ne_1033_data.xlsx": book(1036, 14),
    "spreadsheets/ragged.xlsx": book(1, 2),
    "spreadsheets/sales_report_merged_multisheet.xlsx": book(
        251, 7, 4, problems={"total_row": (1, 256)}, warnings=("several_sheets", "hidden_sheets")
    ),
    "spreadsheets/sheets.xlsx": book(5, 8, warnings=("several_sheets",)),
    "spreadsheets/simple.xls": book(6, 3),
    "spreadsheets/simple.xlsx": book(6, 3),
    "spreadsheets/span_rich.xls": book(5, 4),
    "spreadsheets/test_skip_lines.xlsx": book(5, 8, 4),
}
HOSTILE = [
    name
    for name in EXPECTED
    if name.startswith(("archives/", "malformed/")) or "deep" in name or "parquet" in name or "million" in name
]


@pytest.fixture
def nasty():
    return shared_data("nasty_files")


def load(path, out, overrides=None):
    found = reading.detect(path, path.name, overrides)
    return reading.load_rows(path, path.name, found, out, lambda share, count: None)


def cells(out):
    return [row[2] for row in rows.page(out, limit=10_000)]


def check(result, expected):
    found = result.reading
    assert (found.format, found.encoding, found.delimiter) == (expected.format, expected.encoding, expected.delimiter)
    assert (found.header_row, len(found.columns), result.rows) == (expected.header, expected.columns, expected.rows)
    assert {code: (many, result.first[code]) for code, many in result.problems.items()} == expected.problems
    assert set(expected.notes) <= {note.code for note in found.notes}
    assert set(expected.warnings) <= {warning.code for warning in found.warnings}
    assert len({name.casefold() for name in found.names}) == len(found.columns)


def helpful(error):
    """One sentence that says what is wrong and what to do, and nothing of the inside."""
    return error.what and error.todo and "Traceback" not in str(error) and "/" not in str(error.todo)


def test_it_covers_the_manifest(nasty):
    with (nasty / "MANIFEST.csv").open(encoding="utf-8") as file:
        assert {row["file"] for row in csv.DictReader(file)} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_it_reads_or_refuses(nasty, name, tmp_path):
    expected = EXPECTED[name]
    if isinstance(expected, Refused):
        with pytest.raises(refusals.ReadingError) as caught:
            load(nasty / name, tmp_path / "rows.sqlite3")
        assert caught.value.code == expected.code
        assert helpful(caught.value)
        assert not (tmp_path / "rows.sqlite3").exists()
    else:
        check(load(nasty / name, tmp_path / "rows.sqlite3"), expected)


def peaks(caplog) -> list[int]:
    """kB that each child said it needed at most. The system's own figure counts what its parent held before it."""
    found = [int(record.args[0]) for record in caplog.records if "kB" in record.msg]
    assert found
    assert min(found) > 1_000
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_it_reads_the_hostile_ones_in_a_child(nasty, name, tmp_path, caplog):
    caplog.set_level("INFO", "projects.reading")
    path, out = nasty / name, tmp_path / "rows.sqlite3"
    try:
        found = reading.detect_guarded(path, path.name)
        result = reading.load_guarded(path, path.name, found, out, lambda share, count: None)
    except refusals.ReadingError as error:
        code = error.code
    else:
        code = ""
        check(result, EXPECTED[name])
    assert code == getattr(EXPECTED[name], "code", "")
    assert max(peaks(caplog)) < 300_000
    assert {file.name for file in tmp_path.iterdir()} <= {"rows.sqlite3"}


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("csv_spectrum/")])
def test_it_reads_exact_cells(nasty, name, tmp_path):
    result = load(nasty / name, tmp_path / "rows.sqlite3")
    expected = json.loads((nasty / name.replace(".csv", ".expected.json")).read_text(encoding="utf-8"))
    found = [dict(zip(result.reading.names, row, strict=True)) for row in cells(tmp_path / "rows.sqlite3")]
    if "location" in name:  # its makers changed the phone number in one of the two files
        expected = (
            [{**expected[0], "Contact Phone Number": "2095257564"}]
            if isinstance(expected, list)
            else [{**expected, "Contact Phone Number": "2095257564"}]
        )
    assert found == expected


def clean(nasty, name):
    with (nasty / "open_data/clean" / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file) if headers.full(row)]


@pytest.mark.parametrize(
    "name",
    [
        "HMRC_spending_over_25000_for_September_2018.csv",
        "Wine_Cellar_Consumption_dataset_14-15.csv",
        "download_10_.csv",
        "epcs-dwp-cmg-spend-july-2017.csv",
        "erionite.csv",
        "Kokad_pollen.csv",
        "PLA_6_Talc-1hz.csv",
        "public-toilet-borough-grid.csv",
    ],
)
def test_it_finds_the_rows_of_open_data(nasty, name, tmp_path):
    load(nasty / "open_data" / name, tmp_path / "rows.sqlite3")
    found = [[(cell or "").strip() for cell in row] for row in cells(tmp_path / "rows.sqlite3")]
    truth = [[cell.strip() for cell in row] for row in clean(nasty, name)[1:]]
    assert [row[0] for row in found] == [row[0] for row in truth]
    assert len(found) == len(truth)


def test_it_takes_the_rest_of_the_line_as_text(nasty, tmp_path):
    path = nasty / "delimiters/text_with_many_commas_unquoted.csv"
    assert reading.detect(path, path.name).offers == ["rest_is_text"]
    result = load(path, tmp_path / "rows.sqlite3", {"rest_is_text": True})
    assert result.problems == {}
    assert cells(tmp_path / "rows.sqlite3")[0][1].endswith("although that is where the company is growing .")


def test_it_reads_chinese_without_asking(nasty, tmp_path):
    for name, word in (("gbk_reviews", "味道"), ("utf16le_no_bom", "味道"), ("big5_tourism", "臺")):
        result = load(nasty / f"encodings/{name}.csv", tmp_path / f"{name}.sqlite3")
        assert any(word in (cell or "") for row in cells(tmp_path / f"{name}.sqlite3") for cell in row)
        assert result.reading.language == "zh"


def test_it_keeps_numbers_dates_and_codes(nasty, tmp_path):
    found = reading.detect(nasty / "delimiters/semicolon_decimal_comma_cp1252.csv", "x.csv")
    price = next(column for column in found.columns if column.name.startswith("Preis"))
    when = next(column for column in found.columns if column.name == "InvoiceDate")
    assert (price.kind, price.decimal, when.kind, when.date_order) == ("number", ",", "date", "dmy")
    load(nasty / "spreadsheets/mixed_dates_types_formulas.xlsx", tmp_path / "rows.sqlite3")
    first, last = cells(tmp_path / "rows.sqlite3")[0], cells(tmp_path / "rows.sqlite3")[-1]
    assert (first[0], first[3], last[4]) == ("2024-02-02", "00000001", None)


def test_it_reads_another_sheet_when_asked(nasty, tmp_path):
    path = nasty / "spreadsheets/large.xlsx"
    result = load(path, tmp_path / "rows.sqlite3", {"sheet": "data"})
    assert [sheet.hidden for sheet in result.reading.sheets] == [False, True, True]
    assert (result.reading.header_row, result.rows) == (3, 8544)


def test_it_takes_another_header_row_when_asked(nasty, tmp_path):
    path = nasty / "layout/begrotingsanalyse-2011.csv"
    found = reading.detect(path, path.name, {"header_row": 6})
    assert found.names[2] == "Groningen"
    assert len(found.above) == 10


def test_it_says_where_the_encoding_changes(nasty):
    path = nasty / "encodings/mixed_utf8_and_gbk.csv"
    with pytest.raises(UserError, match="from line 202 on"):
        reading.detect(path, path.name)


def test_it_takes_a_chat_apart(nasty, tmp_path):
    path = nasty / "json/nested_chat.jsonl"
    result = load(path, tmp_path / "rows.sqlite3")
    assert result.reading.names == ["question", "answer", "meta.intent", "meta.tags"]
    assert cells(tmp_path / "rows.sqlite3")[0][0] == "I want help seeing your payment methods"


def test_it_stops_a_reader_that_needs_too_much_memory(nasty, tmp_path):
    path = nasty / "archives/simple.zip"
    with pytest.raises(refusals.ReadingError) as caught:
        reading.detect_guarded(path, path.name, limits=Limits(memory=20_000_000))
    assert caught.value.code in ("out_of_memory", "reader_died")


def test_it_stops_a_reader_that_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(guarded, "SLOWEST", 10**9)  # no further time for its size
    path = tmp_path / "long.csv"
    path.write_text("question,answer\n" + "How do I cancel?,You write to us.\n" * 2_500_000)  # five seconds and more
    found = reading.detect(path, path.name)
    limits = Limits(seconds=1)
    with pytest.raises(refusals.ReadingError) as caught:
        reading.load_guarded(path, path.name, found, tmp_path / "rows.sqlite3", lambda *_: None, limits)
    assert caught.value.code == "too_slow"


def test_it_stops_the_child_when_the_work_is_cancelled(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("question,answer\n" + "How do I cancel?,You write to us.\n" * 50_000)
    found = reading.detect(path, path.name)

    def cancel(share, count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reading.load_guarded(path, path.name, found, tmp_path / "rows.sqlite3", cancel)


def damaged(data, chance):
    """The bytes with a few of them changed, cut out or put in."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 3, 20])):
        place = chance.randrange(len(data) + 1)
        what = chance.randrange(3)
        if what == 0:
            data[place : place + chance.randrange(50)] = b""
        elif what == 1:
            data[place : place + 1] = chance.randbytes(1)
        else:
            data[place:place] = chance.choice([b'"', b"\n", b"\r", b"\0", b",", b"{", b"]", b"\\", b"\xff"]) * 3
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_it_survives_damage(nasty, seed, tmp_path):
    chance = random.Random(seed)
    small = [name for name in EXPECTED if 0 < (nasty / name).stat().st_size < 30_000]
    for name in small:
        path = tmp_path / "damaged"
        path.write_bytes(damaged((nasty / name).read_bytes(), chance))
        try:
            found = reading.detect(path, name)
            reading.load_rows(path, name, found, tmp_path / "rows.sqlite3", lambda share, count: None)
        except UserError:
            continue


@pytest.mark.slow
def test_it_reads_200_mb_in_little_memory(tmp_path, caplog):
    caplog.set_level("INFO", "projects.reading")
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("question,answer\n")
        for number in range(1_500_000):
            file.write(f'"How do I cancel order {number}, please?","You can cancel order {number} on the orders page, '
                       f'in the menu behind its number. Question {number * 7}"\n')  # fmt: skip
    assert path.stat().st_size > 200_000_000
    found = reading.detect_guarded(path, path.name)
    result = reading.load_guarded(path, path.name, found, tmp_path / "rows.sqlite3", lambda share, count: None)
    assert result.rows == 1_500_000
    assert max(peaks(caplog)) < 300_000
