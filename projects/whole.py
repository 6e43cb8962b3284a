"""Whole numbers as strangers send them: of any length, in any script, or none at all."""

from __future__ import annotations

LARGEST = 2**63 - 1
"""What fits into a column of whole numbers."""


def whole(text: object) -> int:
    """The number, 0 where it is none or is larger than any key. Signs such as ² and ① are digits, and still no numbers."""
    given = str(text or "")[:40].strip()
    value = int(given) if given.isdecimal() else 0
    return value if value <= LARGEST else 0
