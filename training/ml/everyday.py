"""A hundred sentences about everything, in the language of a data set: what is said to a bot that it is not made for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("everyday.json")
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

MIXED = 0.1


def is_wide(texts: Sequence[str]) -> bool:
    """Whether most letters are Chinese, Japanese or Korean."""
    sample = "".join(text[:200] for text in texts[:500])
    return len(WIDE.findall(sample)) > 0.3 * max(1, len(sample))


def in_each_script(texts: Sequence[str]) -> list[str]:
    """The sentences in both, where a tenth of TEXTS or more is written otherwise than most are."""
    wide = sum(bool(WIDE.search(text)) for text in texts) / max(len(texts), 1)
    found = _sentences()
    return [*found["en"], *found["zh"]] if MIXED <= wide <= 1 - MIXED else everyday(texts)


def everyday(texts: Sequence[str]) -> list[str]:
    """The sentences in the language of TEXTS, as far as it is known."""
    return _sentences()["zh" if is_wide(texts) else "en"]


@cache
def _sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
