"""Everything that is written into the record can be read as a sentence."""

from __future__ import annotations

import re
from pathlib import Path

from studio.deeds import WORDS

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"""(?:(?:AuditEvent\.record|\bAct)\([^"']*?f?|\baction=)"([a-z_]+\.[a-z_{}.]+)\"""", re.S)


def test_it_has_words_for_every_deed():
    found = {
        code
        for package in ("projects", "training", "endpoints", "studio")
        for path in (ROOT / package).rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 15
    missing = {code for code in found if "{" not in code} - set(WORDS)
    assert not missing, f"studio/deeds.py has no words for {sorted(missing)}"
