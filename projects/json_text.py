"""JSON that strangers send, as something that can be stored and sent on."""

from __future__ import annotations

import json
from typing import Any


def read(text: str | bytes) -> Any:
    """ValueError for whatever cannot be read: NaN, Infinity, brackets without end. What is no whole character is a question mark."""
    try:
        data: Any = json.loads(text, parse_constant=_refused)
    except RecursionError:
        raise ValueError("too many brackets in one another") from None
    if (b"\\ud" if isinstance(text, bytes) else "\\ud") in text.lower():  # type: ignore[operator]
        # half a pair of surrogates fits into no database and no UTF-8
        data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    return data


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")
