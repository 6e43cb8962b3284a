"""Every table that leaves the studio: nothing in it is run, and numbers stay numbers."""

from __future__ import annotations

import ast
import csv
import io
import re
import time
from pathlib import Path

import pytest

from projects.cells import Table, harmless

ROOT = Path(__file__).resolve().parents[2]
FORMULAS = [
    "=1+1", "@x", "\t=1", "\r=1", " =1", "＝1+1", "＋1+1", "－1+cmd", "＠SUM(A1)", "\ufeff=1", "\n=1", "\u3000=1", "\u200b=1",
    "=HYPERLINK(\"https://evil.example\",\"x\")", "-1+cmd|'/C calc'!A0", "+1+1", "-(1)", "\v=1", "\x00=1", "--5",
    "\u2003=1", "\u202f+1+1", "\x85@x", "\x1f=1", "\u2060=1", "\u202e=1", " \u00ad\ufeff =1", "﹦1", "﹢1+1", "﹣1+f(1)", "﹫SUM(A1)",
]  # fmt: skip
CUT = [
    "hello;=1+1;x", "a\t=1", "a;  @x", "a;\n=1", "a\n=cmd|'/C calc'!A0", "a\r\n @x", "a\n-cmd|'/C calc'!A0", "a\n+f(1)",
    "a;＝1", "a;﹦1", "a\t﹫x", "a\t \t \t=1", "\";=1;\"",
]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_text(cell):
    assert harmless(cell).startswith("'")


@pytest.mark.parametrize("cell", CUT)
def test_a_formula_behind_a_place_where_programs_cut_is_text(cell):
    found = harmless(cell)
    assert not re.search(r"[;\t\r\n]\s*[=+@＝＋＠﹦﹢﹫]", found)
    assert not re.search(r"[;\t\r\n]\s*-\S*[(|]", found)
    assert found.replace("'", "") == cell.replace("'", "")


@pytest.mark.parametrize(
    "cell", ["-5", "+3.5", "-1,299.00", "-12%", "7", "plain", "a - b", "Steps:\n- one\n- two", "a=b", ""]
)
def test_what_is_no_formula_stays_as_it_is(cell):
    assert harmless(cell) == cell


def test_numbers_and_nothing_stay_what_they_are():
    out = io.StringIO()
    Table(out).add([None, -5, -0.5, "-5"])
    assert next(csv.reader(io.StringIO(out.getvalue()))) == ["", "-5", "-0.5", "-5"]


@pytest.mark.parametrize("piece", ["\t", " ", ";", "\n-", "\n- (", "=", "1,", "-"])
def test_a_hostile_cell_takes_no_time(piece):
    began = time.process_time()
    harmless(piece * 50_000)
    assert time.process_time() - began < 1


def test_no_table_is_written_elsewhere():
    """A new export that calls csv itself would be a door without a guard."""
    writing = {
        str(path.relative_to(ROOT))
        for package in ("studio", "projects", "training", "endpoints")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"writer", "DictWriter"}
        and ast.unparse(node.value) == "csv"
    }
    assert writing == {"projects/cells.py"}
