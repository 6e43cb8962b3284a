"""Templates are read by people: a line holds one element."""

from __future__ import annotations

import pytest

from tests.live import ROOT

LONGEST = 120
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(ROOT / "templates")) for path in TEMPLATES])
def test_it_holds_one_element_in_a_line(path):
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    assert not {number: line.strip() for number, line in lines if len(line) > LONGEST}
