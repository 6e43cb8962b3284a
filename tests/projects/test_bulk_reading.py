"""Text tables are read many lines at a time, and come out as if they were read one by one."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace

import pytest

from projects import reading, rows
from projects.formats import Limits, Reading, Refusal, delimited
from projects.source import Source
from tests.projects import line_by_line

PIECES = [
    "word", "two words", "007", "1,5", "-3.20", '"', '""', '"open', 'a "said" b', '"closed"', '"a ""quoted"" one"', '"two\nlines"',
    '"four\nlines\nin\nit"', '"crlf\r\ninside"', "\r", "\0", "ünï", "中文字", "\u2028", "\x0b", "\x85", "’", "=1+1", " lead", "trail ", "''",
    "\\", '\\"', "a\\,b", "::", "#|#", "", "", " ", "\t", '"a,b;c\td"', "🙂", "\ufeff", "x" * 300, '"' + "long\n" * 30 + '"', "N/A", "'it'",
]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]
MARKS = [",", ",", ";", "\t", "|", "::", "#|#", ""]
CODES = [
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "cp1252",
    "gb18030",
    "utf-16-le",
    "utf-16-be",
    "cp932",
    "big5hkscs",
    "utf-32-le",
]
BAD = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x81\x20", b"\x00"]


def a_nasty_file(seed: int) -> tuple[bytes, Reading, Limits]:
    """A table of odd pieces, with a way to read it that may or may not fit."""
    chance = random.Random(seed)
    end, mark, code, width = chance.choice(ENDS), chance.choice(MARKS), chance.choice(CODES), chance.randrange(1, 5)
    tame = chance.random() < 0.3
    lines = ["sep=," if chance.random() < 0.05 else (mark or ",").join(f"name {n}" for n in range(width))]
    for _ in range(chance.choice([3, 40, 400, 6_000])):
        ragged = chance.choice([-1, 1, 2]) if chance.random() < 0.03 else 0
        pieces = PIECES[:5] if tame or chance.random() < 0.8 else PIECES
        lines.append((mark or ",").join(chance.choice(pieces) for _ in range(max(0, width + ragged))))
        if chance.random() < 0.01:
            lines.append("")
    text = end.join(lines) + (end if chance.random() < 0.7 else "")
    data = text.encode(code, "replace")
    if chance.random() < 0.3:
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            data = data[:at] + chance.choice(BAD) + data[at:]
    how = Reading(format="csv", encoding=code.removesuffix("-sig"), delimiter=mark)
    how.quote = chance.choice(['"', '"', '"', '"', "'", ""])
    how.escape = chance.choice(["", "", "", "", "\\"])
    how.skip_spaces = chance.random() < 0.1
    how.rest_is_text = chance.random() < 0.1
    how.header_row = chance.choice([0, 1, 1, 1, 3])
    how.columns = [reading.Column(f"name {n}", f"name {n}") for n in range(width)]
    limits = Limits(cell=chance.choice([200_000, 200_000, 50]), line=chance.choice([16_000_000, 16_000_000, 250]))
    return data, how, limits


def outcome(read, path, how, limits):
    """All that a reader says about a file, its refusal too."""
    mine = Reading.from_json(how.to_json())
    try:
        found = read(Source(path, path.name, limits), mine)
        return [tuple(row) for row in found], mine.to_json()
    except Refusal as refusal:
        return refusal.code, refusal.facts


@pytest.mark.parametrize("part", range(4))
@pytest.mark.slow
def test_it_reads_nasty_files_as_if_line_by_line(tmp_path, part):
    path = tmp_path / "x.csv"
    for seed in range(part * 50, part * 50 + 50):
        data, how, limits = a_nasty_file(seed)
        path.write_bytes(data)
        told, wanted = (outcome(read, path, how, limits) for read in (delimited.rows, line_by_line.rows))
        assert told == wanted, f"seed {seed}: {how}"


@pytest.mark.parametrize("part", range(2))
def test_it_stores_nasty_files_as_if_row_by_row(tmp_path, part):
    for seed in range(1_000 + part * 20, 1_000 + part * 20 + 20):
        data, how, limits = a_nasty_file(seed)
        packed = seed % 5 == 0
        path = tmp_path / ("x.csv.gz" if packed else "x.csv")
        path.write_bytes(gzip.compress(data) if packed else data)
        how.packed, how.member = ("gzip", "x.csv") if packed else ("", "")
        assert everything(path, how, limits, quick=True) == everything(path, how, limits, quick=False), f"seed {seed}"


def everything(path, how, limits, quick):
    """What stands in rows.sqlite3, and what was counted."""
    mine = Reading.from_json(how.to_json())
    out = path.parent / f"{quick}.sqlite3"
    out.unlink(missing_ok=True)
    limits = replace(limits, rows=5_000)
    with rows.opened(out, write=True) as db:
        writer = rows.Writer(db)
        try:
            if quick:
                store = reading.Store(writer, mine, limits)
                source = Source(path, path.name, limits)
                source = source.inside(mine.packed, mine.member, mine.member) if mine.packed else source
                reading._store(delimited.FORMAT, source, store, lambda share, count: None)
            else:
                store = line_by_line.stored(path, mine, limits, writer)
        except Refusal as refusal:
            return refusal.code, refusal.facts
        found = db.execute("SELECT * FROM rows ORDER BY n").fetchall()
        return found, store.total, store.problems, store.first, store.sample, mine.to_json()


def test_it_keeps_numbers_as_they_are_written(tmp_path):
    path, out = tmp_path / "x.csv", tmp_path / "r.sqlite3"
    path.write_text("code,answer\n" + "007,1e5\n0012.50,true\n,NULL\n" * 2_000)
    how = reading.detect(path, path.name)
    reading.load_rows(path, path.name, how, out, lambda share, count: None)
    assert [cells for _n, _line, cells, _problem in rows.page(out, 3_000, 3)] == [
        ["007", "1e5"], ["0012.50", "true"], ["", "NULL"],
    ]  # fmt: skip


def test_it_finds_rows_again_where_a_quote_was_left_open_in_a_long_file(tmp_path):
    path, out = tmp_path / "x.csv", tmp_path / "r.sqlite3"
    lines = [f"question {n},answer {n}" for n in range(30_000)]
    lines[17_000] = '"question 17000,answer 17000'
    path.write_text("question,answer\n" + "\n".join(lines) + "\n")
    how = reading.detect(path, path.name)
    result = reading.load_rows(path, path.name, how, out, lambda share, count: None)
    assert result.rows == 30_000
    assert rows.page(out, 17_001, 1) == [(17_002, 17_003, ["question 17001", "answer 17001"], "")]
